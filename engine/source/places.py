"""A line of a script in words: in a notebook, which cell it is in."""

from __future__ import annotations

import bisect
from itertools import accumulate
from pathlib import Path

from engine.host.books import is_book
from engine.host.books.book import read_book


class Places:
    """Locations in one file."""

    def __init__(self, path: Path) -> None:
        self._starts: list[int] = []
        if is_book(str(path)):
            lengths = [cell.code.count("\n") + 1 for cell in read_book(str(path)).cells]
            self._starts = [0, *accumulate(lengths)][: len(lengths)]

    def of(self, line: int) -> str:
        """The location of a line of its text, as `read_source` returns it."""
        if not self._starts:
            return f"Line {line}"
        cell = bisect.bisect_right(self._starts, line - 1) - 1
        return f"Cell {cell + 1}, line {line - self._starts[cell]}"
