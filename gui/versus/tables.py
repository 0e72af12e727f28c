"""The tables of the page: numbers of both runs, differences in the jobs, and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from gui.kit import theme
from gui.kit.plain_table import make_plain
from gui.kit.tips import plain_tip
from gui.kit.words import duration, one_line

if TYPE_CHECKING:
    from engine.results.differences import RunDifferences, TaskPair

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
BEFORE, NOW = "Before", "Now"
_ERRORS = {"fixed": (2,), "broken": (3,), "other error": (2, 3)}
"""Columns with an error, by kind."""


class PlainTable(QTableWidget):
    """Rows of text, for reading and copying."""

    def __init__(self, name: str, titles: Sequence[str]) -> None:
        super().__init__(0, len(titles))
        make_plain(self, name)
        self.setHorizontalHeaderLabels(list(titles))

    def fill(self, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
        """Show these rows; columns in `right` are right-aligned."""
        self.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(one_line(text))
                if len(text) > 40 or "\n" in text:
                    item.setToolTip(plain_tip(text[:2000]))
                if column in right:
                    item.setTextAlignment(_RIGHT)
                self.setItem(at, column, item)


class Numbers(PlainTable):
    """What can be said about both runs in a word or a number."""

    def __init__(self) -> None:
        super().__init__("Both runs in numbers", ("", BEFORE, NOW, "Change"))
        for column, width in enumerate((150, 190, 190, 90)):
            self.setColumnWidth(column, width)
        self.horizontalHeader().setStretchLastSection(True)

    def show_differences(self, found: RunDifferences) -> None:
        """Show the numbers of two runs."""
        from engine.results.verdict import numbers

        self.fill(list(numbers(found)))


class Jobs(PlainTable):
    """How the jobs and their environments differ."""

    def __init__(self) -> None:
        super().__init__("What differs in the jobs", ("Job", BEFORE, NOW))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)

    def show_differences(self, found: RunDifferences) -> None:
        """Show the differences."""
        rows = [(change.key, change.one or "–", change.other or "–") for change in found.job]
        self.fill(rows or [("Nothing differs", "", "")])


class Tasks(PlainTable):
    """Tasks of one kind: the input, and the outcome in each run."""

    opened = Signal(int)
    """A row."""

    def __init__(self) -> None:
        titles = ("Task", "Input", BEFORE, NOW, f"Time {BEFORE.lower()}", f"Time {NOW.lower()}")
        super().__init__("Tasks that differ", titles)
        columns = self.horizontalHeader()
        for column in (1, 2, 3):
            columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 90), (4, 100), (5, 100)):
            self.setColumnWidth(column, width)
        self.cellDoubleClicked.connect(lambda row, _column: self.opened.emit(row))

    def show_pairs(self, pairs: Sequence[TaskPair]) -> None:
        """Show these tasks."""
        self.fill([_cells(pair) for pair in pairs], right=(0, 4, 5))
        problem = QColor(theme.colors().problem)
        for row, pair in enumerate(pairs):
            for column in _ERRORS.get(pair.kind, ()):
                if item := self.item(row, column):
                    item.setForeground(problem)
        if pairs:
            self.setCurrentCell(0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.opened.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


def _cells(pair: TaskPair) -> tuple[str, ...]:
    index = f"{pair.one:,}" if pair.one == pair.other else f"{pair.one:,} / {pair.other:,}"
    return (
        index,
        pair.input,
        pair.one_result,
        pair.other_result,
        duration(pair.one_seconds),
        duration(pair.other_seconds),
    )
