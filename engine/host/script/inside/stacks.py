"""The stacks of a process, which it writes to a file whenever the host asks."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import faulthandler
import fcntl
import os
from contextlib import suppress

HIGH = 200
"""The script finds lower descriptors as they are under plain Python."""

_kept: list[int] = []
"""The file of this process: a descriptor."""


def show_on_request(path: str, number: int) -> None:
    """Write the stacks of this process into a file at each signal of this number."""
    with suppress(OSError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        while _kept:  # of the process that this one was forked from
            os.close(_kept.pop())
        with suppress(OSError):  # there may be no such descriptor: a low one will do
            high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
            os.close(fd)
            fd = high
        _kept.append(fd)
        faulthandler.register(number, file=fd, all_threads=True)
