"""Opens a log on Windows, where an open file can only be renamed if its reader allows that."""

from __future__ import annotations

import ctypes
import msvcrt
import os
import sys
from pathlib import Path
from typing import BinaryIO

assert sys.platform == "win32"

_GENERIC_READ = 0x80000000
_SHARE_ALL = 1 | 2 | 4  # read, write, delete
_OPEN_EXISTING = 3
_NORMAL = 0x80
_INVALID = ctypes.c_void_p(-1).value

_create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
_create.restype = ctypes.c_void_p
_create.argtypes = [
    ctypes.c_wchar_p,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_void_p,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_void_p,
]


def open_shared(path: Path) -> BinaryIO:
    """The file, unbuffered, shared for everything that others may want to do with it."""
    handle = _create(str(path), _GENERIC_READ, _SHARE_ALL, None, _OPEN_EXISTING, _NORMAL, None)
    if handle == _INVALID:
        error = ctypes.get_last_error()
        raise OSError(0, ctypes.FormatError(error), str(path), error)
    return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY), "rb", buffering=0)
