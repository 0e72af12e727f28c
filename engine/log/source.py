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
"""Bytes at head and tail that identify a file."""


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

    def refresh(self) -> Change:
        """Check the file for changes. Raises OSError if it cannot be read."""
        try:
            with open_shared(self.path) as file:
                return self._compare(file)
        except FileNotFoundError:
            was = self._identity
            self._identity, self._end = None, 0
            if was is None:
                raise
            return Change.GONE

    def _compare(self, file: BinaryIO) -> Change:
        stat = os.fstat(file.fileno())
        old = self._identity
        same = old is not None and self._is_same(old, file, stat)
        grew = stat.st_size > self._end
        self._end = stat.st_size
        if same and not grew:
            return Change.NONE
        head = read_exactly(file, 0, min(SAMPLE, self._end))
        tail = read_exactly(file, max(self._end - SAMPLE, 0), min(SAMPLE, self._end))
        self._identity = Identity((stat.st_dev, stat.st_ino), head, tail, self._end)
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

    def notes(self) -> list[str]:
        return []

    def identity(self) -> Identity | None:
        return self._identity

    def kept(self) -> dict[str, Any]:
        return {}

    def restore(self, known: Mapping[str, Any]) -> None:
        pass


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
