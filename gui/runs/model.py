"""The list of saved runs, newest first, narrowed by a filter, and how one of them reads in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.runs import RunSummary

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_ROOT = QModelIndex()
SUMMARY = Qt.ItemDataRole.UserRole
"""The role of a row's RunSummary."""

STATES = {
    "running": "Running",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "unreadable": "Cannot be read",
}
SIGNS = {
    "running": ("run", "accent"),
    "paused": ("pause", "warning"),
    "finished": ("good", "good"),
    "stopped": ("stop", "muted"),
    "failed": ("error", "problem"),
    "interrupted": ("warning", "warning"),
    "unreadable": ("error", "muted"),
}
"""The icon of each state and the colour it has."""


class RunsModel(QAbstractTableModel):
    """One column of runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[RunSummary] = []
        self._shown: list[RunSummary] = []
        self._words: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is no run at all, whatever the filter."""
        return not self._all

    def show(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs; where they are the same ones as before, only their facts change."""
        self._all = list(runs)
        self._narrow()

    @property
    def live(self) -> list[Path]:
        """The runs that go on."""
        return [run.folder for run in self._all if run.state == "running"]

    def update(self, runs: Sequence[RunSummary]) -> None:
        """These runs stand as is told here now; the others as before."""
        news = {run.folder: run for run in runs}
        self.show([news.get(run.folder, run) for run in self._all])

    def narrow(self, text: str) -> None:
        """Keep the runs whose name, date or outcome have all these words."""
        self._words = text.casefold().split()
        self._narrow()

    def _narrow(self) -> None:
        fitting = [run for run in self._all if self._fits(run)]
        if [run.folder for run in fitting] == [run.folder for run in self._shown]:
            self._shown = fitting
            if fitting:
                self.dataChanged.emit(self.index(0, 0), self.index(len(fitting) - 1, 0))
            return
        self.beginResetModel()
        self._shown = fitting
        self.endResetModel()

    def _fits(self, run: RunSummary) -> bool:
        if not self._words:
            return True
        text = f"{run.name} {run.folder.name} {outcome(run)}".casefold()
        return all(word in text for word in self._words)

    def row_of(self, folder: Path) -> int:
        """The row of a run; -1 where it is not shown."""
        return next((row for row, run in enumerate(self._shown) if run.folder == folder), -1)

    def run(self, row: int) -> RunSummary:
        """The run in a row."""
        return self._shown[row]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        run = self._shown[index.row()]
        if role == SUMMARY:
            return run
        if role == _Role.DisplayRole:
            return run.name
        if role == _Role.ToolTipRole:
            return f"{run.name}\n{outcome(run)}\n{run.folder}"
        if role == _Role.AccessibleTextRole:
            return f"{run.name}, {when(run.started, datetime.now())}, {outcome(run)}"
        return None


def sign(run: RunSummary) -> tuple[str, str]:
    """The icon that stands for a run, and its colour."""
    if run.state == "finished" and run.failed:
        return SIGNS["interrupted"]
    return SIGNS.get(_state(run), ("info", "muted"))


def _state(run: RunSummary) -> str:
    return "paused" if run.paused else run.state


def outcome(run: RunSummary) -> str:
    """How a run stands, in words and counts."""
    state = STATES.get(_state(run), run.state)
    if run.state in ("unreadable", "running"):  # the counts of a run that goes on are old when they are read
        return state
    done = run.ok + run.failed
    if run.total is not None and done < run.total:
        failed = f", {run.failed:,} failed" if run.failed else ""
        return f"{state}, {done:,} of {run.total:,} tasks{failed}"
    if run.failed:
        return f"{state}, {run.failed:,} of {done:,} failed"
    return f"{state}, 1 task" if done == 1 else f"{state}, {done:,} tasks"


def when(started: float | None, now: datetime) -> str:
    """The start of a run as one would say it today."""
    if not started:
        return ""
    time = datetime.fromtimestamp(started)
    clock = time.strftime("%H:%M")
    if time.date() == now.date():
        return f"today {clock}"
    if time.date() == (now - timedelta(days=1)).date():
        return f"yesterday {clock}"
    return time.strftime("%Y-%m-%d ") + clock
