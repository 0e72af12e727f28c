"""The program of a host: a Python that gets the engine's sources, or the frozen app's second program."""

from __future__ import annotations

import sys
from pathlib import Path

import engine.host
from engine.interpreters import bundle
from engine.script_plan import SCRIPT_ARGUMENT

HOST_ARGUMENT = "--be-the-host"
"""The hidden first argument that makes the frozen program a host; the second is its end of the pipe."""
DEBUG_ARGUMENT = "--debug-a-task"
"""Likewise for one that runs a task under the debugger, as in engine/host/boot.py."""
HOST_NAME = "poolhouse-host"


def _own_host() -> Path | None:
    """The frozen app's host program: the one beside it, or itself if there is only one."""
    if bundle() is None:
        return None
    app = Path(sys.executable)
    host = app.with_name(HOST_NAME + app.suffix)
    return host if host.exists() else app


BUNDLE = bundle()
OWN_HOST = _own_host()
SOURCES = BUNDLE / "sources/engine/host" if BUNDLE else Path(engine.host.__file__).parent
"""The engine's sources, for an interpreter outside the app."""


def own_python() -> Path:
    """The Python for a job without an interpreter of its own."""
    return OWN_HOST or Path(sys.executable)


def debug_command(python: Path) -> list[str]:
    """The command that makes `python` run the task that a file names, to be added, under the debugger."""
    return [*_engine_command(python), DEBUG_ARGUMENT]


def script_command(python: Path) -> list[str]:
    """The command that makes `python` the main process of a script."""
    return [*_engine_command(python), SCRIPT_ARGUMENT]


def _engine_command(python: Path) -> list[str]:
    """The command that makes `python` start the engine; what it becomes is to be added."""
    return [str(python)] if python == OWN_HOST else [str(python), str(SOURCES / "boot.py")]


def host_command(python: Path, bare: bool = False) -> list[str]:
    """The command that makes `python` a host; its end of the pipe is to be added.

    With `bare` it does not look for installed packages: it starts sooner, and runs no code of the user's.
    """
    if python == OWN_HOST:
        return [str(python), HOST_ARGUMENT]
    return [str(python), *(["-S"] if bare else []), str(SOURCES / "boot.py")]
