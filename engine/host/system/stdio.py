"""What C has buffered for its standard output, and for all else that it writes to."""

from __future__ import annotations

import ctypes
import sys

_flush = (ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)).fflush
_flush.argtypes = (ctypes.c_void_p,)


def flush_c() -> None:
    """Write it."""
    _flush(None)
