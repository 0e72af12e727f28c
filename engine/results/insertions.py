"""Which rows were inserted, so that views can keep their rows."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int]
"""First row and number of rows."""

MOST = 10_000
"""Insertions that are remembered."""


class Insertions:
    """Spans of rows that were inserted, one after the other."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._forgotten = 0
        """Insertions that are no longer remembered."""

    @property
    def version(self) -> int:
        """The number of insertions."""
        return self._forgotten + len(self._spans)

    def add(self, row: int, count: int) -> None:
        """Rows were inserted."""
        self._spans.append((row, count))
        if len(self._spans) > MOST:
            del self._spans[: MOST // 2]
            self._forgotten += MOST // 2

    def since(self, version: int) -> list[Span] | None:
        """The rows inserted since `version`, one span after the other; None if that is too long ago."""
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
        """The current place of rows that were at `spans` in a version; None if that is too long ago."""
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
