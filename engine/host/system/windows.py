"""Windows."""

from __future__ import annotations

import ctypes
import os
import sys

assert sys.platform == "win32"

import _winapi
import msvcrt

from .pipe import Connection

FILE_APPEND_DATA = 0x4
SYNCHRONIZE = 0x100000
FILE_SHARE_ALL = 0x7
OPEN_ALWAYS = 4
PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
LIMITS_MEMORY = False
"""Whether the system enforces a memory limit of a process; otherwise the host must watch it."""
FIRST_NTSTATUS_ERROR = 0x80000000


def open_append(path: str) -> int:
    """A descriptor whose every write lands in one piece at the end of the file, whoever else writes.

    os.open's O_APPEND seeks and then writes; only FILE_APPEND_DATA without FILE_WRITE_DATA is atomic.
    """
    access = FILE_APPEND_DATA | SYNCHRONIZE
    handle = _winapi.CreateFile(path, access, FILE_SHARE_ALL, 0, OPEN_ALWAYS, 0, 0)
    return msvcrt.open_osfhandle(handle, os.O_APPEND)


def cut_out(fd: int, begin: int, end: int) -> bool:  # noqa: ARG001
    """False: there is no such call."""
    return False


def out_of_reach(conn: Connection) -> Connection:
    """The pipe itself: it is a handle, out of reach of code that closes descriptors."""
    return conn


def die_with_parent() -> bool:
    """Have the system kill this process when its parent dies: here, a job object does."""
    return False


def die_with(lifeline: int, host: int) -> bool:  # noqa: ARG001
    """Windows has no such signal."""
    return False


def close_all_but(kept: set[int]) -> None:
    """Windows has no fork."""


def form_group() -> None:
    """Windows has no process groups."""


def end_group(leader: int) -> None:
    """Windows has no process groups."""


def limit_memory(size: int) -> None:
    """A process cannot limit itself here."""


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of <psapi.h>."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaUsages", ctypes.c_size_t * 4),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


def counters_of(process: int | None) -> _Counters | None:
    """The memory counters of a process, given by its handle."""
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    kernel = ctypes.WinDLL("kernel32")
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    said = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
    return counters if said else None


def peak_memory() -> int | None:
    """The memory peak of this process in bytes."""
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    counters = counters_of(kernel.GetCurrentProcess())
    return counters.PeakWorkingSetSize if counters else None


def stops() -> int | None:
    """Windows does not say how often a thread has stopped by itself."""
    return None


def waited_for_core() -> float | None:
    """Seconds during which this thread waited for a core; Windows does not report that."""
    return None


def resident(pid: int) -> int:
    """Bytes of memory that a process has to itself, in use or paged out; 0 if it is gone."""
    try:
        handle = _winapi.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, False, pid)
    except OSError:
        return 0
    counters = counters_of(handle)
    _winapi.CloseHandle(handle)
    return counters.PagefileUsage if counters else 0


def stack_pipe() -> tuple[Connection | None, Connection | None]:
    """Windows has no signal that could make a process show its stack."""
    return None, None


def ignore_stack_requests() -> None:
    """Windows has no signal that could make a process show its stack."""


def show_stack_on_request(end: Connection) -> None:
    """Windows has no signal that could make a process show its stack."""


def leave_signal_to_user() -> None:
    """Windows has no signal that could make a process show its stack."""


def is_open(pipe: Connection) -> bool:  # noqa: ARG001
    """Windows has no signal that could make a process show its stack."""
    return False


def read_stack(pipe: Connection) -> bytes:  # noqa: ARG001
    """Windows has no signal that could make a process show its stack."""
    return b""


def ask_for_stack(pid: int) -> None:
    """Windows has no signal that could make a process show its stack."""


def own_frames(stack: str) -> str:
    """The stack itself: there is none."""
    return stack


def group_of(pid: int) -> int:  # noqa: ARG001
    """Windows has no process groups."""
    return 0


def what_is_short(error: BaseException) -> str:
    """Why no process can be started, in words."""
    return f"no process can be started ({error or type(error).__name__})"


def describe_status(code: int) -> str:
    """The meaning of an exit status of 0 or more; crashes are the system's own error numbers."""
    return (
        f"crashed with error 0x{code:08X}" if code >= FIRST_NTSTATUS_ERROR else f"exited with status {code}"
    )
