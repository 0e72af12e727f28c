"""A sparse index over a log file's lines, for a file that may grow, be cut or be replaced meanwhile."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 16
"""Bytes between two entries of the index."""
READ = 16 * BLOCK
LINE_LIMIT = 4_000
"""Characters of a line that are shown."""
_LINE_BYTES = 4 * LINE_LIMIT  # no character of UTF-8 is longer than 4 bytes
_SAMPLE = 256


class _CutShort(Exception):
    """The file was cut while it was being read."""


class LogIndex:
    """The lines of one file. `extend` reads what is new, `lines` gives any window of what is known.

    Only the count of line ends before each block of 64 KiB is kept, so a line costs one read of its block.
    The file is opened anew each time: nothing stands in the way of its removal, and it is never mapped.
    Not for use from several threads at once.
    """

    def __init__(self, path: str | os.PathLike[str], *, read_limit: int = 8 * READ) -> None:
        self.path = Path(path)
        self.generation = 0
        """Counts up whenever the file is another one than before: earlier line numbers then mean nothing."""
        self.complete = False
        """Whether `extend` has come to the end of the file."""
        self._read_limit = read_limit
        self._start_anew()

    def _start_anew(self) -> None:
        self.size = 0
        """Bytes indexed so far."""
        self._ends = array("Q", [0])  # line ends before block 0, 1, 2, ...
        self._newlines = 0
        self._inode = (0, 0)
        self._head = b""
        self._tail = b""  # the last bytes indexed: a file that was rewritten differs here or in its head
        self.complete = False

    def __len__(self) -> int:
        """Lines known; a last line without its end counts."""
        return self._newlines + (self.size > 0 and not self._tail.endswith(b"\n"))

    def extend(self) -> int:
        """Read on from where the index ends, some MiB at most. Returns the number of lines known."""
        try:
            with self.path.open("rb", buffering=0) as file:
                self._check(file)
                self._read_on(file)
        except FileNotFoundError:
            self._forget()
            self.complete = True
        return len(self)

    def lines(self, first: int, count: int) -> list[str]:
        """Up to `count` lines from line `first` on (from 0); fewer at the end of what is known.

        Empty where the file was replaced: then `generation` has counted up, and `extend` reads the new one.
        """
        last = min(first + count, len(self))
        try:
            with self.path.open("rb", buffering=0) as file:
                self._check(file)
                if last > len(self):
                    return []
                return [_text(line) for line in self._raw_lines(file, max(first, 0), last)]
        except (FileNotFoundError, _CutShort):
            self._forget()
            return []

    def _forget(self) -> None:
        """What was indexed is gone."""
        if self.size:
            self.generation += 1
            self._start_anew()

    def _check(self, file: BinaryIO) -> None:
        """Start anew where the file is not the one that was indexed."""
        stat = os.fstat(file.fileno())
        inode = (stat.st_dev, stat.st_ino)
        if self.size:
            same = inode == self._inode and stat.st_size >= self.size
            same = same and _read(file, 0, len(self._head)) == self._head
            same = same and _read(file, self.size - len(self._tail), len(self._tail)) == self._tail
            if not same:
                self._forget()
        self._inode = inode

    def _read_on(self, file: BinaryIO) -> None:
        limit = self.size + self._read_limit
        self.complete = False
        while self.size < limit and not self.complete:
            wanted = min(READ - self.size % BLOCK, limit - self.size)
            data = _read(file, self.size, wanted)
            self._add(data)
            self.complete = len(data) < wanted

    def _add(self, data: bytes) -> None:
        """Count the line ends of the next bytes, block by block."""
        at = 0
        while at < len(data):
            end = min(at + BLOCK - self.size % BLOCK, len(data))
            self._newlines += data.count(b"\n", at, end)
            self.size += end - at
            if self.size % BLOCK == 0:
                self._ends.append(self._newlines)
            at = end
        if len(self._head) < _SAMPLE:
            self._head = (self._head + data)[:_SAMPLE]
        self._tail = (self._tail + data[-_SAMPLE:])[-_SAMPLE:]

    def _offset(self, file: BinaryIO, line: int) -> int:
        """Where a line starts: right after as many line ends as there are lines before it."""
        if line == 0:
            return 0
        if line > self._newlines:
            return self.size
        block = bisect_left(self._ends, line) - 1
        data = _read(file, block * BLOCK, BLOCK)
        at = -1
        for _ in range(line - self._ends[block]):
            at = data.find(b"\n", at + 1)
            if at < 0:
                raise _CutShort
        return block * BLOCK + at + 1

    def _raw_lines(self, file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
        """The bytes of lines `first` to before `last` without their ends; of a long one the beginning."""
        start = self._offset(file, first)
        buffer, at = b"", 0  # at: where `start` lies in the buffer
        for line in range(first, last):
            end = buffer.find(b"\n", at)
            if end < 0:
                buffer, at = _read(file, start, min(BLOCK, self.size - start)), 0
                end = buffer.find(b"\n")
            if end >= 0:
                yield buffer[at:end]
                start, at = start + end + 1 - at, end + 1
            else:
                yield buffer[:_LINE_BYTES]
                start = self._offset(file, line + 1)
                buffer, at = b"", 0


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    """`count` bytes from `offset`; fewer only at the end of the file."""
    file.seek(offset)
    data = file.read(count)
    while data and len(data) < count:
        more = file.read(count - len(data))
        if not more:
            break
        data += more
    return data


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r")[:_LINE_BYTES].decode("utf-8", errors="replace")[:LINE_LIMIT]
