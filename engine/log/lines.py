"""Finds the lines of a log: a sparse index, and whole lines in blocks."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.log.display import shown
from engine.log.encoding import Encoding
from engine.log.source import Replaced, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]

SPAN = 1 << 18
"""Bytes between two entries of the index."""
READ = 1 << 20
_AHEAD = 16 << 20
"""From this many bytes on, reading and counting run in parallel."""
LONGEST = 64 << 20
"""Bytes of a line that are examined; the rest of the line only counts as part of it."""


def ends_in(data: bytes, newline: bytes) -> Positions:
    """The positions of line ends in `data`, in order."""
    import numpy as np

    if len(newline) == 1:
        return np.flatnonzero(np.frombuffer(data, np.uint8) == newline[0])
    kind = f"u{len(newline)}"
    units = np.frombuffer(data, kind, len(data) // len(newline))
    return np.flatnonzero(units == np.frombuffer(newline, kind)[0]) * len(newline)


def count_ends(data: bytes, newline: bytes, start: int, end: int) -> int:
    """The number of line ends in a part of `data`."""
    import numpy as np

    kind = f"u{len(newline)}"
    units = np.frombuffer(data, kind, (end - start) // len(newline), start)
    return int(np.count_nonzero(units == np.frombuffer(newline, kind)[0]))


class LineIndex:
    """The number of line ends before each span of the file: 8 bytes for 256 KiB.

    Invariant: `_before[k]` is the number of line ends in the first `k * SPAN` bytes after the mark.
    """

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.end = encoding.mark
        """Up to where the file is indexed."""
        self._before = array("Q", [0])
        self._ends = 0
        self._last = b""

    @property
    def count(self) -> int:
        """Known lines, including a last one without its end."""
        open_line = self.end > self.encoding.mark and self._last != self.encoding.newline
        return self._ends + open_line

    @property
    def ended(self) -> int:
        """Known lines that have their end."""
        return self._ends

    def extend(self, source: Source, limit: int | None = None) -> Iterator[int]:
        """Read on to the end, or to `limit`; yields the position after each step."""
        for offset, data in _read_ahead(source, self.end, limit):
            self.feed(data, offset)
            yield self.end

    def feed(self, data: bytes, offset: int) -> None:
        """Add bytes of the file that were read elsewhere; known ones are skipped."""
        data = data[self.end - offset :] if offset < self.end else data
        if offset > self.end or not data:
            return
        newline, mark = self.encoding.newline, self.encoding.mark
        at = 0
        while at < len(data):
            step = min(SPAN - (self.end - mark) % SPAN, len(data) - at)
            self._ends += count_ends(data, newline, at, at + step)
            self.end += step
            at += step
            if (self.end - mark) % SPAN == 0:
                self._before.append(self._ends)
        self._last = (self._last + data[-len(newline) :])[-len(newline) :]

    def offset(self, source: Source, line: int) -> int:
        """The offset of a line. Raises `Replaced` if the file is no longer the one that was indexed."""
        mark, newline = self.encoding.mark, self.encoding.newline
        if line <= 0:
            return mark
        if line > self._ends:
            return self.end
        span = bisect_left(self._before, line) - 1
        start = mark + span * SPAN
        ends = ends_in(source.read(start, min(SPAN, self.end - start)), newline)
        nth = line - self._before[span] - 1
        if nth >= len(ends):
            raise Replaced
        return start + int(ends[nth]) + len(newline)

    def state(self) -> dict[str, Any]:
        """The argument of `restore` for an equal index."""
        return {"end": self.end, "before": list(self._before), "ends": self._ends, "last": self._last.hex()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state."""
        self._before = array("Q", state["before"])
        self.end = int(state["end"])
        self._ends = int(state["ends"])
        self._last = bytes.fromhex(state["last"])


def _read_ahead(source: Source, offset: int, end: int | None) -> Iterator[tuple[int, bytes]]:
    """The bytes from `offset` on in pieces; of a large part, the next is read while one is processed."""
    if end is None or end - offset < _AHEAD:
        while end is None or offset < end:
            data = source.read(offset, READ)
            yield offset, data
            offset += len(data)
            if len(data) < READ:
                return
        return
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(source.read, offset, READ)
        while offset < end:
            data = waiting.result()
            if len(data) == READ:
                waiting = pool.submit(source.read, offset + READ, READ)
            yield offset, data
            offset += len(data)
            if len(data) < READ:
                return


