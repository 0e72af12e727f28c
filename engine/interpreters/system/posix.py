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
"""Names of interpreters on PATH."""


def registered() -> list[Path]:
    """Interpreters in common places: an app started from a desktop may have a minimal PATH."""
    found = [Path("/usr/bin/python3"), Path("/usr/local/bin/python3"), Path("/opt/homebrew/bin/python3")]
    found += Path("/Library/Frameworks/Python.framework/Versions").glob("3.*/bin/python3")
    return [path for path in found if path.exists()]


def is_stub(_path: Path) -> bool:
    """Whether this is only a stub that offers to install an interpreter."""
    return False


def own_session() -> dict[str, Any]:
    """Arguments of `Popen` for a process that `end` can end together with all that it starts."""
    return {"start_new_session": True}


def passing_on(handle: int) -> dict[str, Any]:
    """Arguments of `Popen` for a process that inherits one end of a pipe, but no signals of the terminal."""
    return {"pass_fds": [handle], "start_new_session": True}


def end(process: subprocess.Popen[Any]) -> None:
    """End a process that was started in its own session, and all that it started."""
    kill(process)
    process.wait()


def kill(process: subprocess.Popen[Any]) -> None:
    """The same, for a process that somebody else waits for."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def without_own_libraries() -> AbstractContextManager[None]:
    """While starting a process, do not pass on the frozen app's library folder."""
    return nullcontext()
