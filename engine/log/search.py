"""Search: a pattern finds exactly what `re` finds in each line as shown, but faster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from engine.log.encoding import Encoding
from engine.log.lines import Block
from engine.log.literals import sure_literals

if TYPE_CHECKING:
    from engine.log.lines import Positions

_FOLDING = re.compile(r"[ksiKSI]|[^\x00-\x7f]+")
"""What may be written with other letters than its own two if case is ignored: ASCII letters, too."""

_FEW = 200
"""Hits in a block up to which line ends are counted between them, without finding each."""


@dataclass(frozen=True)
class Pattern:
    """A search text, for one line at a time."""

    text: str
    literal: bool = False
    word: bool = False
    ignore_case: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Raises `re.error` for an invalid pattern."""
        source = re.escape(self.text) if self.literal else self.text
        if self.word and self.literal:  # `re` is quick only if it begins with the text
            source = rf"{source}(?<!\w(?s:.){{{len(self.text)}}})(?!\w)"
        elif self.word:
            flags = _flags_of(source)
            end = "\n" if "x" in flags else ""  # of a comment
            source = rf"{flags}(?<!\w)(?:{source[len(flags) :]}{end})(?!\w)"
        with catch_warnings():
            simplefilter("ignore")  # of what may get another meaning in a later Python
            return re.compile(source, re.IGNORECASE if self.ignore_case else 0)

    @cached_property
    def any_case(self) -> bool:
        """Whether case is ignored, by choice or by the pattern itself."""
        return bool(self.regex.flags & re.IGNORECASE)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Texts of which every line with a hit contains at least one; empty if none are known."""
        return ((self.text,) if self.text else ()) if self.literal else sure_literals(self.text)

    @cached_property
    def exact(self) -> bool:
        """Whether every line with the needed text has a hit."""
        return self.needed == (self.text,) and not self.word and not self.any_case

    def matches(self, line: str) -> bool:
        """Whether a line as it is shown has a hit."""
        return self.regex.search(line) is not None

    def needed_bytes(self, encoding: Encoding) -> tuple[bytes, ...]:
        """Narrowed bytes of which every line with a hit contains some; empty if none are known.

        If case is ignored, the line contains them with ASCII letters in any case.
        """
        found: list[bytes] = []
        for needed in self.needed:
            text = max(_FOLDING.split(needed), key=len) if self.any_case else needed
            data = encoding.bytes_of(text)
            if not data or "\n" in text or "\ufffd" in text:  # invalid bytes are shown as that
                return ()
            found.append(data)
        return tuple(found)

    def lines_in(self, block: Block) -> Positions | list[int]:
        """The indexes of the lines of a block that have a hit."""
        needed = self.needed_bytes(block.encoding)
        if not needed:
            return [n for n, line in enumerate(block.texts) if self.matches(line)]
        data = block.data
        if self.any_case:
            data, needed = data.lower(), {part.lower() for part in needed}
        found = [places_of(data, part) for part in needed]
        if self.exact:
            return found[0][0]
        places = {n: at for lines, hits in found for n, at in zip(lines.tolist(), hits.tolist(), strict=True)}
        return [n for n in sorted(places) if self.hits_at(block.data, places[n], block.encoding)]

    def hits_at(self, data: bytes, place: int, encoding: Encoding) -> bool:
        """Whether the line around a place has a hit, in narrowed bytes as they are shown."""
        begin, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
        return self.matches(encoding.text(data[begin : end if end >= 0 else len(data)]))

    def spans(self, line: str) -> Iterator[tuple[int, int]]:
        """The hits in a line."""
        return (found.span() for found in self.regex.finditer(line) if found.end() > found.start())


def _flags_of(pattern: str) -> str:
    """The flags at the beginning of a pattern, which must stay there."""
    found = re.match(r"(?:\(\?[aiLmsux]+\))+", pattern)
    return found[0] if found else ""


def places_of(data: bytes, needed: bytes) -> tuple[Positions, Positions]:
    """The indexes of the lines that contain these bytes, in order, and where each has them first."""
    import numpy as np

    if needed not in data:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    sizes = np.array([len(part) for part in data.split(needed)[:-1]], np.int64)
    places = np.cumsum(sizes) + np.arange(len(sizes)) * len(needed)
    ends = np.frombuffer(data, np.uint8) == ord("\n")
    if len(places) > _FEW:
        lines = np.searchsorted(np.flatnonzero(ends), places)
    else:
        spans = zip([0, *places.tolist()], places.tolist(), strict=False)
        lines = np.cumsum([np.count_nonzero(ends[begin:end]) for begin, end in spans])
    first = np.diff(lines, prepend=-1) > 0
    return lines[first], places[first]
