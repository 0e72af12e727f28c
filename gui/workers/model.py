"""The workers of a run: running ones first, then the ended ones, the latest first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QObject, QTimer, Signal

from engine.launch import WorkerNow
from engine.query.workers import MAIN, WorkersPage
from engine.runs import WorkerRecord
from gui.kit import words
from gui.kit.columns import ROOT, Cell, ColumnsModel, Index


class Column(IntEnum):
    """The columns, left to right."""

    NUMBER, STATE, TASK, INPUT, SECONDS, DONE, PID, STARTED, ENDED = range(9)


HEADERS = {
    Column.NUMBER: ("Worker", "Its number: 1 is the first that the run started"),
    Column.STATE: ("State", "What it does now, or how it ended"),
    Column.TASK: ("Task", "Index of the task it is on, or was on when it ended"),
    Column.INPUT: ("Input", "What the function was called with for that task"),
    Column.SECONDS: ("Time", "How long it has been on its task, or how long it lived if it has ended"),
    Column.DONE: ("Done", "Tasks that it finished"),
    Column.PID: ("Process", "Its process number"),
    Column.STARTED: ("Started", "When it was started, in local time"),
    Column.ENDED: ("Ended", "When it ended, in local time"),
}
_RIGHT = {Column.NUMBER, Column.TASK, Column.SECONDS, Column.DONE, Column.PID}
MONOSPACE = {Column.INPUT}
_NOTHING = WorkersPage(False, 0, (), 0, (), (), None, None)
_WAITING = Cell("…", "muted")


MAIN_NAME = "main"
"""The process of a script that calls its pools."""
_CAUSES = {
    "hand": "Ended by you",
    "stop": "Ended with the run",
    "timeout": "Ended at its time limit",
    "memory": "Ended at its memory limit",
}
"""Reasons for a worker's end, by the cause from the query process."""


