"""The processes that a process has started, held together by a job object: Windows."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable

assert sys.platform == "win32"


EXTENDED_LIMITS = 9
"""JobObjectExtendedLimitInformation of <winnt.h>."""
KILL_ON_JOB_CLOSE = 0x2000
BREAKAWAY_OK = 0x800


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of <winnt.h>."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def adopt_orphans(end: bool = True) -> bool:
    """Put this process, and all that it starts, into a job object that ends with this process.

    The handle stays open on purpose: the system closes it when this process ends, however it does.
    """
    if not end:
        return False
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    limits = _Limits(LimitFlags=KILL_ON_JOB_CLOSE | BREAKAWAY_OK)
    size = ctypes.sizeof(limits)
    if not kernel.SetInformationJobObject(ctypes.c_void_p(job), EXTENDED_LIMITS, ctypes.byref(limits), size):
        return False
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    return bool(kernel.AssignProcessToJobObject(ctypes.c_void_p(job), process))


class Orphans:
    """The job object handles them at the end of this process."""

    busy = False
    """Whether the next check should come soon."""

    def __init__(self, end: bool) -> None: ...

    def end_group(self, group: int) -> None:
        """Windows has no process groups."""

    def look(self, known: Iterable[int], everybody: bool = False) -> int:
        """0: this process has no children that it did not start."""
        return 0


def end_descendants() -> None:
    """The job object does that."""


def raise_file_limit() -> None:
    """Windows has no such limit."""


def set_file_limit(limit: None) -> None:
    """Windows has no such limit."""


def unbiased_seconds() -> float:
    """Seconds since the machine started, without those in which it slept."""
    ticks = ctypes.c_uint64()
    ctypes.WinDLL("kernel32").QueryUnbiasedInterruptTime(ctypes.byref(ticks))
    return ticks.value / 1e7
