"""Linux, macOS and their like."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

HIGH_FD = 300
"""File descriptors of our own stand from here on, out of the way of code that closes low ones."""
PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""


def open_append(path: str) -> int:
    """A descriptor whose every write lands whole at the end of the file, whoever else writes."""
    return _high(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644))


def out_of_reach(conn: Connection) -> Connection:
    """The same pipe on a high descriptor; `conn` itself is closed."""
    moved = Connection(_high(os.dup(conn.fileno())))
    conn.close()
    return moved


def _high(fd: int) -> int:
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH_FD)
    except OSError:  # the limit on open files is lower
        return fd
    os.close(fd)
    return moved


def die_with(lifeline: int) -> bool:
    """Have the system kill this process when the other end of the pipe `lifeline` closes, or its parent dies.

    Both, because each alone has a gap: a forked sibling holds a copy of the pipe's other end, and the parent
    under forkserver is a server that lives as long as its children do. False where the system cannot.
    """
    if sys.platform != "linux":
        return False
    kept = _high(os.dup(lifeline))
    fcntl.fcntl(kept, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(kept, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(kept, fcntl.F_SETFL, fcntl.fcntl(kept, fcntl.F_GETFL) | fcntl.FASYNC)
    return ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) == 0


def lead_group() -> None:
    """Make this process, and those that it starts, a group of their own."""
    os.setpgid(0, 0)


def end_group(leader: int) -> None:
    """Kill what is left of the group of a process that is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def limit_memory(size: int) -> None:
    """Let no allocation take this process beyond `size` bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def describe_status(code: int) -> str:
    """What an exit status of 0 or more means."""
    return f"exited with status {code}"
