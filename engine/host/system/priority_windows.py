"""Gives way to other programs: Windows."""

from __future__ import annotations

import ctypes
import sys

assert sys.platform == "win32"

BELOW_NORMAL_PRIORITY_CLASS = 0x4000
"""From <winbase.h>. Child processes inherit it."""


def give_way() -> None:
    """Lower the priority of this process and of those that it starts. If the system refuses, it stays."""
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    kernel.SetPriorityClass(process, BELOW_NORMAL_PRIORITY_CLASS)
