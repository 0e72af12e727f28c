"""Copies rows of results to the clipboard; the menu of rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from engine.query.copying import Copied, Copy
from engine.query.run import Span
from gui.kit.query import Query
from gui.results.model import Column
from gui.results.retrying import Retrying
from gui.results.table import ResultsTable

STYLES = {"csv": "CSV", "markdown": "Markdown", "python": "Python"}
"""Formats for copied rows besides tab-separated lines."""


class RowsMenu(QMenu):
    """The menu of a row of results. It copies off the GUI thread."""

    said = Signal(str)
    """A message for the user about a copy."""

    def __init__(self, table: ResultsTable, retrying: Retrying, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self._retrying = retrying
        self._query: Query | None = None
        self._to_copy = 0
        """The rows to copy."""

    def open(self, query: Query) -> None:
        """Copy rows of this query's run."""
        self._query = query
        query.answered.connect(self._answered)

    def close_run(self) -> None:
        """Copy nothing any more."""
        self._query = None

    def show_for(
        self, row: int, column: int, at: QPoint, sort: Callable[[int, bool], None], is_sorted: bool
    ) -> None:
        """Open it at a screen position, for a cell."""
        self.clear()
        rows = QAction("Copy rows", self, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        rows.triggered.connect(lambda: self.copy("tsv"))
        self.addAction(rows)
        others = self.addMenu("Copy rows as")
        for style, name in STYLES.items():
            others.addAction(name).triggered.connect(partial(self._copy_as, style))
        name = self._table.results.headers[column][0]
        name = name.lower() if column < len(Column) else name
        state = self._state  # rows may arrive while the menu is open
        self.addAction(f"Copy {name}").triggered.connect(
            lambda: self._copy(((row, 1),), "plain", (column,), state)
        )
        self.addSeparator()
        self.addAction(f"Sort by {name}").triggered.connect(lambda: sort(column, False))
        self.addAction(f"Sort by {name}, descending").triggered.connect(lambda: sort(column, True))
        if is_sorted:
            self.addAction("Sort as the inputs").triggered.connect(lambda: sort(-1, False))
        self.addSeparator()
        retry = self.addAction("Retry selected tasks")
        retry.setEnabled(self._retrying.allowed)
        retry.triggered.connect(self._retrying.selected)
        self.popup(at)

    def _copy_as(self, style: str, *_: object) -> None:
        self.copy(style)

    def copy(self, style: str) -> None:
        """Copy the selected rows, with the visible columns."""
        spans = tuple((first, stop - first) for first, stop in self._table.selection.spans)
        self._copy(spans, style, tuple(self._table.header.shown), self._state)

    @property
    def _state(self) -> tuple[int, int, int]:
        """Which order the rows are in: its handle, generation and version."""
        model = self._table.results
        return model.generation, model.version, model.handle

    def _copy(
        self, spans: tuple[Span, ...], style: str, columns: tuple[int, ...], state: tuple[int, int, int]
    ) -> None:
        if spans and self._query:
            self._to_copy = sum(count for _, count in spans)
            generation, version, handle = state
            folder = self._query.source
            keys = self._table.results.keys
            named = tuple(c if c < len(Column) else keys[c - len(Column)] for c in columns)
            self._query.ask("copy", Copy(folder, generation, version, spans, style, named, handle))

    def _answered(self, _key: str, copied: object) -> None:
        if not isinstance(copied, Copied):
            return
        QGuiApplication.clipboard().setText(copied.text)
        if copied.rows < self._to_copy:
            self.said.emit(
                f"Copied the first {copied.rows:,} of {self._to_copy:,} rows, which is as much as the "
                "clipboard takes. An export holds all."
            )
