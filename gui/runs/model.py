"""The list of runs: those in hand, those that wait, the saved ones; and how each reads in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.kit.tips import plain_tip
from gui.run.queue import Waiting
from gui.run.state import RunState

if TYPE_CHECKING:
    from engine.runs import RunSummary

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_ROOT = QModelIndex()
ENTRY = Qt.ItemDataRole.UserRole
"""The role of what stands in a row."""
PART = Qt.ItemDataRole.UserRole + 1
"""The role of how far a run in hand is."""
WORDS = Qt.ItemDataRole.UserRole + 2
"""The role of how it stands, in words."""
Entry: TypeAlias = "RunSummary | Waiting"

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
    """One column: a RunSummary or a Waiting in each row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._saved: list[RunSummary] = []
        self._in_hand: dict[Path, RunState] = {}
        self._waiting: tuple[Waiting, ...] = ()
        self._shown: list[Entry] = []
        self._words: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is no run at all, whatever the filter."""
        return not (self._saved or self._in_hand or self._waiting)

    def show(self, runs: Sequence[RunSummary]) -> None:
        """Show these saved runs; where they are the same ones as before, only their facts change."""
        self._saved = list(runs)
        self._narrow()

    def show_live(self, in_hand: Sequence[RunState], waiting: Sequence[Waiting]) -> None:
        """Show these runs above the saved ones, as they stand now."""
        self._in_hand = {state.folder: state for state in in_hand if state.folder is not None}
        self._waiting = tuple(waiting)
        self._narrow()

    @property
    def live(self) -> list[Path]:
        """The runs that go on and are not in hand here: how they stand is read."""
        return [
            run.folder for run in self._saved if run.state == "running" and run.folder not in self._in_hand
        ]

    def update(self, runs: Sequence[RunSummary]) -> None:
        """These runs stand as is told here now; the others as before."""
        news = {run.folder: run for run in runs}
        self.show([news.get(run.folder, run) for run in self._saved])

    def narrow(self, text: str) -> None:
        """Keep the runs whose name, date or outcome have all these words."""
        self._words = text.casefold().split()
        self._narrow()

    def _narrow(self) -> None:
        known = {run.folder: run for run in self._saved}
        live = [_as_summary(state, known.get(folder)) for folder, state in self._in_hand.items()]
        saved = [run for run in self._saved if run.folder not in self._in_hand]
        fitting = [entry for entry in (*live, *self._waiting, *saved) if self._fits(entry)]
        if [_key(entry) for entry in fitting] == [_key(entry) for entry in self._shown]:
            changed = [row for row, entry in enumerate(fitting) if entry != self._shown[row]]
            self._shown = fitting
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], 0))
            return
        self.beginResetModel()
        self._shown = fitting
        self.endResetModel()

    def _fits(self, entry: Entry) -> bool:
        if not self._words:
            return True
        own = entry.folder.name if not isinstance(entry, Waiting) else ""
        text = f"{entry.name} {own} {outcome(entry)}".casefold()
        return all(word in text for word in self._words)

    def row_of(self, folder: Path) -> int:
        """The row of a run; -1 where it is not shown."""
        return self._row(folder)

    def row_like(self, entry: Entry) -> int:
        """The row of the same run or queued run; -1 where it is not shown."""
        return self._row(_key(entry))

    def _row(self, key: Path | str) -> int:
        return next((row for row, entry in enumerate(self._shown) if _key(entry) == key), -1)

    def entry(self, row: int) -> Entry:
        """What stands in a row."""
        return self._shown[row]

    def run(self, row: int) -> RunSummary:
        """The run in a row that has one."""
        entry = self._shown[row]
        assert not isinstance(entry, Waiting)
        return entry

    def part(self, entry: Entry) -> tuple[float | None, float] | None:
        """How far a run in hand is, and the failed part of it; None for other rows."""
        state = self._in_hand.get(entry.folder) if not isinstance(entry, Waiting) else None
        if state is None or not state.begun:
            return None
        if not state.total:
            return None, 0.0
        return (state.ok + state.failed) / state.total, state.failed / state.total

    def words(self, entry: Entry) -> str:
        """How it stands, with the progress of a run in hand."""
        if isinstance(entry, Waiting):
            place = self._waiting.index(entry) + 1
            return f"{outcome(entry)}, {'next' if place == 1 else f'place {place}'}"
        state = self._in_hand.get(entry.folder)
        if state is None or not state.begun:
            return outcome(entry)
        done = state.ok + state.failed
        part = f"{done / state.total:.0%}" if state.total else f"{done:,} task{'s' if done != 1 else ''}"
        failed = f", {state.failed:,} failed" if state.failed else ""
        return f"{outcome(entry)}, {part}{failed}"

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if role == ENTRY:
            return entry
        if role == PART:
            return self.part(entry)
        if role == WORDS:
            return self.words(entry)
        if role == _Role.DisplayRole:
            return entry.name
        if role == _Role.ToolTipRole:
            place = f"\n{entry.folder}" if not isinstance(entry, Waiting) else ""
            return plain_tip(f"{entry.name}\n{self.words(entry)}{place}")
        if role == _Role.AccessibleTextRole:
            began = when(entry.started, datetime.now()) if not isinstance(entry, Waiting) else ""
            return ", ".join(part for part in (entry.name, began, self.words(entry)) if part)
        return None


def _key(entry: Entry) -> Path | str:
    return entry.folder if not isinstance(entry, Waiting) else entry.id


def _as_summary(state: RunState, known: RunSummary | None) -> RunSummary:
    """A run in hand as the list has it."""
    from engine.runs import RunSummary

    assert state.folder is not None
    phase = state.phase
    if phase in ("starting", "stopping", "paused"):
        phase = "running"
    return RunSummary(
        state.folder, state.name, phase, known.started if known else None,
        state.total, state.ok, state.failed,
        paused=state.phase == "paused", kept=True,
    )  # fmt: skip


def sign(run: Entry) -> tuple[str, str]:
    """The icon that stands for a run, and its colour."""
    if isinstance(run, Waiting):
        return "runs", "muted"
    if run.state == "finished" and run.failed:
        return SIGNS["interrupted"]
    return SIGNS.get(_state(run), ("info", "muted"))


def _state(run: RunSummary) -> str:
    return "paused" if run.paused else run.state


def outcome(run: Entry) -> str:
    """How a run stands, in words and counts."""
    if isinstance(run, Waiting):
        return "Held in the queue" if run.held else "Queued"
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
