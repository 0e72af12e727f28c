"""The workers of a run: those that run now first, then those that ended, the last one to end foremost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from engine.launch import WorkerNow
from gui.kit import theme, words
from gui.kit.columns import ROOT, ColumnsModel, Index
from gui.workers.reader import Row

_Role = Qt.ItemDataRole


class Column(IntEnum):
    """The columns, left to right."""

    NUMBER, STATE, TASK, INPUT, SECONDS, DONE, PID, STARTED, ENDED = range(9)


HEADERS = {
    Column.NUMBER: ("Worker", "Its number: 1 is the first that the run started"),
    Column.STATE: ("State", "What it does now, or how it ended"),
    Column.TASK: ("Task", "Index of the task it is on, or was on when it ended"),
    Column.INPUT: ("Input", "What the function was called with for that task"),
    Column.SECONDS: ("Time", "How long it has been on its task; of one that ended, how long it lived"),
    Column.DONE: ("Done", "Tasks that it brought to an end"),
    Column.PID: ("Process", "Its process number"),
    Column.STARTED: ("Started", "When it was started, in local time"),
    Column.ENDED: ("Ended", "When it ended, in local time"),
}
_RIGHT = {Column.NUMBER, Column.TASK, Column.SECONDS, Column.DONE, Column.PID}
MONOSPACE = {Column.INPUT}


class WorkersModel(ColumnsModel):
    """What run.db knows of the workers, and what the host says of those that run."""

    headers = HEADERS
    right = _RIGHT

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, Row] = {}
        self._now: dict[int, WorkerNow] = {}
        self._order: list[int] = []
        self._live = False
        """Whether the run goes on."""
        self._mono = theme.monospace()

    def clear(self) -> None:
        """Show no run."""
        self.beginResetModel()
        self._rows, self._now, self._order, self._live = {}, {}, [], False
        self.endResetModel()

    def take(self, rows: Iterable[Row], live: bool) -> None:
        """Take in what run.db has."""
        self._rows.update((row.record.number, row) for row in rows)
        self._live = live
        if not live:
            self._now = {}
        self._arrange()

    def tell(self, workers: Sequence[WorkerNow]) -> None:
        """Take in what the host says of the workers that run."""
        self._now = {worker.number: worker for worker in workers}
        self._arrange()

    def _arrange(self) -> None:
        running = [number for number in sorted(self._rows) if self.is_running(number)]
        ended = [number for number in self._rows if not self.is_running(number)]
        order = running + sorted(ended, reverse=True)
        if order == self._order:
            if order:
                self.dataChanged.emit(self.index(0, 0), self.index(len(order) - 1, len(Column) - 1))
            return
        self.beginResetModel()
        self._order = order
        self.endResetModel()

    def is_running(self, number: int) -> bool:
        """Whether a worker runs, as far as is known."""
        row = self._rows.get(number)
        return self._live and row is not None and row.record.ended is None

    @property
    def running(self) -> int:
        """How many workers run."""
        return sum(1 for number in self._rows if self.is_running(number))

    def number(self, row: int) -> int:
        """The worker in a row."""
        return self._order[row]

    def row_of(self, number: int) -> int:
        """The row of a worker; -1 where it is not shown."""
        return self._order.index(number) if number in self._rows else -1

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._order)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = index.column(), self._rows[self._order[index.row()]]
        if role == _Role.DisplayRole:
            return self._text(row, column)
        if role == _Role.TextAlignmentRole:
            return self.alignment(column)
        if role == _Role.FontRole:
            return self._mono if column in MONOSPACE else None
        if role == _Role.ForegroundRole:
            return self._color(row, column)
        if role == _Role.ToolTipRole and column in (Column.STARTED, Column.ENDED):
            record = row.record
            return words.date_and_clock((record.started if column == Column.STARTED else record.ended) or 0.0)
        return None

    def _text(self, row: Row, column: int) -> str:
        record, now = row.record, self._now.get(row.record.number)
        if column == Column.NUMBER:
            return str(record.number)
        if column == Column.STATE:
            return self.state(record.number)
        if column == Column.TASK:
            task = now.task if now else record.last_task
            return "" if task is None else str(task)
        if column == Column.INPUT:
            return words.one_line(now.input) if now else ""
        if column == Column.SECONDS:
            return self._seconds(row, now)
        if column == Column.DONE:
            return f"{max(row.done, now.done if now else 0):,}"
        if column == Column.PID:
            return str(record.pid)
        return words.clock((record.started if column == Column.STARTED else record.ended) or 0.0)

    def _seconds(self, row: Row, now: WorkerNow | None) -> str:
        if now is not None:
            return words.duration(now.seconds) if now.task is not None else ""
        ended = row.record.ended
        return words.duration(ended - row.record.started) if ended else ""

    def state(self, number: int) -> str:
        """What a worker does now, or how it ended."""
        record, now = self._rows[number].record, self._now.get(number)
        if self.is_running(number):
            if now is None:
                return "Running"
            return "On a task" if now.task is not None else "Between tasks"
        if record.ended is None:
            return "Ended with the run"
        if record.signal:
            return f"Killed by {record.signal}"
        return f"Exit status {record.exit_code}" if record.exit_code else "Ended"

    def _color(self, row: Row, column: int) -> QColor | None:
        record = row.record
        if self.is_running(record.number):
            return None
        if column == Column.STATE and (record.signal or record.exit_code):
            return QColor(theme.colors().problem)
        return QColor(theme.colors().muted)

    def seen(self, number: int) -> str:
        """Where a worker was when it was looked at: its Python stack, with a line on what it was on."""
        now = self._now.get(number)
        if now is None:
            return ""
        task = "between tasks" if now.task is None else f"on task {now.task}"
        stack = now.stack.strip() or "It gave no Python stack: it may be starting, or this system has none."
        return f"At {words.clock(time.time())}, {task}:\n{stack}"
