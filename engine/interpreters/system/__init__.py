"""The differences between operating systems: one module each, with the same functions."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from engine.interpreters.system.windows import (
        NAMES,
        end,
        is_stub,
        kill,
        own_session,
        passing_on,
        registered,
        without_own_libraries,
    )
else:
    from engine.interpreters.system.posix import (
        NAMES,
        end,
        is_stub,
        kill,
        own_session,
        passing_on,
        registered,
        without_own_libraries,
    )

__all__ = [
    "NAMES",
    "end",
    "is_stub",
    "kill",
    "own_session",
    "passing_on",
    "registered",
    "without_own_libraries",
]
