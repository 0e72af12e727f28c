"""output.txt, bounded: what user code prints must not fill the disk."""

from __future__ import annotations

import os

from .system import open_append

LIMIT = 128 << 20
"""A file longer than this is cut,"""
HEAD = 64 << 20
"""keeps its beginning up to here,"""
TAIL = 256 << 10
"""and what was written last, where a crash may have left its dump."""
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
        file.seek(size - tail)
        last = file.read(tail)
        for _ in range(LOOKS):  # what was written meanwhile comes last now
            more = file.read()
            if not more:
                break
            last = (last + more)[-tail:]
        size = file.tell()
        file.truncate(head)
    note = f"\n[{size - head - len(last):,} bytes of output are left out here]\n"
    fd = open_append(path)
    os.write(fd, note.encode() + last)
    os.close(fd)
