"""Finds the lines of a log with a hit of a pattern, part by part, without reading what has none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Self

from engine.log.chunk import Chunk
from engine.log.display import RETURN_SHOWN, shown
from engine.log.lines import Block
from engine.log.log import Log
from engine.log.prefilter import SPARSE, Prefilter, prefilter
from engine.log.search import Pattern

if TYPE_CHECKING:
    from engine.log.lines import Positions

TRIED = 8 << 20
"""Bytes that are searched before something runs ahead: they show the first hits, and how many there are."""
WORTHWHILE = 64 << 20
"""Bytes left from which it pays that something runs ahead."""
_MOST_SINGLE = 300
"""Lines of a part that are looked at one by one; of more, the whole part is searched."""
_LONG = 4 << 20
"""Bytes of a part that has a very long line."""


SHORTEST = 3
"""Bytes of a text that is worth looking for."""


class Part:
    """The lines of a part of a log, read when they are needed."""

    def __init__(self, log: Log, chunk: Chunk) -> None:
        self._log = log
        self.chunk = chunk

    @cached_property
    def block(self) -> Block:
        return self._log.block_of(self.chunk)


class Finder:
    """A pattern applied to the parts of a log in their order. Close it at the end."""

    def __init__(self, log: Log, pattern: Pattern) -> None:
        self.pattern = pattern
        self._log = log
        self._tried = 0
        self._hits = 0
        self._ahead: Prefilter | None = None
        self._asked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._ahead:
            self._ahead.close()

    def lines_in(self, part: Part) -> Positions | Sequence[int]:
        """The indexes of the lines of a part that have a hit."""
        chunk = part.chunk
        if not self._asked and self._tried >= TRIED:
            self._asked = True
            self._ahead = self._run_ahead(chunk)
        known = self._ahead.lines(chunk) if self._ahead and not chunk.hides else None
        if known is not None and not known:
            return ()
        if known and len(known) <= _MOST_SINGLE and chunk.end - chunk.offset <= _LONG:
            return [line - chunk.first for line, at in known if self._is_hit(part.block, at)]
        found = self.pattern.lines_in(part.block)
        self._tried += chunk.end - chunk.offset
        self._hits += len(found)
        return found

    def _run_ahead(self, chunk: Chunk) -> Prefilter | None:
        log = self._log
        encoding = log.encoding
        needed = self.pattern.needed_bytes(encoding)
        hidden = encoding.by_return or encoding.narrow != encoding.name
        if not needed or hidden or any(RETURN_SHOWN in text or len(text) < SHORTEST for text in needed):
            return None
        rare = self._hits * SPARSE <= self._tried
        if not rare or log.records.end - chunk.offset < WORTHWHILE:
            return None
        return prefilter(log.source, self.pattern, needed, chunk)

    def _is_hit(self, block: Block, offset: int) -> bool:
        """Whether the line around an offset of the file has a hit."""
        raw, at = block.raw, offset - block.offset
        begin, end = raw.rfind(b"\n", 0, at) + 1, raw.find(b"\n", at)
        line = raw[begin : end if end >= 0 else len(raw)]
        return self.pattern.matches(block.encoding.text(shown(line)))
