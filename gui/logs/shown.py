"""The loaded rows as they are shown: as text, or in columns of one width."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.query.log import COLUMNS, NO_PAGE, LogPage
from gui.logs.text import Style, colored, printable

TITLES = ("Time", "Level", "Logger", "Process", "Thread", "Task", "Message")
WIDEST = 40
"""Longest cell in a column, except for the last one."""
_GAP = "  "
NO_TIME = -(1 << 63)
RETRIED, RESUMED = 1, 2


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is drawn."""

    text: str
    level: int
    starts: bool
    hits: tuple[tuple[int, int], ...] = ()
    parts: tuple[tuple[int, int, Style], ...] = ()
    """Parts that the program coloured."""
    left: int = 0
    """Characters of the line before the text."""
    matched: tuple[tuple[int, int], ...] = ()
    """What passes the filter."""


@dataclass
class Columns:
    """The width of each column. Columns only grow, so that nothing jumps during scrolling."""

    widths: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))

    def see(self, page: LogPage) -> None:
        """Widen columns for rows that may be shown."""
        for cells in page.cells:
            for n, cell in enumerate(cells[:-1]):
                if len(cell) > self.widths[n]:
                    self.widths[n] = min(max(len(cell), len(TITLES[n])), WIDEST)

    def line(self, cells: tuple[str, ...]) -> str:
        """The cells of a record, aligned; columns that are empty everywhere are left out."""
        parts = [
            _fitted(cell, width) + _GAP
            for cell, width in zip(cells[:-1], self.widths[:-1], strict=True)
            if width
        ]
        return "".join(parts) + cells[-1]

    @property
    def indent(self) -> int:
        """The position of the last column."""
        return sum(width + len(_GAP) for width in self.widths[:-1] if width)

    @property
    def any(self) -> bool:
        """Whether the log has columns."""
        return any(self.widths)


def _fitted(cell: str, width: int) -> str:
    return cell.ljust(width) if len(cell) <= width else f"{cell[: width - 1]}…"


def _pairs(spans: Sequence[tuple[int, ...]], n: int) -> tuple[tuple[int, int], ...]:
    """The spans in a row."""
    places = spans[n] if n < len(spans) else ()
    return tuple(zip(places[::2], places[1::2], strict=True))


class Shown:
    """A page of rows, by their numbers."""

    def __init__(self, page: LogPage = NO_PAGE, columns: Columns | None = None) -> None:
        self.page = page
        self._columns = columns if columns and columns.any else None
        self.numbers = array("q", page.numbers)
        self.times = array("q", page.times)
        self.sizes = array("q", page.sizes)
        self._rows: dict[int, Row] = {}

    @property
    def first(self) -> int:
        return self.page.first

    @property
    def end(self) -> int:
        """The row after the last loaded one."""
        return self.page.first + len(self.page.texts)

    def has(self, row: int) -> bool:
        return self.first <= row < self.end

    def row(self, row: int) -> Row | None:
        """A loaded row."""
        if not self.has(row):
            return None
        if row not in self._rows:
            self._rows[row] = self._made(row - self.first)
        return self._rows[row]

    def _made(self, n: int) -> Row:
        page = self.page
        text, parts = colored(page.texts[n])
        hits, matched = _pairs(page.spans, n), _pairs(page.matched, n)
        level, starts, left = page.levels[n], bool(page.starts[n]), page.left
        if self._columns and not left:
            made = self._columns.line(page.cells[n]) if page.cells[n] else " " * self._columns.indent + text
            moved = len(made) - len(text)
            same = len(text) - len(page.cells[n][-1]) if page.cells[n] else 0
            hits, matched = (
                tuple((a + moved, b + moved) for a, b in spans if a >= same) for spans in (hits, matched)
            )
            return Row(printable(made), level, starts, hits, matched=matched)
        return Row(printable(text), level, starts, hits, tuple(parts), left, matched)

    def number(self, row: int) -> int | None:
        """The line number of a row, counted from 0; None if it is unknown."""
        return self.numbers[row - self.first] if self.has(row) and self.page.exact else None

    def again(self, row: int) -> int:
        """`RETRIED` if the row is of a retried task, `RESUMED` if the run was resumed with it, else 0."""
        n = row - self.first
        return self.page.again[n] if self.has(row) and n < len(self.page.again) else 0

    def file(self, row: int) -> int:
        return self.page.files[row - self.first] if self.has(row) else 0

    def raw(self, row: int) -> str | None:
        """A row as it is in the file."""
        return colored(self.page.texts[row - self.first])[0] if self.has(row) else None

    def time(self, row: int) -> int | None:
        """The time of the record that starts in a row, in microseconds."""
        time = self.times[row - self.first] if self.has(row) else NO_TIME
        return None if time == NO_TIME else time

    def since_before(self, row: int) -> int | None:
        """Microseconds since the record above, if both are loaded."""
        here = self.time(row)
        if here is None:
            return None
        for above in range(row - 1, self.first - 1, -1):
            before = self.time(above)
            if before is not None:
                return here - before
        return None
