"""Which rows came in between, so that whoever shows rows keeps what they have."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int]
"""First row and number of rows."""

MOST = 10_000
"""Insertions that are remembered."""


class Insertions:
    """Spans of rows that were put in, one after the other."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._forgotten = 0
        """Insertions that are not remembered any more."""

    @property
    def version(self) -> int:
        """Counts them."""
        return self._forgotten + len(self._spans)

    def add(self, row: int, count: int) -> None:
        """Rows were put in."""
        self._spans.append((row, count))
        if len(self._spans) > MOST:
            del self._spans[: MOST // 2]
            self._forgotten += MOST // 2

    def since(self, version: int) -> list[Span] | None:
        """The rows that came in since `version`, to be put in one by one; None if that is too long ago."""
        if not self._forgotten <= version <= self.version:
            return None
        spans: list[Span] = []
        for row, count in self._spans[version - self._forgotten :]:
            if spans and spans[-1][0] <= row <= sum(spans[-1]):
                spans[-1] = (spans[-1][0], spans[-1][1] + count)
            else:
                spans.append((row, count))
        return spans

    def moved(self, version: int, spans: Sequence[Span]) -> list[Span] | None:
        """Where rows stand now that stood in `spans` in a version; None if that is too long ago."""
        if not self._forgotten <= version <= self.version:
            return None
        now = list(spans)
        for row, count in self._spans[version - self._forgotten :]:
            before = [(first, min(length, row - first)) for first, length in now if first < row]
            behind = [
                (max(first, row) + count, first + length - max(first, row))
                for first, length in now
                if first + length > row
            ]
            now = before + behind
        return now
