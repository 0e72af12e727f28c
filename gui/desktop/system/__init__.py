"""What each system offers an app with long tasks: staying awake, notifications, an editor.

Each module has `awake()`, `notify(title, text)` and `edit(path)`. `awake` keeps the machine from falling
asleep until the function that it returns is called; it returns None if that is not possible. Functions in
`QUICK` are called in the GUI thread.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from gui.desktop.system import windows as system
elif sys.platform == "darwin":
    from gui.desktop.system import macos as system
else:
    from gui.desktop.system import linux as system

__all__ = ["system"]
