"""What each system offers an app whose work takes long: staying awake, and telling when it is done.

Each module has `awake()`, `notify(title, text)` and `edit(path)`. `awake` keeps the machine from falling
asleep until what it returns is called; it gives None if that cannot be had. `QUICK` ones are called in the
GUI thread.
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
