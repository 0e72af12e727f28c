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
from engine.log.places import as_positions, first_of_each, in_words, lines_of, merged, places_of

if TYPE_CHECKING:
    from engine.log.lines import Positions

_FOLDING = re.compile(r"[ksiKSI]|[^\x00-\x7f]+")
"""What may be written with other letters than its own two if case is ignored: ASCII letters, too."""

_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
_MANY = 8
"""If at least one line in this many is examined, all are decoded at once."""


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
        if self._is_decided_by_bytes(block):
            return self._decided(block)
        needed = self.needed_bytes(block.encoding)
        if not needed:
            return [n for n, line in enumerate(block.texts) if self.matches(line)]
        places = merged([places_of(block.data, part, any_case=self.any_case) for part in needed])
        lines = lines_of(block.data, places)
        first = first_of_each(lines)
        if self.exact:
            return lines[first]
        return self._confirmed(block, lines[first], places[first])

    def _is_decided_by_bytes(self, block: Block) -> bool:
        """Whether hits in a block are known from the bytes of the text and those beside it."""
        text = self.text
        if not text.isascii() or not text or "\n" in text or not (self.literal or _is_plain(text)):
            return False
        return block.encoding.bytes_of(text) == text.encode() and (not self.any_case or block.data.isascii())

    def _decided(self, block: Block) -> Positions:
        """The lines with a hit, as far as possible by their bytes alone."""
        data, needed = block.data, self.text.encode()
        places = places_of(data, needed, any_case=self.any_case)
        unsure = places[:0]
        if self.word:
            sure, perhaps = in_words(data, places, len(needed))
            unsure, places = places[perhaps], places[sure]
        lines = lines_of(data, places)
        lines = lines[first_of_each(lines)]
        if len(unsure):
            undecided = lines_of(data, unsure)
            first = first_of_each(undecided)
            lines = merged([lines, as_positions(self._confirmed(block, undecided[first], unsure[first]))])
            lines = lines[first_of_each(lines)]
        return lines

    def _confirmed(self, block: Block, lines: Positions, places: Positions) -> list[int]:
        """Those of the lines that have a hit; each has one of the places."""
        numbers: list[int] = lines.tolist()
        if len(numbers) * _MANY > block.count:
            return [n for n in numbers if self.matches(block.texts[n])]
        pairs = zip(numbers, places.tolist(), strict=True)
        return [n for n, place in pairs if self.hits_at(block.data, place, block.encoding)]

    def hits_at(self, data: bytes, place: int, encoding: Encoding) -> bool:
        """Whether the line around a place has a hit, in narrowed bytes as they are shown."""
        begin, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
        return self.matches(encoding.text(data[begin : end if end >= 0 else len(data)]))

    def spans(self, line: str) -> Iterator[tuple[int, int]]:
        """The hits in a line."""
        return (found.span() for found in self.regex.finditer(line) if found.end() > found.start())


def _is_plain(pattern: str) -> bool:
    """Whether a regular expression is a text that stands for itself."""
    return not _SPECIAL.search(pattern)


def _flags_of(pattern: str) -> str:
    """The flags at the beginning of a pattern, which must stay there."""
    found = re.match(r"(?:\(\?[aiLmsux]+\))+", pattern)
    return found[0] if found else ""
