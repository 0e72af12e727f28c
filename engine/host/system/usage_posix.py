"""The resources used by another process: Linux and macOS."""

from __future__ import annotations

import ctypes
import os
import sys

assert sys.platform != "win32"

PROC_PIDTASKINFO = 4

if sys.platform == "darwin":

    def usage(pid: int) -> tuple[int, float] | None:
        """Bytes of memory that a process occupies, and its processor seconds; None if unknown."""
        info = (ctypes.c_uint64 * 12)()  # proc_taskinfo: virtual and resident size, user, system, ...
        library = ctypes.CDLL(None)
        said = library.proc_pidinfo(pid, PROC_PIDTASKINFO, ctypes.c_uint64(0), info, ctypes.sizeof(info))
        if said <= 0:
            return None
        base = (ctypes.c_uint32 * 2)()
        library.mach_timebase_info(base)
        return info[1], (info[2] + info[3]) * base[0] / base[1] / 1e9

else:
    PAGE = os.sysconf("SC_PAGESIZE")
    TICKS = os.sysconf("SC_CLK_TCK")
    USER, SYSTEM, RESIDENT = 11, 12, 21
    """Fields of /proc/PID/stat behind the name of the program."""

    def usage(pid: int) -> tuple[int, float] | None:
        """Bytes of memory that a process occupies, and its processor seconds; None if unknown."""
        try:
            with open(f"/proc/{pid}/stat", "rb", 0) as file:
                fields = file.read(4096).rpartition(b")")[2].split()
            return int(fields[RESIDENT]) * PAGE, (int(fields[USER]) + int(fields[SYSTEM])) / TICKS
        except (OSError, IndexError, ValueError):
            return None
