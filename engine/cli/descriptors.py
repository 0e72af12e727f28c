"""Descriptors 0 to 2 of a command, which always exist. Imports next to nothing."""

from __future__ import annotations

import os
import sys


def open_missing() -> None:
    """Open descriptors 0 to 2 if the shell has closed them (`>&-`), before a pipe of ours gets the number."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest free number: this one
    # Python creates no streams for descriptors that were closed when it started
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