class WorkersModel(ColumnsModel):
    """What run.db knows about the workers near the screen, and what the host reports about running ones.

    `data` never waits: missing workers are `wanted`, and shown when they arrive.
    """

    headers = HEADERS
    right = _RIGHT
    monospace = MONOSPACE

    wanted = Signal()
    """Rows on screen that are not loaded."""
    arranged = Signal()
    """Workers may have moved to other rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = _NOTHING
        self._running: frozenset[int] = frozenset()
        self._now: dict[int, WorkerNow] = {}
        self._chosen: WorkerRecord | None = None
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.wanted)

    def clear(self) -> None:
        """Show no run."""
        self.beginResetModel()
        self._page, self._running, self._now, self._chosen = _NOTHING, frozenset(), {}, None
        self._soon.stop()
        self.endResetModel()

    def take(self, page: WorkersPage) -> None:
        """Store what run.db has."""
        before = self._page.total
        if page.total < before:
            self.clear()
            before = 0
        if page.total > before:
            self.beginInsertRows(ROOT, before, page.total - 1)
        self._page, self._running = page, frozenset(page.running)
        if page.record:
            self._chosen = page.record
        if page.total > before:
            self.endInsertRows()
        if not page.live:
            self._now = {}
        self._tell_changed()

    def choose(self, number: int) -> None:
        """Keep this worker loaded, wherever the screen is."""
        self._chosen = self._record(number)

    def tell(self, workers: Sequence[WorkerNow]) -> None:
        """Store what the host reports about running workers."""
        self._now = {worker.number: worker for worker in workers}
        self._tell_changed()

    def _tell_changed(self) -> None:
        if self._page.total:
            self.dataChanged.emit(self.index(0, 0), self.index(self._page.total - 1, len(Column) - 1))
        self.arranged.emit()

    def is_running(self, number: int) -> bool:
        """Whether a worker is running, as far as known."""
        return self._page.live and number in self._running

    @property
    def running(self) -> int:
        """The number of running workers."""
        return len(self._running - {MAIN}) if self._page.live else 0

    def number(self, row: int) -> int | None:
        """The worker of a row, if it is loaded."""
        record = self._at(row)
        return record.number if record else None

    def row_of(self, number: int) -> int:
        """The row of a worker; -1 if it is neither loaded nor the selected one."""
        for at, record in enumerate(self._page.records):
            if record.number == number:
                return self._page.start + at
        if self._chosen and self._chosen.number == number and self._page.row is not None:
            return self._page.row
        return -1

    def _cause(self, number: int) -> str:
        """Why the run ended a worker, if it did."""
        for record, cause in zip(self._page.records, self._page.causes, strict=False):
            if record.number == number:
                return cause
        chosen = self._page.record
        return self._page.cause if chosen is not None and chosen.number == number else ""

    def _at(self, row: int) -> WorkerRecord | None:
        at = row - self._page.start
        return self._page.records[at] if 0 <= at < len(self._page.records) else None

    def _record(self, number: int) -> WorkerRecord | None:
        found = (record for record in self._page.records if record.number == number)
        known = self._chosen if self._chosen and self._chosen.number == number else None
        return next(found, known)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._page.total

    def cell(self, row: int, column: int) -> Cell:
        record = self._at(row)
        if record is None:
            self._soon.start()
            return _WAITING
        text = self._text(record, self._page.done[row - self._page.start], column)
        return Cell(text, self._ink(record, column))

    def tip(self, row: int, column: int) -> str | None:
        record = self._at(row)
        if record is None or column not in (Column.STARTED, Column.ENDED):
            return None
        return words.date_and_clock((record.started if column == Column.STARTED else record.ended) or 0.0)

    def _text(self, record: WorkerRecord, done: int, column: int) -> str:
        now = self._now.get(record.number)
        if column == Column.NUMBER:
            return MAIN_NAME if record.number == MAIN else str(record.number)
        if column == Column.STATE:
            return self.state(record.number)
        if column == Column.TASK:
            task = now.task if now else record.last_task
            return "" if task is None else str(task)
        if column == Column.INPUT:
            return words.one_line(now.input) if now else ""
        if column == Column.SECONDS:
            return self._seconds(record, now)
        if column == Column.DONE:
            return f"{max(done, now.done if now else 0):,}"
        if column == Column.PID:
            return str(record.pid)
        return words.clock((record.started if column == Column.STARTED else record.ended) or 0.0)

    def _seconds(self, record: WorkerRecord, now: WorkerNow | None) -> str:
        if now is not None:
            return words.duration(now.seconds) if now.task is not None else ""
        return words.duration(record.ended - record.started) if record.ended else ""

    def state(self, number: int) -> str:
        """What a worker is doing, or how it ended."""
        record, now = self._record(number), self._now.get(number)
        if record is None:
            return ""
        if self.is_running(number):
            if now is None or number == MAIN:
                return "Running"
            if now.task is not None:
                return "On a task"
            return "Between tasks" if now.done else "Standing by"
        if record.ended is None:
            return "Ended with the run"
        if record.signal:
            return _CAUSES.get(self._cause(number), f"Killed by {record.signal}")
        return f"Exit status {record.exit_code}" if record.exit_code else "Ended"

    def _ink(self, record: WorkerRecord, column: int) -> str:
        if self.is_running(record.number):
            return "text"
        return "problem" if column == Column.STATE and (record.signal or record.exit_code) else "muted"

    def seen(self, number: int) -> str:
        """Where a worker was at that moment: its Python stack, and a line about what it was doing."""
        now = self._now.get(number)
        if now is None:
            return ""
        between = MAIN_NAME if number == MAIN else "between tasks"
        task = between if now.task is None else f"on task {now.task}"
        stack = (
            now.stack.strip()
            or "It sent no Python stack: it may still be starting, or this system does not support it."
        )
        return f"At {words.clock(time.time())}, {task}:\n{stack}"
