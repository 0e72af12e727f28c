"""Giving way to other programs: Linux, macOS and their like."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

assert sys.platform != "win32"

STEP = 10
"""How much nicer a process becomes: it gets a tenth of the time of a normal one that wants the same core."""
AUTOGROUP = "/proc/self/autogroup"
TRIES = 10
"""If another process has just set the priority of a session, Linux refuses. It is tried again this often,"""
TRY_SECONDS = 0.1
"""each time after this long: the kernel allows one such call in a tenth of a second, on the whole machine."""


def give_way() -> None:
    """Lower the priority of this process, and of those that it starts. If the system refuses, it stays."""
    with suppress(OSError):
        os.nice(STEP)
    if sys.platform == "linux":
        with suppress(OSError):  # the kernel has no groups of sessions, or /proc cannot be written
            _lower_session()


def _lower_session() -> None:
    """Lower the priority of the session of this run.

    Linux first shares the time among sessions, and a nice value counts inside of a session only. A run is a
    session by itself. In it the host, which is not nicer, still goes before its workers. If each worker had a
    session of its own, the run would get a share for each of them.
    """
    for _ in range(TRIES):
        group = _read(AUTOGROUP).split()  # such as /autogroup-28 nice 0; nothing if there are no groups
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
