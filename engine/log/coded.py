"""The level of each line of a log, a byte per line, packed by block, and what can be asked about them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from engine.log.chunk import NO_TIME, Chunk, packed, unpacked
from engine.log.encoding import Encoding
from engine.log.recogniser import CONTINUATION, LEVEL_MASK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]
    Times = NDArray[np.int64]


class CodedLines:
    """The codes of all lines, in the order of the file.

    Invariants: the chunks follow each other without a gap; only the last one may end in a line without its
    end, which is then read again before the index grows.
    """

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.chunks: list[Chunk] = []
        self._firsts: list[int] = []
        self.open_end = False

    @property
    def end(self) -> int:
        """Up to where the file is indexed."""
        return self.chunks[-1].end if self.chunks else self.encoding.mark

    @property
    def lines(self) -> int:
        """Indexed lines."""
        return self.chunks[-1].first + self.chunks[-1].count if self.chunks else 0

    @property
    def count(self) -> int:
        """Known records, without what precedes the first one."""
        return self.chunks[-1].records + self.chunks[-1].starts if self.chunks else 0

    def by_level(self) -> list[int]:
        """The number of records of each level."""
        return [sum(column) for column in zip(*(chunk.by_level for chunk in self.chunks), strict=True)] or [
            0
        ] * 7

    # what it consists of

    def append(
        self,
        codes: Codes,
        times: Times,
        offset: int,
        end: int,
        first: int,
        *,
        hides: bool,
        kept: bytes = b"",
    ) -> None:
        """Add the lines of a block."""
        import numpy as np

        starting = codes[codes != CONTINUATION] & LEVEL_MASK
        known = times[times != NO_TIME]
        before = self.chunks[-1] if self.chunks else None
        self.chunks.append(
            Chunk(
                offset,
                end,
                first,
                len(codes),
                before.records + before.starts if before else 0,
                kept or packed(codes),
                tuple(np.bincount(starting, minlength=7).tolist()),
                int(known.min()) if len(known) else NO_TIME,
                int(known.max()) if len(known) else NO_TIME,
                int(known[-1]) if len(known) else (before.last_time if before else NO_TIME),
                bool(len(codes)) and int(codes[0]) == CONTINUATION,
                hides,
            )
        )
        self._firsts.append(first)

    def drop_open_end(self) -> None:
        """Forget a last line without its end: it is read again."""
        if self.open_end:
            self.chunks.pop()
            self._firsts.pop()
            self.open_end = False

    def restore(self, chunks: list[Chunk], *, open_end: bool) -> None:
        """Take over the state of another index of the same file."""
        self.chunks = chunks
        self._firsts = [chunk.first for chunk in chunks]
        self.open_end = open_end

    def set_code(self, line: int, code: int) -> None:
        """Set the code of a line that counts as the start of a record."""
        import numpy as np

        place = self.chunk_at(line)
        chunk = self.chunks[place]
        codes = np.frombuffer(unpacked(chunk.packed), np.uint8).copy()
        codes[line - chunk.first] = code
        starting = codes[codes != CONTINUATION] & LEVEL_MASK
        chunk.packed = packed(codes)
        chunk.continues = int(codes[0]) == CONTINUATION
        chunk.by_level = tuple(np.bincount(starting, minlength=7).tolist())
        for n in range(place + 1, len(self.chunks)):
            self.chunks[n].records = self.chunks[n - 1].records + self.chunks[n - 1].starts

    # lines and records

    def has_start(self, line: int) -> bool:
        """Whether a line starts a record."""
        return int(self.codes(line, 1)[0]) != CONTINUATION

    def chunk_at(self, line: int) -> int:
        """The index of the chunk with a line."""
        return bisect_right(self._firsts, line) - 1

    def codes_of(self, chunk: Chunk) -> Codes:
        """The codes of the lines of a chunk."""
        import numpy as np

        return np.frombuffer(unpacked(chunk.packed), np.uint8)

    def codes(self, first: int, count: int) -> Codes:
        """The codes of some lines."""
        import numpy as np

        parts: list[Codes] = []
        place = self.chunk_at(max(first, 0))
        while 0 <= place < len(self.chunks) and self.chunks[place].first < first + count:
            chunk = self.chunks[place]
            at = max(first - chunk.first, 0)
            parts.append(self.codes_of(chunk)[at : first + count - chunk.first])
            place += 1
        return np.concatenate(parts) if parts else np.empty(0, np.uint8)

    def start_of(self, line: int) -> int:
        """The first line of the record with a line; 0 for what precedes the first record."""
        import numpy as np

        for place in range(self.chunk_at(line), -1, -1):
            chunk = self.chunks[place]
            if chunk.starts:
                found = np.flatnonzero(self.codes_of(chunk)[: line - chunk.first + 1] != CONTINUATION)
                if len(found):
                    return chunk.first + int(found[-1])
        return 0

    def next_start(self, line: int) -> int:
        """The first line after `line` that starts a record, or the number of lines."""
        import numpy as np

        for place in range(self.chunk_at(line), len(self.chunks)):
            chunk = self.chunks[place]
            if chunk.starts:
                at = max(line + 1 - chunk.first, 0)
                found = np.flatnonzero(self.codes_of(chunk)[at:] != CONTINUATION)
                if len(found):
                    return chunk.first + at + int(found[0])
        return self.lines
