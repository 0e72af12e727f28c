"""Texts that are highlighted in every log, each in a colour of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gui.logs import inks
from gui.logs.layouts import Mark


@dataclass(frozen=True)
class Highlight:
    """A highlighted text; never a regular expression, which could take for ever in the GUI thread."""

    text: str
    color: int = 0
    """Its place in `inks.HIGHLIGHTS`."""
    case: bool = True
    word: bool = False

    @cached_property
    def _found(self) -> re.Pattern[str]:
        source = re.escape(self.text)
        return re.compile(
            rf"(?<!\w){source}(?!\w)" if self.word else source, 0 if self.case else re.IGNORECASE
        )

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the text is."""
        return (found.span() for found in self._found.finditer(text)) if self.text else iter(())


def marks(highlights: Sequence[Highlight], text: str) -> list[Mark]:
    """The highlighted parts of a row."""
    return [(a, b, inks.of_highlight(one.color)) for one in highlights for a, b in one.spans(text)]


def toggled(highlights: Sequence[Highlight], text: str) -> list[Highlight]:
    """With a text highlighted in the first free colour; or without it, if it was."""
    rest = [one for one in highlights if one.text != text]
    if len(rest) < len(highlights):
        return rest
    return [*rest, Highlight(text, free_color(rest))]


def free_color(highlights: Sequence[Highlight]) -> int:
    """The colour used least, of these the first."""
    used = [one.color for one in highlights]
    return min(range(len(inks.HIGHLIGHTS)), key=used.count)
