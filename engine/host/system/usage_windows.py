"""The resources used by another process: Windows."""

from __future__ import annotations

import ctypes
import sys

assert sys.platform == "win32"

import _winapi

from .windows import PROCESS_QUERY_LIMITED_INFORMATION, counters_of

TICKS = 1e7
"""FILETIME units per second."""


def usage(pid: int) -> tuple[int, float] | None:
    """Bytes of memory that a process occupies, and its processor seconds; None if unknown."""
    try:
        handle = _winapi.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, False, pid)
    except OSError:
        return None
    try:
        counters = counters_of(handle)
        times = [ctypes.c_uint64() for _ in range(4)]  # creation, exit, kernel and user time
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetProcessTimes.argtypes = (ctypes.c_void_p, *[ctypes.c_void_p] * 4)
        said = kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
    finally:
        _winapi.CloseHandle(handle)
    if not said or counters is None:
        return None
    return counters.WorkingSetSize, (times[2].value + times[3].value) / TICKS
