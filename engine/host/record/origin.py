"""What produced the results: the machine, and the state of the code in git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress

from .. import system
from ..typed import Any

GIT_SECONDS = 10.0
"""Seconds that git may take; nobody waits for it."""
MOST_TOLD = 1 << 16
"""The longest answer that is read, in bytes."""
COMMIT = "# branch.oid "


def machine() -> dict[str, Any]:
    """Facts about the machine and the interpreter."""
    return {
        "cores": _cores(),
        **_system(),
        "implementation": sys.implementation.name,
        "gil": bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
    }


def _system() -> dict[str, str]:
    if sys.platform != "win32":
        told = os.uname()
        return {"system": f"{told.sysname} {told.release}", "processor": told.machine}
    import platform  # takes a while to load

    return {"system": f"{platform.system()} {platform.release()}", "processor": platform.machine()}


def _cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class GitState:
    """Asks git, during the run, for the commit of a folder and whether its files differ from that."""

    def __init__(self, folder: str) -> None:
        self._due = system.clock() + GIT_SECONDS
        self._told = None
        self._process: subprocess.Popen[bytes] | None = None
        git = shutil.which("git") if _is_in_repository(folder) else None
        if git is None:
            return
        status = ["status", "--porcelain=v2", "--branch", "--untracked-files=no"]
        with suppress(OSError):
            self._told = tempfile.TemporaryFile()  # a pipe would have to be read
            self._process = subprocess.Popen(
                [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder, *status],
                stdin=subprocess.DEVNULL,
                stdout=self._told,
                stderr=subprocess.DEVNULL,
            )

    def answer(self) -> dict[str, Any] | None:
        """`commit` and `dirty`, once, as soon as they are known; else None. Does not wait."""
        if self._process is None or self._told is None:
            return None
        if self._process.poll() is None:
            if system.clock() > self._due:
                self._process.kill()
            return None
        self._process = None
        self._told.seek(0)
        lines = self._told.read(MOST_TOLD).decode("utf-8", "replace").splitlines()
        self._told.close()
        commit = next((line[len(COMMIT) :] for line in lines if line.startswith(COMMIT)), "")
        if not commit.isalnum():  # there is no commit yet, or git refused
            return None
        return {"commit": commit, "dirty": any(not line.startswith("#") for line in lines)}

    def end(self) -> None:
        """The run is over."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._told is not None:
            self._told.close()


def _is_in_repository(folder: str) -> bool:
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True
