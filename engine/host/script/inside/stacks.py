"""The stacks of a process, which it writes to a file whenever the host asks."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import faulthandler
import os
from contextlib import suppress

from .files import open_append

_kept: list[int] = []
"""The file of this process: a descriptor."""


def show_on_request(path: str, number: int) -> None:
    """Write the stacks of this process into a file at each signal of this number."""
    with suppress(OSError):
        fd = open_append(path, 0o600)
        while _kept:  # of the process that this one was forked from
            os.close(_kept.pop())
        _kept.append(fd)
        faulthandler.register(number, file=fd, all_threads=True)
