"""Where the operating systems differ: appending, dying with the parent, limits, ends of processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing import connection, parent_process

HIGH_FD = 300
"""File descriptors of our own stand from here on, out of the way of code that closes low ones."""


def open_append(path: str) -> int:
    """A descriptor whose every write lands whole at the end of the file, whoever else writes."""
    if sys.platform == "win32":
        return _open_append_windows(path)
    return high(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644))


def high(fd: int) -> int:
    """`fd` moved to a high number, where the system can."""
    if sys.platform == "win32":
        return fd
    import fcntl

    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH_FD)
    except OSError:  # the limit on open files is lower
        return fd
    os.close(fd)
    return moved


def out_of_reach(conn: connection.Connection) -> connection.Connection:
    """The same pipe on a high descriptor; `conn` itself is closed."""
    if sys.platform == "win32":
        return conn
    moved = connection.Connection(high(os.dup(conn.fileno())))
    conn.close()
    return moved


def die_with_host() -> None:
    """End this worker as soon as the process that started it is gone, whatever it is doing then."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        _exit_after_host(timeout=0)
    else:
        threading.Thread(target=_exit_after_host, name="poolhouse-lifeline", daemon=True).start()


def _exit_after_host(timeout: float | None = None) -> None:
    host = parent_process()
    if host is not None and connection.wait([host.sentinel], timeout):
        os._exit(1)


def limit_memory(size: int) -> None:
    """Let no allocation take this process beyond `size` bytes of address space, where the system can."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def describe_exit(code: int | None) -> tuple[str, str | None]:
    """An exit code in words, and the name of the signal in it."""
    if code is None:
        return "is gone", None
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"was killed by {name}", name
    if sys.platform == "win32" and code > 0x80000000:
        return f"crashed with Windows error 0x{code:08X}", None
    return f"exited with status {code}", None


def _open_append_windows(path: str) -> int:
    # os.open's O_APPEND seeks and then writes there; only FILE_APPEND_DATA without FILE_WRITE_DATA is atomic.
    import _winapi  # pyright: ignore
    import msvcrt

    append_data, synchronize, share_all, open_always = 0x4, 0x100000, 0x7, 4
    handle = _winapi.CreateFile(  # pyright: ignore
        path, append_data | synchronize, share_all, 0, open_always, 0, 0
    )
    return msvcrt.open_osfhandle(handle, os.O_APPEND)  # pyright: ignore
