"""The content of a gzip file, by offset: several members, or a truncated one; never unpacked to disk."""

from __future__ import annotations

import os
import zlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.log.opening import open_shared
from engine.log.source import SAMPLE, Change, Identity, Replaced, read_exactly

if TYPE_CHECKING:
    from zlib import _Decompress as Inflater  # pyright: ignore[reportPrivateUsage]

MAGIC = b"\x1f\x8b"
SPACING = 8 << 20
"""Unpacked bytes between two points from which reading can start; each costs about 40 KB."""
TAIL = 256 << 10
"""Unpacked bytes at the end that are kept with the index, so that they can be shown at once."""
_INPUT = 1 << 16
_OUTPUT = 1 << 20
_GZIP = 31  # window bits that mean gzip, with header and checksum


@dataclass(slots=True)
class _Point:
    """A point from which unpacking can start: next output, next input, and the state of the decompressor."""

    offset: int
    packed: int
    inflater: Inflater
    pending: bytes = b""

    def copy(self) -> _Point:
        return _Point(self.offset, self.packed, self.inflater.copy(), self.pending)


class GzipSource:
    """The unpacked bytes of a gzip file. Its end is known once it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: Identity | None = None
        self._forget()

    def _forget(self) -> None:
        self._end: int | None = None
        self._tail = (0, b"")
        """The last bytes, and their offset, if they are available."""
        self._note = ""
        self._points = [_Point(0, 0, zlib.decompressobj(_GZIP))]
        self._at = self._points[0].copy()

    def refresh(self) -> Change:
        try:
            with open_shared(self.path) as file:
                identity = self._identify(file)
        except FileNotFoundError:
            if self._identity is None:
                raise
            self._identity = None
            self._forget()
            return Change.GONE
        old, self._identity = self._identity, identity
        if old == identity:
            return Change.NONE
        if old is None:
            return Change.GREW
        self._forget()
        return Change.REPLACED

    def _identify(self, file: BinaryIO) -> Identity:
        stat = os.fstat(file.fileno())
        head = read_exactly(file, 0, SAMPLE)
        tail = read_exactly(file, max(stat.st_size - SAMPLE, 0), SAMPLE)
        return Identity((stat.st_dev, stat.st_ino), head, tail, stat.st_size)

    @property
    def padding(self) -> int:
        return 0

    def identity(self) -> Identity | None:
        return self._identity

    def kept(self) -> dict[str, Any]:
        end = self._end or 0
        start = max(end - TAIL, 0)
        return {"end": end, "note": self._note, "tail": self.read(start, end - start).decode("latin-1")}

    def restore(self, known: Mapping[str, Any]) -> None:
        self._end, self._note = int(known["end"]), str(known["note"])
        tail = str(known["tail"]).encode("latin-1")
        self._tail = self._end - len(tail), tail

    def end(self) -> int | None:
        return self._end

    def notes(self) -> list[str]:
        return [self._note] if self._note else []

    def read(self, offset: int, count: int) -> bytes:
        try:
            with open_shared(self.path) as file:
                known = self._identity
                if known and os.fstat(file.fileno()).st_size != known.end:
                    raise Replaced
                start, tail = self._tail
                if tail and offset >= start:
                    return tail[offset - start : offset - start + count]
                self._go_to(offset)
                return self._unpack(file, offset, count)
        except FileNotFoundError:
            raise Replaced from None

    def _go_to(self, offset: int) -> None:
        """Start from the last point before `offset`, unless the current position is nearer."""
        point = self._points[bisect_right(self._points, offset, key=lambda point: point.offset) - 1]
        if not point.offset <= self._at.offset <= offset:
            self._at = point.copy()

    def _unpack(self, file: BinaryIO, offset: int, count: int) -> bytes:
        parts: list[bytes] = []
        end = offset + count
        at = self._at
        while at.offset < end and (self._end is None or at.offset < self._end):
            wanted = min(offset - at.offset, _OUTPUT) if at.offset < offset else end - at.offset
            data = self._next(file, at, min(wanted, _OUTPUT))
            if data is None:
                self._end = at.offset
                break
            if at.offset >= offset:
                parts.append(data)
            at.offset += len(data)
            if at.offset >= self._points[-1].offset + SPACING:
                self._points.append(at.copy())
        return b"".join(parts)

    def _next(self, file: BinaryIO, at: _Point, count: int) -> bytes | None:
        """Some more bytes, empty between members; None at the end of what can be unpacked."""
        packed = at.pending
        if not packed:
            packed = read_exactly(file, at.packed, _INPUT)
            at.packed += len(packed)
        if at.inflater.eof:
            packed = packed.lstrip(b"\0")
            if len(packed) < len(MAGIC):
                packed += read_exactly(file, at.packed, _INPUT)
                at.packed += len(packed)
            if not packed:
                return None
            if not packed.startswith(MAGIC):
                self._note = "The file continues after its last part with something that is not gzip."
                return None
            at.inflater = zlib.decompressobj(_GZIP)
        if not packed:
            self._note = "The file is cut short: what could be unpacked is shown."
            return at.inflater.flush() or None
        before = at.inflater.copy()
        try:
            data = at.inflater.decompress(packed, count)
        except zlib.error as error:
            self._note = f"The file is damaged ({error}): what could be unpacked is shown."
            at.inflater, at.pending = before, b""
            self._end = at.offset + len(data := _up_to_damage(before, packed, count))
            return data or None
        at.pending = at.inflater.unused_data if at.inflater.eof else at.inflater.unconsumed_tail
        return data


def _up_to_damage(inflater: Inflater, packed: bytes, count: int) -> bytes:
    """What can be unpacked before the damage, byte by byte."""
    data = b""
    for at in range(len(packed)):
        try:
            data += inflater.decompress(packed[at : at + 1], count)
        except zlib.error:
            break
    return data
