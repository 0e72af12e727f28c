"""Standard streams: pointed at a file, and what C has buffered for them."""

from __future__ import annotations

import ctypes
import os
import sys

from . import open_append

_flush = (ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)).fflush
_flush.argtypes = (ctypes.c_void_p,)


def flush_c() -> None:
    """Write what C has buffered for its standard output, and for all else that it writes to."""
    _flush(None)


def redirect_output(path: str) -> None:
    """Point stdout and stderr, of Python and of C, at the end of `path`, and stdin at nothing."""
    point_output(path)
    sys.stdin = open(0, closefd=False)
    sys.stdout = _stream(1)
    sys.stderr = _stream(2)


def point_output(path: str) -> None:
    """The same for descriptors alone: streams that are there stay."""
    fd = open_append(path)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (fd, 1), (fd, 2)):
        os.dup2(source, target)
    for source in (nothing, fd):
        if source > 2:
            os.close(source)


def _stream(fd: int) -> object:
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