@dataclass(frozen=True)
class Block:
    """Whole lines of a log; only the last line of the file may lack its end."""

    raw: bytes
    offset: int
    """The offset of `raw` in the file."""
    first: int
    """Number of its first line, from 0."""
    encoding: Encoding
    end: int
    """The offset of the next block."""

    @cached_property
    def data(self) -> bytes:
        """The lines as they are shown, narrowed, each ended by LF except perhaps the last."""
        return shown(self.encoding.narrowed(self.raw))

    @cached_property
    def starts(self) -> Positions:
        """The beginning of each line in `data`."""
        return _starts(self.data, b"\n", open_end=not self.ended)

    @cached_property
    def raw_starts(self) -> Positions:
        """The beginning of each line in `raw`."""
        return _starts(self.raw, self.encoding.newline, open_end=not self.ended)

    @property
    def count(self) -> int:
        return len(self.starts)

    @property
    def ended(self) -> bool:
        """Whether its last line has its end."""
        return self.raw.endswith(self.encoding.newline)

    @cached_property
    def texts(self) -> list[str]:
        """The lines as text."""
        lines = self.encoding.text(self.data).split("\n")
        return lines[:-1] if len(lines) > self.count else lines

    def line_of(self, position: int) -> int:
        """The index of the line with the byte at `position` of `data`, from 0."""
        import numpy as np

        return int(np.searchsorted(self.starts, position, "right")) - 1

    def colored(self, line: int) -> bytes:
        """The bytes of one of its lines, with escape sequences but without the line end."""
        following = self.raw_starts[line + 1] if line + 1 < self.count else len(self.raw)
        raw = self.raw[int(self.raw_starts[line]) : int(following)]
        return shown(self.encoding.narrowed(raw), ansi=True).removesuffix(b"\n")

    def piece(self, line: int) -> bytes:
        """The bytes of one of its lines as shown, without the line end."""
        start = int(self.starts[line])
        end = int(self.starts[line + 1]) - 1 if line + 1 < len(self.starts) else len(self.data)
        return self.data[start:end].removesuffix(b"\n")


def _starts(data: bytes, newline: bytes, *, open_end: bool) -> Positions:
    """The beginnings of lines; with an open end, one more after the last line end, even if it is empty."""
    import numpy as np

    starts = np.concatenate([np.zeros(1, np.int64), ends_in(data, newline) + len(newline)])
    return starts if open_end else starts[:-1]


def blocks(
    source: Source, encoding: Encoding, offset: int, first: int, end: int | None = None, size: int = 0
) -> Iterator[Block]:
    """The lines from `offset` on, where line `first` begins, to `end` or the end of the file, in order."""
    newline = encoding.newline
    size = size or READ
    while end is None or offset < end:
        wanted = size if end is None else min(size, end - offset)
        raw = source.read(offset, wanted)
        at_end = len(raw) < wanted or offset + len(raw) == end
        cut = len(raw) if at_end else last_end(raw, newline)
        if not raw:
            return
        following = offset + cut
        if not cut:  # a line that is longer than the block
            offset, raw, following = _long_line(source, encoding, offset, end)
            cut = len(raw)
        block = Block(raw[:cut], offset, first, encoding, following)
        yield block
        first += block.count
        offset = following


def last_end(raw: bytes, newline: bytes) -> int:
    """The end of the last complete line; 0 if there is none."""
    at = len(raw)
    while (at := raw.rfind(newline, 0, at)) >= 0:
        if at % len(newline) == 0:
            return at + len(newline)
        at += len(newline) - 1
    return 0


def _first_end(raw: bytes, newline: bytes) -> int:
    at = raw.find(newline)
    while at >= 0 and at % len(newline):
        at = raw.find(newline, at + 1)
    return at


def _long_line(source: Source, encoding: Encoding, offset: int, end: int | None) -> tuple[int, bytes, int]:
    """A line of any length: its start after NULs, its bytes up to `LONGEST`, and its end."""
    kept: list[bytes] = []
    held = 0
    at = offset
    while True:
        wanted = 4 * READ if end is None else min(4 * READ, end - at)
        raw = source.read(at, wanted)
        found = _first_end(raw, encoding.newline)
        part = raw[: found + len(encoding.newline)] if found >= 0 else raw
        if not held and found < 0 and len(raw) == wanted and at + wanted != end and not raw.strip(b"\0"):
            at = offset = at + len(raw)  # a hole of any size is passed over
            continue
        if held < LONGEST:
            kept.append(part)
        elif found >= 0:
            kept.append(encoding.newline)
        held += len(part)
        at += len(part)
        if found >= 0 or len(raw) < wanted or at == end:
            return offset, b"".join(kept), at


def nearest(values: list[int], value: int) -> int:
    """The index of the last of the sorted values that is not above `value`."""
    return bisect_right(values, value) - 1
