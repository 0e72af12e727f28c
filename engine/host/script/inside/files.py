"""Files of ours that a process of the script keeps open."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os

from ... import descriptors

HIGH = 200
"""The script finds lower descriptors as they are under plain Python."""


def open_append(path: str, mode: int = 0o644) -> int:
    """A descriptor whose every write lands in one piece at the end of the file, whoever else writes."""
    return keep_high(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode))


def keep_high(fd: int) -> int:
    """The same file on a high descriptor, if there is one."""
    return descriptors.keep_high(fd, HIGH)
