"""The environment of a process that is not the app: the user's own, without what belongs to the app.

Imports next to nothing: `poolhouse run SCRIPT.py` needs this before all else.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOREIGN = ("PYTHONHOME", "__PYVENV_LAUNCHER__")
"""Variables of the app's own Python that would mislead another one."""
MODULES = "PYTHONPATH"
"""The user's module path, for any Python of theirs."""
OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where this program's packages are."""
MARK = "POOLHOUSE_RUN"
"""In the environment of every process of a run: its folder."""
QT = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
TK = ("TCL_LIBRARY", "TK_LIBRARY")
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
LIBRARIES = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH")
"""Library search paths: a frozen app sets its own, and keeps the original in `..._ORIG`."""
OF_BUNDLE = ("_PYI_", "_MEIPASS")
"""Prefixes of the frozen app's notes to its child processes."""


def own_modules_first() -> None:
    """Have this process find its own modules and Python's, whatever there is in the user's module path."""
    theirs = {os.path.normpath(folder) for folder in _module_folders(os.environ.get(MODULES, ""))} - {OWN}
    later = [folder for folder in sys.path if folder in theirs]
    sys.path[:] = [folder for folder in sys.path if folder not in theirs] + later


def bundle() -> Path | None:
    """The frozen app's folder; None if the app is not frozen."""
    if not getattr(sys, "frozen", False):
        return None
    from pathlib import Path

    return Path(getattr(sys, "_MEIPASS", ""))


def cleaned(environment: Mapping[str, str], *, foreign: bool) -> dict[str, str]:
    """A copy of `environment` for another program; `foreign` if that is not the app's own Python."""
    dropped = {*QT, *(FOREIGN if foreign else ())}
    if _is_locale_coerced(environment):
        dropped.add("LC_CTYPE")
    kept = {name: value for name, value in environment.items() if name not in dropped}
    inside = bundle()
    if MODULES in kept:
        folders = _module_folders(kept.pop(MODULES))
        if foreign:
            folders = [folder for folder in folders if not _is_own(folder, inside)]
        if folders:
            kept[MODULES] = os.pathsep.join(folders)
    return kept if inside is None else _without_bundle(kept, inside)


def _is_locale_coerced(environment: Mapping[str, str]) -> bool:
    """Whether this Python has set LC_CTYPE itself, since it found no locale; so will the next (PEP 538)."""
    is_set = bool(environment.get("LC_ALL") or environment.get("PYTHONUTF8"))
    return bool(sys.flags.utf8_mode) and not is_set and environment.get("LC_CTYPE") in COERCED


def _module_folders(modules: str) -> list[str]:
    """The folders of a module path as absolute paths: a host has another current folder."""
    folders = [folder for folder in modules.split(os.pathsep) if folder]
    try:
        return [os.path.join(os.getcwd(), folder) for folder in folders]
    except FileNotFoundError:  # the current folder was removed
        return [folder for folder in folders if os.path.isabs(folder)]


def _is_own(folder: str, inside: Path | None) -> bool:
    """Whether a folder contains this program's packages."""
    return folder == OWN or (inside is not None and _is_in(folder, inside))


def _is_in(path: str, inside: Path) -> bool:
    from pathlib import Path

    return Path(path).is_relative_to(inside)


def _without_bundle(environment: dict[str, str], inside: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in environment.items()
        if name not in (*LIBRARIES, *TK) and not name.startswith(OF_BUNDLE)
    }
    for name in LIBRARIES:
        original = kept.pop(f"{name}_ORIG", "")
        if original:
            kept[name] = original
    if "PATH" in kept:
        folders = kept["PATH"].split(os.pathsep)
        kept["PATH"] = os.pathsep.join(f for f in folders if not _is_in(f, inside))
    return kept
