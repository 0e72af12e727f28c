"""The lines that a lane printed: their count, and the content of those near the screen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, Signal

from engine.query.output import OutputPage
from gui.kit.columns import ROOT, Cell, Index
from gui.kit.grid.model import GridModel
from gui.kit.tips import plain_tip

PAGE = 128
"""Lines that are requested at once."""
SLOTS = 4
"""Pages that are requested at once: as many as fit on a screen."""
_KEPT = 16
"""Pages that are kept: more than fit on a screen."""
_CONTROLS = {code: chr(0x2400 + code) for code in range(32)} | {9: "    ", 127: "\u2421"}
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
"""Replaces characters that are invisible or reverse the text direction."""


class Column(IntEnum):
    """The columns, left to right."""

    LINE, TASK, TEXT = range(3)


HEADERS = {
    Column.LINE: ("Line", "The number of the line in the file of this lane"),
    Column.TASK: ("Task", "The task that printed it, or several if it may have been any of them"),
    Column.TEXT: ("Output", "What was printed"),
}


class OutputModel(GridModel):
    """Lines of one file. `cells` never waits: missing rows are requested through `wanted`."""

    headers = HEADERS
    right = (Column.LINE, Column.TASK)
    monospace = (Column.TEXT,)

    wanted = Signal(int)
    """Read the page that begins at this line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._pages: dict[int, tuple[int, list[tuple[Cell, ...]]]] = {}
        """By first line: the number of lines when the page was read, and its rows."""
        self._asked: dict[int, int] = {}
        """By slot, the page requested last: older requests are not answered any more."""

    def clear(self) -> None:
        """Forget all lines."""
        self.beginResetModel()
        self._total = 0
        self._pages.clear()
        self._asked.clear()
        self.endResetModel()

    def put(self, page: OutputPage) -> None:
        """Store an answer."""
        slot = _slot(page.first)
        if self._asked.get(slot) == page.first:
            del self._asked[slot]
        if not page.lines:
            return
        rows = [
            (Cell(f"{page.first + nth + 1:,}", "muted"), Cell(_tasks(*span), "muted"), Cell(_seen(line)))
            for nth, (line, span) in enumerate(zip(page.lines, page.tasks, strict=True))
        ]
        self._pages.pop(page.first, None)
        self._pages[page.first] = page.total, rows
        while len(self._pages) > _KEPT:
            del self._pages[next(iter(self._pages))]
        last = min(page.first + len(rows), self.rowCount()) - 1
        if page.first <= last:
            self.dataChanged.emit(self.index(page.first, 0), self.index(last, len(Column) - 1))

    def grow(self, total: int, *, again: bool) -> None:
        """Set the number of lines. With `again`, reload those at the end, which may have grown."""
        known = self._total
        if total > known:
            first, last = self.rowCount(), min(total, self.QT_MOST) - 1
            if first <= last:
                self.beginInsertRows(QModelIndex(), first, last)
            self._total = total
            if first <= last:
                self.endInsertRows()
            self.came_in.emit(known, total - known)
        if again:
            for first, (then, rows) in list(self._pages.items()):
                if first + len(rows) == then:
                    self._ask(first)

    def _ask(self, first: int) -> None:
        slot = _slot(first)
        if self._asked.get(slot) != first:
            self._asked[slot] = first
            self.wanted.emit(first)

    @property
    def total(self) -> int:
        return self._total

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else min(self._total, self.QT_MOST)

    def cells(self, row: int) -> Sequence[Cell]:
        first = row - row % PAGE
        _, rows = self._pages.get(first, (0, []))
        if row - first < len(rows):
            return rows[row - first]
        self._ask(first)
        return Cell(f"{row + 1:,}", "muted"), Cell(""), Cell("…", "muted")

    def tip(self, row: int, column: int) -> str | None:
        return plain_tip(self.cells(row)[column].text) if column == Column.TEXT else None


def _slot(first: int) -> int:
    return first // PAGE % SLOTS


def _tasks(first: int, count: int) -> str:
    if not count:
        return ""
    return str(first) if count == 1 else f"{first} to {first + count - 1}"


def _seen(line: str) -> str:
    return line.translate(_CONTROLS)
