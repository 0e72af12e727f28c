"""The interpreter of a script: its own, else that of the active environment, else the app's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine.interpreters.places import beside
from engine.interpreters.probe import find_interpreter

ENVIRONMENTS = ("VIRTUAL_ENV", "CONDA_PREFIX")
"""The shell's variables for the active environment."""


def interpreter(given: str | None, script: Path) -> str:
    """The interpreter of a script: the given one, its own, the shell's active one, or the app's (empty).

    Raises `FileNotFoundError` if the given one does not exist.
    """
    if given:
        found = find_interpreter(Path(given).absolute()) or find_interpreter(Path(given))
        if found is None and (on_path := _on_path(given)):
            return on_path
        if found is None:
            raise FileNotFoundError(2, "No Python interpreter", given)
        return str(found)
    own = next((str(place.path) for place in beside(script.absolute())), "")
    if own:
        return own
    for name in ENVIRONMENTS:
        folder = os.environ.get(name)
        if folder and (found := find_interpreter(Path(folder))):
            return str(found)
    return ""


def _on_path(name: str) -> str:
    return shutil.which(name) or "" if Path(name).name == name else ""
