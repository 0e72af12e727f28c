"""What user code leaves set on its process: timers, signals and limits."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from .limits_windows import ProcessState, address_space, die_in
else:
    from .limits_posix import ProcessState, address_space, die_in

__all__ = ["ProcessState", "address_space", "die_in"]
