"""File locks, and an identity of the machine's current boot: Linux, macOS and the like."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import sys
from contextlib import suppress

assert sys.platform != "win32"

HELD = (errno.EACCES, errno.EAGAIN)
"""The error for a lock that another process holds."""


def take_lock(fd: int) -> bool | None:
    """Lock an open file for this process; False if another one holds the lock, None if there are no locks.

    It is a record lock. A forked child does not hold it, and it ends with this process, however that ends.
    This process must not open the file a second time: closing it would release the lock.
    """
    return _lock(fd, fcntl.LOCK_EX)


def can_lock(fd: int) -> bool | None:
    """Whether no other process holds the lock on a file that is open for reading."""
    found = _lock(fd, fcntl.LOCK_SH)
    if found:
        fcntl.lockf(fd, fcntl.LOCK_UN)
    return found


def _lock(fd: int, kind: int) -> bool | None:
    try:
        fcntl.lockf(fd, kind | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in HELD else None
    return True


def drop_lock(fd: int, path: str) -> None:
    """Remove the locked file, then release its lock: whoever has opened it sees that it is gone."""
    with suppress(OSError):
        os.remove(path)
    os.close(fd)


def boot() -> str:
    """Equal in all processes that see each other's process ids; empty if unknown."""
    if sys.platform == "linux":
        try:
            with open("/proc/sys/kernel/random/boot_id") as file:
                return f"{file.read().strip()}/{os.stat('/proc/self/ns/pid').st_ino}"
        except OSError:
            return ""
    if sys.platform == "darwin":
        text = ctypes.create_string_buffer(64)
        size = ctypes.c_size_t(len(text))
        ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", text, ctypes.byref(size), None, 0)
        return text.value.decode("ascii", "replace")
    return ""
