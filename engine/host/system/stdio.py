"""The C library's buffers of standard output and of other files."""

from __future__ import annotations

import ctypes
import sys

_flush = (ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)).fflush
_flush.argtypes = (ctypes.c_void_p,)


def flush_c() -> None:
    """Flush them."""
    _flush(None)
