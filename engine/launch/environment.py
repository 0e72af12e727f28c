"""The environment that a host starts in: the person's own, without what belongs to the app."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.job import find_interpreter
from engine.launch.program import own_python

FOREIGN_ONLY = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
"""Variables of the app's own Python that would mislead another one."""
QT = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")


def interpreter(python: str) -> Path:
    """The executable that `python` names: itself, that of a venv or conda folder, or the app's own if empty.

    Links are left as they are: the link is what tells a venv's python where it belongs.
    """
    if not python:
        return own_python()
    return find_interpreter(Path(python)) or Path(python)


def clean(environment: Mapping[str, str], *, foreign: bool) -> dict[str, str]:
    """A copy of `environment` for a host; `foreign` where it runs under another interpreter than the app."""
    dropped = (*QT, *FOREIGN_ONLY) if foreign else QT
    return {name: value for name, value in environment.items() if name not in dropped}


def host_environment(python: Path) -> dict[str, str]:
    """The environment for a host under `python`."""
    return clean(os.environ, foreign=python != own_python())
