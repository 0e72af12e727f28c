"""The bytes of a log: a file that may grow, be truncated or replaced, or the content of a gzip file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from engine.log.opening import open_shared

SAMPLE = 256
_FEW_NULS = 16
"""NULs at the end that are no sign of a file being filled in place."""
_STEP = 1 << 20
"""Bytes at head and tail by which a file is known again."""


class Change(Enum):
    """How a file has changed since the last check."""

    NONE = "none"
    GREW = "grew"
    REPLACED = "replaced"
    """It was truncated or overwritten, or another file has its name: what was known about it is void."""
    GONE = "gone"


class Replaced(Exception):
    """The file is no longer the one that was being read."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Distinguishes a file from another one that took its place."""

    inode: tuple[int, int]
    head: bytes
    tail: bytes
    end: int
    """Where `tail` ends."""


class Source(Protocol):
    """Bytes by offset, in which the lines of a log are found."""

    path: Path

    def refresh(self) -> Change:
        """Check the file for changes."""
        ...

    def end(self) -> int | None:
        """The number of bytes, as far as known; None if only reading can find it."""
        ...

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` on, fewer only at the end. Raises `Replaced`."""
        ...

    @property
    def padding(self) -> int:
        """NULs after the end: of a file that was given its size beforehand and is filled in place."""
        ...

    def notes(self) -> list[str]:
        """What is wrong with the file, in words."""
        ...

    def identity(self) -> Identity | None:
        """The identity of the file at the last check."""
        ...

    def kept(self) -> dict[str, Any]:
        """State for `restore` that is valid while the file is the same."""
        ...

    def restore(self, known: Mapping[str, Any]) -> None:
        """Take over the state from `kept`."""
        ...


class FileSource:
    """A plain file, opened for each read and never mapped, so that it blocks nobody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: Identity | None = None
        self._end = 0
        self._size = 0
        """More than `_end` if the file was given its size beforehand, and is being filled in place."""

    def refresh(self) -> Change:
        """Check the file for changes. Raises OSError if it cannot be read."""
        try:
            with open_shared(self.path) as file:
                return self._compare(file)
        except FileNotFoundError:
            was = self._identity
            self._identity, self._end, self._size = None, 0, 0
            if was is None:
                raise
            return Change.GONE

    def _compare(self, file: BinaryIO) -> Change:
        stat = os.fstat(file.fileno())
        old = self._identity
        same = old is not None and self._is_same(old, file, stat)
        written = written_end(file, stat.st_size, old.end if old and same else 0)
        grew = old is None or written > old.end
        self._size = stat.st_size
        if same and not grew:
            return Change.NONE
        head = read_exactly(file, 0, min(SAMPLE, written))
        tail = read_exactly(file, max(written - SAMPLE, 0), min(SAMPLE, written))
        counted = self._end - old.end if old and same else 0
        if counted > 1 or (counted and old and read_exactly(file, old.end, 1) == b"\n"):
            same = False  # there are lines in what counted as one without its end
        self._identity = Identity((stat.st_dev, stat.st_ino), head, tail, written)
        self._end = written
        if written < stat.st_size and tail[-1:] in (b"\n", b""):  # the NULs are a line that has no end yet
            self._end += 1 if written else _FEW_NULS
        return Change.GREW if old is None or same else Change.REPLACED

    def _is_same(self, old: Identity, file: BinaryIO, stat: os.stat_result) -> bool:
        return (
            (stat.st_dev, stat.st_ino) == old.inode
            and stat.st_size >= old.end
            and read_exactly(file, 0, len(old.head)) == old.head
            and read_exactly(file, old.end - len(old.tail), len(old.tail)) == old.tail
        )

    def end(self) -> int | None:
        return self._end

    def read(self, offset: int, count: int) -> bytes:
        try:
            with open_shared(self.path) as file:
                stat = os.fstat(file.fileno())
                known = self._identity
                if known and ((stat.st_dev, stat.st_ino) != known.inode or stat.st_size < known.end):
                    raise Replaced
                return read_exactly(file, offset, max(min(count, self._end - offset), 0))
        except FileNotFoundError:
            raise Replaced from None

    @property
    def padding(self) -> int:
        return self._size - self._end

    def notes(self) -> list[str]:
        return []

    def identity(self) -> Identity | None:
        return self._identity

    def kept(self) -> dict[str, Any]:
        return {}

    def restore(self, known: Mapping[str, Any]) -> None:
        pass


def written_end(file: BinaryIO, size: int, least: int) -> int:
    """Where what was written ends, if NULs follow: on from `least`, if the file is known up to there."""
    tail = read_exactly(file, max(size - _FEW_NULS, 0), _FEW_NULS)
    if len(tail) < _FEW_NULS or tail.strip(b"\0"):
        return size
    if least:
        at = least
        while at < size and (data := read_exactly(file, at, _STEP).rstrip(b"\0")):
            at += len(data) if len(data) < _STEP else _STEP
            if len(data) < _STEP:
                break
        return at
    at = size
    while at > 0:
        start = max(at - _STEP, 0)
        if data := read_exactly(file, start, at - start).rstrip(b"\0"):
            return start + len(data)
        at = start
    return 0


def read_exactly(file: BinaryIO, offset: int, count: int) -> bytes:
    """`count` bytes from `offset`; fewer only at the end of the file."""
    file.seek(offset)
    data = file.read(count)
    while data and len(data) < count:
        more = file.read(count - len(data))
        if not more:
            break
        data += more
    return data
