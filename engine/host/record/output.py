"""The printed output: a file for the host and one for each lane, which are cut when they become too long."""

from __future__ import annotations

import os
import re

from ..typed import BinaryIO
from .schema import LANES, OUTPUT

LIMIT = 64 << 20
"""A longer file is cut:"""
HEAD = 32 << 20
"""its beginning is kept up to here,"""
TAIL = 256 << 10
"""and this much of its end, where a crash may have left its dump."""
BLOCK = 64 << 10
"""File systems can only remove whole blocks, which are at most this long."""
LAST = 4_000
"""Bytes that an error message shows."""
LOOKS = 100
"""How often to look for output that arrives during the cut, at most."""
NOTE = re.compile(rb"\n\[([0-9,]{1,30}) bytes of output are left out here\]\n")
LONGEST_NOTE = 80


def lane_file(folder: str, lane: int) -> str:
    """The file to which the workers of a lane print; `folder` is that of the run."""
    return os.path.join(folder, LANES, f"{lane}.txt")


def bound_all(folder: str) -> None:
    """Cut the files of a run that are too long."""
    bound(os.path.join(folder, OUTPUT))
    try:
        names = os.listdir(os.path.join(folder, LANES))
    except FileNotFoundError:  # the run folder was removed, which the host notices by itself
        return
    for name in names:
        bound(os.path.join(folder, LANES, name))


def bound(path: str, limit: int = LIMIT, head: int = HEAD, tail: int = TAIL) -> None:
    """Cut the file at `path` if it is too long. Writers append, so they continue after the kept part."""
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        return
    if size <= limit:
        return
    with open(path, "r+b", buffering=0) as file:
        before = Cut.of(file, head)
        end = (size - tail) // BLOCK * BLOCK
        if head < end and _cut_in_one_step(file, head, end, before.shift):
            return
        begin, last = _cut_by_hand(file, size, head, tail)
    from .. import system  # the workers of a script, which only want names from here, start sooner without

    fd = system.open_append(path)
    os.write(fd, _note(begin + before.shift - head) + last)
    os.close(fd)


def _note(left_out: int) -> bytes:
    return b"\n[%b bytes of output are left out here]\n" % f"{left_out:,}".encode()


def _cut_in_one_step(file: BinaryIO, head: int, end: int, shift: int) -> bool:
    """Remove the middle and put the note in its place in one step. False if the file system cannot."""
    note = _note(shift + end - head)
    while len(again := _note(shift + end - head + len(note))) != len(note):
        note = again
    file.seek(end)
    under = file.read(len(again))
    file.seek(end)
    file.write(again)
    from .. import system

    if system.cut_out(file.fileno(), head, end):
        return True
    file.seek(end)
    file.write(under)
    return False


def _cut_by_hand(file: BinaryIO, size: int, head: int, tail: int) -> tuple[int, bytes]:
    """Keep the beginning of a file; returns what it had at its end, and the offset of that.

    Output between the last look and the cut is lost.
    """
    file.seek(size - tail)
    last = file.read(tail)
    for _ in range(LOOKS):  # output written in the meantime comes last now
        more = file.read()
        if not more:
            break
        last = (last + more)[-tail:]
    size = file.tell()
    file.truncate(head)
    return size - len(last), last


class Cut:
    """What was removed from an output file. Recorded offsets are those of the uncut output."""

    def __init__(self, head: int, left_out: int, note: int) -> None:
        self._head = head
        self._left_out = left_out
        """Bytes removed after `head`;"""
        self._note = note
        """the note in their place has this many bytes."""

    @classmethod
    def of(cls, file: BinaryIO, head: int = HEAD) -> Cut:
        """The cut of an open file."""
        file.seek(head)
        found = NOTE.match(file.read(LONGEST_NOTE))
        return cls(head, int(found[1].replace(b",", b"")), len(found[0])) if found else cls(head, 0, 0)

    @property
    def shift(self) -> int:
        """How far what follows the cut has moved towards the beginning."""
        return self._left_out - self._note

    def place(self, offset: int) -> int:
        """The recorded offset of a position in the file as it is."""
        return offset if offset < self._head + self._note else offset + self.shift

    def parts(self, begin: int, stop: int) -> list[tuple[int, int]]:
        """What is left of a part of the output: begin and end of pieces, in the file as it is."""
        behind = self._head + self._left_out
        pieces = [(begin, min(stop, self._head)), (max(begin, behind) - self.shift, stop - self.shift)]
        return [(first, last) for first, last in pieces if first < last]


def end(path: str) -> int | None:
    """The end of a file's uncut output; None if that is not known at this moment."""
    try:
        size = os.stat(path).st_size
        if size <= HEAD:
            return size
        with open(path, "rb", buffering=0) as file:
            before = Cut.of(file).shift
            size = os.fstat(file.fileno()).st_size
            return size + before if Cut.of(file).shift == before else None  # otherwise it was cut just then
    except OSError:
        return None


def last(path: str) -> str:
    """The end of what was printed; empty if there is no such file."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LAST))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
