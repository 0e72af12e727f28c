"""output.txt, which must not fill the disk: cut where it is long, and its end for errors."""

from __future__ import annotations

import os
from typing import BinaryIO

from ..system import cut_out, open_append

LIMIT = 128 << 20
"""A file longer than this is cut,"""
HEAD = 64 << 20
"""keeps its beginning up to here,"""
TAIL = 256 << 10
"""and what was written last, where a crash may have left its dump."""
BLOCK = 64 << 10
"""A file system cuts at whole blocks, which are no longer than this."""
LAST = 4_000
"""Bytes that an error shows."""
LOOKS = 100
"""What comes while it is cut is looked for so often, at most."""


def bound(path: str, limit: int = LIMIT, head: int = HEAD, tail: int = TAIL) -> None:
    """Cut the file at `path` where it is too long. Who writes appends, and goes on behind what is kept."""
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:  # the run folder was removed, which the host sees by itself
        return
    if size <= limit:
        return
    with open(path, "r+b", buffering=0) as file:
        end = (size - tail) // BLOCK * BLOCK
        if head < end and cut_out(file.fileno(), head, end):
            file.seek(head)
            file.write(_note(end - head))
            return
        left_out, last = _cut_by_hand(file, size, head, tail)
    fd = open_append(path)
    os.write(fd, _note(left_out) + last)
    os.close(fd)


def _note(left_out: int) -> bytes:
    return b"\n[%b bytes of output are left out here]\n" % f"{left_out:,}".encode()


def _cut_by_hand(file: BinaryIO, size: int, head: int, tail: int) -> tuple[int, bytes]:
    """Keep the beginning of a file; gives how much it loses, and what it had at its end.

    What is written between the last look and the cut is lost.
    """
    file.seek(size - tail)
    last = file.read(tail)
    for _ in range(LOOKS):  # what was written meanwhile comes last now
        more = file.read()
        if not more:
            break
        last = (last + more)[-tail:]
    size = file.tell()
    file.truncate(head)
    return size - head - len(last), last


def last(path: str) -> str:
    """The last of what was printed."""
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - LAST))
        return file.read().decode("utf-8", "replace")
