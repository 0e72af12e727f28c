"""File locks, and an identity of the machine's current boot: Windows."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

assert sys.platform == "win32"

import msvcrt
import winreg

BOOTS = (
    r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters",
    "BootId",
)
"""Where Windows counts its boots."""


def take_lock(fd: int) -> bool | None:
    """Lock an open file for this process; False if another one holds the lock, None if there are no locks."""
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    except PermissionError:
        return False
    except OSError:
        return None
    return True


def can_lock(fd: int) -> bool | None:
    """Whether no other process holds the lock on an open file."""
    found = take_lock(fd)
    if found:
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
    return found


def drop_lock(fd: int, path: str) -> None:
    """Release the lock and remove the file, which cannot be removed while it is open."""
    os.close(fd)
    with suppress(OSError):
        os.remove(path)


def boot() -> str:
    """Equal in all processes that see each other's process ids; empty if unknown."""
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, BOOTS[0]) as key:
            return str(winreg.QueryValueEx(key, BOOTS[1])[0])
    except OSError:
        return ""
