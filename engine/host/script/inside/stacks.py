"""Writes the stacks of a worker to a file whenever the host asks."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import faulthandler
import os
from contextlib import suppress

from ... import system
from ..messages import STACK_SIGNAL, STACKS

_kept: list[int] = []
"""The file of this process: a descriptor."""


def show_on_request(slot: str) -> None:
    """Write the stacks of this process into the file that belongs to a slot, at each signal."""
    with suppress(OSError):
        fd = os.open(slot + STACKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        while _kept:  # of the process that this one was forked from
            os.close(_kept.pop())
        _kept.append(system.keep_high(fd))
        faulthandler.register(STACK_SIGNAL, file=_kept[0], all_threads=True)
