"""Which lines are shown and in which order: all lines of the files in turn, or those that pass a filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeAlias

from engine.log.log import Log
from engine.log.selection import Selection
from engine.query.log.kept import Kept, LineMask
from engine.query.log.spec import LogWanted

Place: TypeAlias = tuple[int, int]
"""A file by its number, and a line of it."""


class OneFile(Protocol):
    """A file that may not exist."""

    @property
    def log(self) -> Log | None: ...

    @property
    def lines(self) -> int: ...

    @property
    def complete(self) -> bool: ...


class Rows(Protocol):
    """The visible lines, as rows counted from 0."""

    def total(self) -> int:
        """The number of rows so far."""
        ...

    def places(self, first: int, count: int) -> list[Place]:
        """The lines in some rows."""
        ...

    def row_of(self, place: Place) -> int:
        """The row of a line, or of the next visible one."""
        ...

    def shown(self, file: int, hits: Selection) -> int:
        """How many of these lines are visible."""
        ...


class AllRows:
    """Every line."""

    def __init__(self, files: Sequence[OneFile]) -> None:
        self._files = files

    def total(self) -> int:
        return sum(file.lines for file in self._files)

    def places(self, first: int, count: int) -> list[Place]:
        found: list[Place] = []
        for n, file in enumerate(self._files):
            last = min(first + count, file.lines)
            found += [(n, line) for line in range(max(first, 0), last)]
            first -= file.lines
            if first + count <= 0:
                break
        return found

    def row_of(self, place: Place) -> int:
        above = sum(file.lines for file in self._files[: place[0]])
        return above + min(place[1], self._files[place[0]].lines)

    def shown(self, file: int, hits: Selection) -> int:
        return hits.count


class ChosenRows:
    """The lines that pass a filter."""

    def __init__(self, files: Sequence[OneFile], kept: Sequence[Kept], wanted: LogWanted) -> None:
        self._files = files
        self._masks = [LineMask(one, matching=wanted.only_hits, context=wanted.context) for one in kept]

    def chosen(self) -> Iterator[Selection]:
        """The lines of each file."""
        for file, mask in zip(self._files, self._masks, strict=True):
            yield mask.lines(file.log) if file.log else Selection()

    def total(self) -> int:
        return sum(lines.count for lines in self.chosen())

    def places(self, first: int, count: int) -> list[Place]:
        found: list[Place] = []
        for n, lines in enumerate(self.chosen()):
            start, end = max(first, 0), min(first + count, lines.count)
            if start < end:
                found += [(n, line) for line in islice(lines.starts(start), end - start)]
            first -= lines.count
            if first + count <= 0:
                break
        return found

    def row_of(self, place: Place) -> int:
        every = list(self.chosen())
        return sum(lines.count for lines in every[: place[0]]) + every[place[0]].rank(place[1])

    def shown(self, file: int, hits: Selection) -> int:
        lines = list(self.chosen())[file]
        return sum(int((mask & lines.mask(first, first + len(mask))).sum()) for first, mask in hits.spans())


class HitRows(ChosenRows):
    """The lines with a hit of a search, among all or those that pass a filter."""

    def __init__(self, files: Sequence[OneFile], hits: Sequence[Kept], among: ChosenRows | None) -> None:
        super().__init__(files, (), LogWanted())
        self._hits, self._among = hits, among
        self._both = [((0, 0, 0, 0), Selection()) for _ in hits]
        """For each file what the lines were computed from, and the lines."""

    def chosen(self) -> Iterator[Selection]:
        found = [one.records for one in self._hits]
        if self._among is None:
            yield from found
            return
        for n, (hits, lines) in enumerate(zip(found, self._among.chosen(), strict=True)):
            stand = (hits.lines, hits.count, lines.lines, lines.count)
            if self._both[n][0] != stand:
                self._both[n] = (stand, _common(hits, lines))
            yield self._both[n][1]


def _common(hits: Selection, lines: Selection) -> Selection:
    made = Selection()
    for first, mask in hits.spans():
        made.add(first, mask & lines.mask(first, first + len(mask)))
    return made
