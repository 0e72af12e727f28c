"""Interpreters on Linux and macOS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

assert sys.platform != "win32"

NAMES = r"python3(\.\d+)?t?|python"
"""What an interpreter is called on PATH."""
PLACES = ("bin/python3", "bin/python")
"""Where the interpreter of an environment is, seen from its folder."""


def registered() -> list[Path]:
    """Interpreters where they are commonly installed: an app started from a desktop may have a bare PATH."""
    found = [Path("/usr/bin/python3"), Path("/usr/local/bin/python3"), Path("/opt/homebrew/bin/python3")]
    found += Path("/Library/Frameworks/Python.framework/Versions").glob("3.*/bin/python3")
    return [path for path in found if path.exists()]


def is_stub(_path: Path) -> bool:
    """Is this only a stand-in for an interpreter that can be bought or downloaded?"""
    return False


def own_session() -> dict[str, Any]:
    """How `Popen` starts a process that `end` can end with all that it starts."""
    return {"start_new_session": True}


def passing_on(handle: int) -> dict[str, Any]:
    """How `Popen` starts a process that inherits one end of a pipe, away from the terminal's signals."""
    return {"pass_fds": [handle], "start_new_session": True}


def end(process: subprocess.Popen[Any]) -> None:
    """End a process that was started in its own session, and all that it has started."""
    kill(process)
    process.wait()


def kill(process: subprocess.Popen[Any]) -> None:
    """The same, for a process that somebody else waits for."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def without_own_libraries() -> AbstractContextManager[None]:
    """While a process is started: the folder where the frozen app looks for libraries is not handed on."""
    return nullcontext()
