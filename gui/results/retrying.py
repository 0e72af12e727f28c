"""Runs tasks again from the results: those of the user's choice that have no result."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.query.unfinished import FindUnfinished, Unfinished
from engine.results.answers import Group
from gui.kit import words
from gui.kit.query import Query
from gui.results.table import ResultsTable

KEY = "unfinished"
NOTHING = "All of these tasks have a result, so nothing runs again."


class Retrying(QObject):
    """Requests that tasks run again, if the run allows it."""

    asked = Signal(object)
    """Tasks as spans (first, stop), in order; None means all that failed."""
    said = Signal(str)
    """Why nothing runs again."""
    allowed_changed = Signal(bool, str)
    """Whether tasks can run again, and if not, why, if there is more to say."""

    def __init__(self, table: ResultsTable, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._query: Query | None = None
        self.allowed = False
        """Whether tasks of the run can run again now."""
        self._why = ""

    def allow(self, allowed: bool, why: str = "") -> None:
        """Say whether tasks can run again; if not, perhaps why."""
        if (allowed, why) != (self.allowed, self._why):
            self.allowed, self._why = allowed, why
            self.allowed_changed.emit(allowed, why)

    def open(self, query: Query) -> None:
        """Retry tasks of this query's run."""
        self._query = query
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)

    def close_run(self) -> None:
        """Retry nothing any more."""
        self._query = None

    def task(self, task: int) -> None:
        """Run one task without a result again."""
        if self.allowed:
            self.asked.emit(((task, task + 1),))

    def group(self, group: Group) -> None:
        """Run the tasks of a group of failures again."""
        if self.allowed and self._query:
            self._query.ask(KEY, FindUnfinished(self._query.source, group.key))

    def failed(self) -> None:
        """Run all failed tasks again."""
        if self.allowed:
            self.asked.emit(None)

    def selected(self) -> None:
        """Run the selected tasks without a result again."""
        rows = tuple((first, stop - first) for first, stop in self._table.selection.spans)
        if rows and self.allowed and self._query:
            model = self._table.results
            state = model.generation, model.version, model.handle
            self._query.ask(KEY, FindUnfinished(self._query.source, "", rows, *state))

    def _answered(self, _key: str, answer: object) -> None:
        if isinstance(answer, Unfinished):
            if answer.tasks:
                self.asked.emit(answer.spans)
            else:
                self.said.emit(NOTHING)

    def _failed(self, key: str, error: object) -> None:
        if key == KEY:
            self.said.emit(f"No task is run again: {words.cause(error)}")
