"""Goes to a task in the table: by its index, or to the next one that failed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.query.arrange import FindFailed, RowOf
from engine.query.rows import Place
from gui.kit.query import Query
from gui.results.model import ResultsModel
from gui.results.table import ResultsTable

PLACE, FAILED = "place", "failed"
"""The keys of its questions."""


class Going(QObject):
    """Asks for the row of a task, and selects it."""

    said = Signal(str)
    """Why it goes nowhere; empty if it goes somewhere."""

    def __init__(self, table: ResultsTable, model: ResultsModel, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._model = model
        self._query: Query | None = None
        self._wanted = -1
        """The task to go to, or the direction in which a failed one is looked for."""
        self._awaited = -1
        """A task to go to whose row is not in the model yet."""

    def open(self, query: Query) -> None:
        """Go to tasks of this query's run."""
        self._query = query
        query.answered.connect(self._answered)

    def close_run(self) -> None:
        """Go nowhere any more."""
        self._query, self._awaited = None, -1

    def to(self, task: int) -> None:
        """Select a task; if it has no result and all are shown, the one next to it."""
        if self._query:
            self._wanted = task
            folder, handle = self._query.source, self._model.handle
            self._query.ask(PLACE, RowOf(folder, task, handle) if handle else Place(folder, task))

    def to_failed(self, *, backwards: bool = False) -> None:
        """Select the next or previous failed task."""
        current, total = self._table.current, self._model.total
        row = (total if backwards else -1) if current < 0 else current
        row += -1 if backwards else 1
        self._wanted = -1 if backwards else 1
        if self._query and 0 <= row < total:
            self._query.ask(FAILED, FindFailed(self._query.source, row, backwards, self._model.handle))
        else:
            self._go(-1, FAILED)

    def rows_came(self) -> None:
        """The model has more rows: go to a task that was not there before."""
        if self._awaited >= 0:
            task, self._awaited = self._awaited, -1
            self.to(task)

    def _answered(self, key: str, answer: object) -> None:
        if key in (PLACE, FAILED) and isinstance(answer, int):
            self._go(answer, key)

    def _go(self, row: int, key: str) -> None:
        """Go to a row that was asked for; -1 is none."""
        if key == PLACE and (row >= self._model.total or not self._model.total):  # still being read
            self._awaited = self._wanted
        elif row >= 0:
            self.said.emit("")
            self._table.go(row, centred=True)
        elif key == FAILED:
            self.said.emit(f"No failed task {'further down' if self._wanted > 0 else 'further up'}.")
        elif self._model.handle:
            self.said.emit(f"Task {self._wanted:,} is not among the tasks shown.")
