"""Search: a pattern finds exactly what `re` finds in each line as shown, but faster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.log.lines import Block

if TYPE_CHECKING:
    from engine.log.lines import Positions

_FOLDS = "ksiKSI"
"""ASCII letters that are equal to non-ASCII letters if case is ignored."""
_REPEATS = "*?{"


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
        if self.word:
            source = rf"(?<!\w)(?:{source})(?!\w)"
        return re.compile(source, re.IGNORECASE if self.ignore_case else 0)

    @cached_property
    def needed(self) -> str:
        """A text that every line with a hit certainly contains; empty if unknown."""
        return self.text if self.literal else sure_literal(self.text)

    @cached_property
    def exact(self) -> bool:
        """Whether every line with the required text has a hit."""
        plain = self.literal or (self.text == self.needed and self.text != "")
        return plain and not self.word and not self.ignore_case

    def matches(self, line: str) -> bool:
        """Whether a line as it is shown has a hit."""
        return self.regex.search(line) is not None

    def lines_in(self, block: Block) -> Positions | list[int]:
        """The indexes of the lines of a block that have a hit."""
        candidates = self._candidates(block)
        if candidates is None:
            return [n for n, line in enumerate(block.texts) if self.matches(line)]
        if self.exact:
            return candidates
        text = block.encoding.text
        return [n for n in candidates.tolist() if self.matches(text(block.piece(n)))]

    def _candidates(self, block: Block) -> Positions | None:
        """The lines with the required text; None if all must be examined."""
        if not self.needed or "\n" in self.needed:
            return None
        data = block.data
        needed = block.encoding.bytes_of(self.needed)
        if needed is None or "\ufffd" in self.needed:  # invalid bytes are shown as that
            return None
        if self.ignore_case:
            if not self.needed.isascii() or not (data.isascii() or not set(self.needed) & set(_FOLDS)):
                return None
            data, needed = data.lower(), needed.lower()
        return lines_with(block, data, needed)

    def spans(self, line: str) -> Iterator[tuple[int, int]]:
        """The hits in a line."""
        return (found.span() for found in self.regex.finditer(line) if found.end() > found.start())


def lines_with(block: Block, data: bytes, needed: bytes) -> Positions:
    """The lines that contain these bytes, in order."""
    import numpy as np

    if needed not in data:
        return np.empty(0, np.int64)
    parts = data.split(needed)
    sizes = np.fromiter(map(len, parts), np.int64, len(parts))[:-1]
    hits = np.cumsum(sizes) + np.arange(len(sizes)) * len(needed)
    lines = np.searchsorted(block.starts, hits, "right") - 1
    return lines[np.diff(lines, prepend=-1) > 0]


def sure_literal(pattern: str) -> str:
    """The longest literal text in every match of a pattern; empty if that is not certain.

    Only text outside groups and classes counts, and a pattern with an alternative has none.
    """
    if "(?" in pattern and re.match(r"\(\?[aiLmsux-]+\)", pattern):
        return ""
    best = run = ""
    depth = at = 0
    while at < len(pattern):
        char, size, plain = pattern[at], 1, False
        if char == "\\":
            size = 2
            following = pattern[at + 1 : at + 2]
            plain = bool(following) and not following.isalnum()
            char = following
        elif char == "[":
            size = _class_size(pattern, at)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|":
            if depth == 0:
                return ""
        else:
            plain = char not in "^$.*+?{}"
        behind = pattern[at + size : at + size + 1]
        if depth == 0 and plain and (not behind or behind not in _REPEATS):
            run += char
            if behind == "+":
                best, run = max(best, run, key=len), ""
        else:
            best, run = max(best, run, key=len), ""
            if char == "{" and not plain:
                size = max(pattern.find("}", at) - at + 1, 1)
        at += size
    return max(best, run, key=len)


def _class_size(pattern: str, at: int) -> int:
    """The length of the character class that begins at a position."""
    end = at + 1
    if pattern[end : end + 1] == "^":
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end + 1 - at
