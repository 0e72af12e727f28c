"""The loaded rows of results: those near the screen, in stretches that move as rows are inserted."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.query.rows import Page
from engine.results import cells
from gui.kit.columns import Cell

PAGE = 128
"""Rows that are requested at once."""


@dataclass(slots=True)
class Row:
    """All that the table knows about one task."""

    index: int
    input: str
    status: str
    value: str
    start: float
    end: float
    worker: int
    parts: tuple[str, ...] = ()
    """Parts of its input and value, by the known keys."""
    drawn: tuple[Cell, ...] | None = field(default=None, compare=False)
    """Its cells, once they have been drawn."""

    def cells(self) -> tuple[str, ...]:
        """The row as cells, in the order of the table's columns."""
        return (
            str(self.index),
            self.input,
            self.status,
            self.value,
            cells.seconds(self.start, self.end),
            str(self.worker),
            cells.date_and_clock(self.start),
        )


def rows_of(page: Page) -> list[Row]:
    """The rows of a page."""
    tasks, workers = array("q", page.tasks), array("q", page.workers)
    begins, ends = array("d", page.begins), array("d", page.ends)
    parts = zip(*page.parts, strict=True) if page.parts else [()] * len(tasks)
    columns = zip(tasks, page.inputs, page.statuses, page.values, begins, ends, workers, parts, strict=True)
    return [Row(*row) for row in columns]


class _Stretch:
    """A stretch of adjacent rows."""

    __slots__ = ("first", "rows", "used")

    def __init__(self, first: int, rows: list[Row], used: int) -> None:
        self.first = first
        self.rows = rows
        self.used = used
        """When it was last used, by a counter."""

    @property
    def stop(self) -> int:
        return self.first + len(self.rows)


class AtHand:
    """Rows by their position in the table. Stretches do not overlap; the least recently used are dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        """Stretches that are kept."""
        self._stretches: list[_Stretch] = []
        self._firsts: list[int] = []
        self._looks = 0

    def __len__(self) -> int:
        return sum(len(stretch.rows) for stretch in self._stretches)

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for stretch in self._stretches:
            yield from enumerate(stretch.rows, stretch.first)

    def get(self, row: int) -> Row | None:
        """The row at a position, if it is loaded."""
        at = bisect_right(self._firsts, row) - 1
        if at < 0:
            return None
        stretch = self._stretches[at]
        if row >= stretch.stop:
            return None
        self._looks += 1
        stretch.used = self._looks
        return stretch.rows[row - stretch.first]

    def clear(self) -> None:
        """Forget all."""
        self._set([])

    def put(self, first: int, rows: list[Row]) -> None:
        """Store the rows from `first` on, replacing earlier ones."""
        self._looks += 1
        stop = first + len(rows)
        begin = max(bisect_right(self._firsts, first) - 1, 0)
        end = max(bisect_left(self._firsts, stop), begin)
        parts = [part for old in self._stretches[begin:end] for part in self._around(old, first, stop)]
        parts = sorted([*parts, _Stretch(first, rows, self._looks)], key=lambda stretch: stretch.first)
        self._stretches[begin:end] = parts
        while len(self._stretches) > self._most:
            self._stretches.remove(min(self._stretches, key=lambda stretch: stretch.used))
        self._firsts = [stretch.first for stretch in self._stretches]

    def _around(self, old: _Stretch, first: int, stop: int) -> Iterator[_Stretch]:
        """The parts of a stretch before and after the rows `first .. stop - 1`."""
        if old.first < first:
            yield _Stretch(old.first, old.rows[: first - old.first], old.used)
        if old.stop > stop:
            begin = max(stop - old.first, 0)
            yield _Stretch(old.first + begin, old.rows[begin:], old.used)

    def shift(self, rows: int) -> None:
        """All stand this much further down; those that would be above the first row are forgotten."""
        moved = [_Stretch(old.first + rows, old.rows, old.used) for old in self._stretches]
        self._set([part for old in moved for part in self._around(old, min(old.first, 0), 0) if old.stop > 0])

    def insert(self, row: int, count: int) -> None:
        """Rows were inserted at `row`: later ones move down."""
        moved: list[_Stretch] = []
        for old in self._stretches:
            if old.stop <= row:
                moved.append(old)
            elif old.first >= row:
                moved.append(_Stretch(old.first + count, old.rows, old.used))
            else:
                at = row - old.first
                moved.append(_Stretch(old.first, old.rows[:at], old.used))
                moved.append(_Stretch(row + count, old.rows[at:], old.used))
        self._set(moved)

    def _set(self, stretches: list[_Stretch]) -> None:
        self._stretches = sorted(stretches, key=lambda stretch: stretch.first)
        self._firsts = [stretch.first for stretch in self._stretches]
