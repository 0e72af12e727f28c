"""The executable and the environment that a host starts with."""

from __future__ import annotations

import os
from pathlib import Path

from engine.interpreters import cleaned, find_interpreter
from engine.launch.program import own_python


def interpreter(python: str) -> Path:
    """The executable for `python`: itself, that of a venv or conda folder, or the app's own if empty.

    Links are not resolved: the link is what tells a venv's python where it belongs.
    """
    if not python:
        return own_python()
    return find_interpreter(Path(python)) or Path(python)


def host_environment(python: Path) -> dict[str, str]:
    """The environment of a host under `python`."""
    return cleaned(os.environ, foreign=python != own_python())
