"""The executable and the environment that a host starts with."""

from __future__ import annotations

import os
from pathlib import Path

from engine.interpreters import cleaned, find_interpreter
from engine.launch.program import own_python

MARK = "POOLHOUSE_RUN"
"""In the environment of every process of a run: its folder."""


def interpreter(python: str) -> Path:
    """The executable that `python` names: itself, that of a venv or conda folder, or the app's own if empty.

    Links are left as they are: the link is what tells a venv's python where it belongs.
    """
    if not python:
        return own_python()
    return find_interpreter(Path(python)) or Path(python)


def host_environment(python: Path) -> dict[str, str]:
    """The environment for a host under `python`."""
    return cleaned(os.environ, foreign=python != own_python())
