"""The interpreter of an environment's folder, and that of a script.

Imports next to nothing: `poolhouse run SCRIPT.py` needs this before all else.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform == "win32":
    PLACES = ("Scripts/python.exe", "python.exe", "bin/python.exe")
else:
    PLACES = ("bin/python3", "bin/python")
"""The interpreter within an environment's folder."""
OF_PROJECT = (".venv", "venv", "env")
"""Usual names of a project's environment."""
ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
"""The shell's variables for the active environment."""


def python_at(path: str) -> str | None:
    """The python at `path`: the file itself, or the one in a folder of a venv, conda or Python."""
    if os.path.isdir(path):
        inside = (os.path.join(path, name) for name in PLACES)
        return next(filter(os.path.isfile, inside), None)
    return path if os.path.isfile(path) and os.access(path, os.X_OK) else None


def beside(file: str) -> Iterator[str]:
    """Those of environments beside a file or in a folder, and in parents up to the home folder."""
    home = os.path.expanduser("~")
    folder = file if os.path.isdir(file) else os.path.dirname(file)
    while True:
        for project in (os.path.join(folder, name) for name in OF_PROJECT):
            if os.path.isdir(project) and (found := python_at(project)):
                yield found
        above = os.path.dirname(folder)
        if folder in (home, above):
            return
        folder = above


def of_script(given: str | None, script: str) -> str:
    """The interpreter of a script: the given one, its own, the shell's active one, or the app's (empty).

    Raises `FileNotFoundError` if the given one does not exist.
    """
    if given:
        if found := python_at(os.path.join(os.getcwd(), given)) or _on_path(given):
            return found
        raise FileNotFoundError(2, "No Python interpreter", given)
    if own := next(beside(os.path.join(os.getcwd(), script)), ""):
        return own
    active = filter(None, map(os.environ.get, ACTIVE))
    return next(filter(None, map(python_at, active)), "")


def _on_path(name: str) -> str:
    if os.path.basename(name) != name:
        return ""
    import shutil

    return shutil.which(name) or ""
