"""The packages that a worker has loaded, and their versions."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from ..record.text import bounded
from ..typed import Any, cast

MOST = 200
"""The most packages that are reported."""
LOOK_SECONDS = 0.2
"""Seconds for looking up the versions of modules that do not have one themselves, in total."""
LONGEST = 100
"""Longest version that is kept."""
STANDARD: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())
"""Empty before Python 3.10, where the folder decides."""
INSTALLED = ("site-packages", "dist-packages")


def loaded() -> dict[str, str]:
    """The versions of the loaded packages, by import name."""
    found: dict[str, str] = {}
    due = time.monotonic() + LOOK_SECONDS
    for name, module in list(sys.modules.items()):
        if "." in name or name in STANDARD or len(found) == MOST:
            continue
        with suppress(Exception):  # user code can make anything of its modules
            if version := _version(name, module, due):
                found[bounded(name, LONGEST)] = bounded(version, LONGEST)
    return found


def _version(name: str, module: Any, due: float) -> str | None:
    if not _is_installed(module):
        return None
    names = cast("dict[str, Any]", vars(module))
    version = names.get("__version__")
    if type(version) is str:
        return version
    return _looked_up(name) if time.monotonic() < due else None


def _is_installed(module: Any) -> bool:
    names = cast("dict[str, Any]", vars(module))
    file = names.get("__file__")
    return type(file) is str and any(folder in file for folder in INSTALLED)


def _looked_up(name: str) -> str | None:
    from importlib import metadata  # takes longer than the start of a worker

    try:
        return metadata.version(name)
    except Exception:  # installed under another name, or in another way
        return None
