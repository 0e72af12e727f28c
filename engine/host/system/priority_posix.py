"""Gives way to other programs: Linux, macOS and the like."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

assert sys.platform != "win32"

STEP = 10
"""The nice value to add: the process gets a tenth of the time of a normal one that wants the same core."""
AUTOGROUP = "/proc/self/autogroup"
TRIES = 10
"""If another process has just set the priority of a session, Linux refuses. Number of further tries,"""
TRY_SECONDS = 0.1
"""and seconds between them: the kernel allows one such call every tenth of a second, on the whole machine."""


def give_way() -> None:
    """Lower the priority of this process and of those that it starts. If the system refuses, it stays."""
    with suppress(OSError):
        os.nice(STEP)
    if sys.platform == "linux":
        with suppress(OSError):  # the kernel does not group sessions, or /proc cannot be written
            _lower_session()


def _lower_session() -> None:
    """Lower the priority of this run's session.

    Linux first shares the time among sessions, and nice values count only within a session. A run is a
    session of its own. In it the host, which has no nice value, still precedes its workers. If each worker
    had its own session, the run would get a share for each of them.
    """
    for _ in range(TRIES):
        group = _read(AUTOGROUP).split()  # such as /autogroup-28 nice 0; empty if sessions are not grouped
        if not group or int(group[-1]) >= STEP:
            return  # another worker was first
        try:
            _write(AUTOGROUP, str(STEP))
        except BlockingIOError:
            time.sleep(TRY_SECONDS)


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
