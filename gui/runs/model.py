"""The list of runs: live, waiting, pinned, and the other saved ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.kit.tips import plain_tip
from gui.run.queue import Waiting
from gui.run.state import RunState
from gui.runs.words import Entry, facts, outcome, searched, told_apart, when

if TYPE_CHECKING:
    from engine.runs import RunSummary

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_ROOT = QModelIndex()
ENTRY = Qt.ItemDataRole.UserRole
"""The role of a row's entry."""
PART = Qt.ItemDataRole.UserRole + 1
"""The role of the progress of a live run."""
WORDS = Qt.ItemDataRole.UserRole + 2
"""The role of its state, in words."""
LINE = Qt.ItemDataRole.UserRole + 3
"""The role of its second line."""
OPEN = Qt.ItemDataRole.UserRole + 4
"""The role of whether the front page shows it."""


class RunsModel(QAbstractTableModel):
    """One column: a RunSummary or a Waiting in each row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._saved: list[RunSummary] = []
        self._in_hand: dict[Path, RunState] = {}
        self._waiting: tuple[Waiting, ...] = ()
        self._shown: list[Entry] = []
        self._rows: dict[Path | str, int] = {}
        self._open: Path | None = None
        self._words: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there are no runs at all, filtered or not."""
        return not (self._saved or self._in_hand or self._waiting)

    def show(self, runs: Sequence[RunSummary]) -> None:
        """Show these saved runs; if they are the same ones as before, update only their facts."""
        self._saved = sorted(runs, key=lambda run: not run.pinned)
        self._narrow()

    def show_live(self, in_hand: Sequence[RunState], waiting: Sequence[Waiting]) -> None:
        """Show these live runs above the saved ones, in their current state."""
        self._in_hand = {state.folder: state for state in in_hand if state.folder is not None}
        self._waiting = tuple(waiting)
        self._narrow()

    @property
    def saved(self) -> list[RunSummary]:
        """All saved runs, filtered or not."""
        return self._saved

    @property
    def in_hand(self) -> list[Path]:
        """The runs that this window controls."""
        return list(self._in_hand)

    @property
    def live(self) -> list[Path]:
        """The active runs that this window does not control; their state is read from disk."""
        return [
            run.folder for run in self._saved if run.state == "running" and run.folder not in self._in_hand
        ]

    def update(self, runs: Sequence[RunSummary]) -> None:
        """These runs have a new state; the others stay as they are."""
        news = {run.folder: run for run in runs}
        self.show([news.get(run.folder, run) for run in self._saved])

    def narrow(self, text: str) -> None:
        """Show only runs with all these words in name, function, file, inputs, date, note or outcome."""
        self._words = text.casefold().split()
        self._narrow()

    def mark(self, folder: Path | None) -> None:
        """The front page shows this run."""
        before, self._open = self._open, folder
        for row in {self.row_of(one) for one in (before, folder) if one is not None} - {-1}:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def _narrow(self) -> None:
        known = {run.folder: run for run in self._saved}
        live = [_as_summary(state, known.get(folder)) for folder, state in self._in_hand.items()]
        saved = [run for run in self._saved if run.folder not in self._in_hand]
        fitting = [entry for entry in (*live, *self._waiting, *saved) if self._fits(entry)]
        if [_key(entry) for entry in fitting] == [_key(entry) for entry in self._shown]:
            changed = [
                row
                for row, entry in enumerate(fitting)
                if entry is not (old := self._shown[row]) and entry != old
            ]
            self._shown = fitting
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], 0))
            return
        self.beginResetModel()
        self._shown = fitting
        self._rows = {_key(entry): row for row, entry in enumerate(fitting)}
        self.endResetModel()

    def _fits(self, entry: Entry) -> bool:
        if not self._words:
            return True
        text = searched(entry)
        return all(word in text for word in self._words)

    def row_of(self, folder: Path) -> int:
        """The row of a run; -1 if it is not shown."""
        return self._rows.get(folder, -1)

    def row_like(self, entry: Entry) -> int:
        """The row of the same run or queued run; -1 if it is not shown."""
        return self._rows.get(_key(entry), -1)

    def entry(self, row: int) -> Entry:
        """The entry of a row."""
        return self._shown[row]

    def run(self, row: int) -> RunSummary:
        """The run of a row that has one."""
        entry = self._shown[row]
        assert not isinstance(entry, Waiting)
        return entry

    def part(self, entry: Entry) -> tuple[float | None, float] | None:
        """The progress of a live run, and its failed part; None for other rows."""
        state = self._in_hand.get(entry.folder) if not isinstance(entry, Waiting) else None
        if state is None or not state.begun:
            return None
        if not state.total:
            return None, 0.0
        return (state.ok + state.failed) / state.total, state.failed / state.total

    def words(self, entry: Entry) -> str:
        """Its state in words, with the progress of a live run."""
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
        if role == OPEN:
            return not isinstance(entry, Waiting) and entry.folder == self._open
        if role == LINE:
            return self.line(entry)
        if role == _Role.DisplayRole:
            return entry.name
        if role == _Role.ToolTipRole:
            if isinstance(entry, Waiting):
                return plain_tip(f"{entry.name}\n{self.words(entry)}")
            return plain_tip(facts(entry, self.words(entry)))
        if role == _Role.AccessibleTextRole:
            return self._spoken(entry)
        return None

    def line(self, entry: Entry) -> str:
        """The second line of a row."""
        stands = self.words(entry)
        return stands if isinstance(entry, Waiting) else told_apart(entry, stands)

    def _spoken(self, entry: Entry) -> str:
        if isinstance(entry, Waiting):
            return f"{entry.name}, {self.words(entry)}"
        began = when(entry.started, datetime.now())
        parts = (
            entry.name,
            "pinned" if entry.pinned else "",
            began,
            self.words(entry),
            entry.inputs,
            entry.note,
        )
        return ", ".join(part for part in parts if part)


def _key(entry: Entry) -> Path | str:
    return entry.folder if not isinstance(entry, Waiting) else entry.id


def _as_summary(state: RunState, known: RunSummary | None) -> RunSummary:
    """A live run as an entry of the list."""
    from engine.runs import RunSummary

    assert state.folder is not None
    phase = state.phase
    if phase in ("starting", "stopping", "paused"):
        phase = "running"
    base = known or RunSummary(state.folder, state.name, phase)
    return replace(
        base, state=phase, total=state.total, ok=state.ok, failed=state.failed,
        paused=state.phase == "paused", kept=True,
    )  # fmt: skip
