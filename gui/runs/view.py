"""The runs list: live and waiting runs, above the saved ones, which are read from their folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QModelIndex, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.in_order import InOrder
from gui.kit.line_edit import ClearableEdit
from gui.run.queue import Waiting
from gui.run.sessions import Sessions
from gui.runs.deleting import Deleting
from gui.runs.model import ENTRY, RunsModel
from gui.runs.table import RunsTable
from gui.runs.words import Entry

if TYPE_CHECKING:
    from engine.runs import Label, RunSummary
    from gui.kit.query import Query

NO_RUNS = "Your runs are kept here."
NONE_FITS = "No run matches these words."
_QUIET = 300
"""Milliseconds without a change before the folder is read again."""
_SOON = 100
"""Milliseconds during which changes of live runs are collected."""
_POLL = 1000
"""Milliseconds between checks of active runs: their state changes without a change of the folder."""


class RunsView(QWidget):
    """All runs below one folder, newest first, and above them live and waiting ones."""

    previewed = Signal(Path)
    """Preview a run folder."""
    opened = Signal(Path)
    """Open a run folder on a page that stays."""
    selected = Signal()
    """The selection has changed, or what is selected has."""
    kept_found = Signal(Path)
    """The newest run that is active without an app, after `find_kept`."""
    go_on_asked = Signal()
    """Start the held runs."""
    left = Signal()
    """Esc: the focus returns to the page."""

    def __init__(self, sessions: Sessions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._root = sessions.root
        self._open: Path | None = None
        self._query: Query | None = None
        self._finding_kept = False
        self._watcher = QFileSystemWatcher(self)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET)
        self._poll = QTimer(self, interval=_POLL)
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self.model = RunsModel(self)
        self.table = RunsTable(self.model)
        self.filter = ClearableEdit("Filter runs")
        self.filter.setAccessibleName("Filter runs")
        self._note = EmptyNote(self.table)
        self.held = QPushButton("Start the queue")
        self.held.setToolTip(
            "Some runs were queued when Poolhouse was last closed. Start the queue to run them."
        )
        self.held.hide()
        self.space = QPushButton()
        self.space.setProperty("quiet", True)
        self.space.setToolTip("How much disk space the runs take, and which could be deleted")
        self.space.hide()
        self._worker = InOrder(self)
        self.deleting = Deleting(self, self._worker)
        self.table.can_undo = lambda: self.deleting.can_undo
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.filter)
        whole.addWidget(self.held)
        whole.addWidget(self.table, 1)
        whole.addWidget(self.deleting.bar)
        whole.addWidget(self.space)
        self._connect()

    def _connect(self) -> None:
        self._watcher.directoryChanged.connect(self._changed)
        self._quiet.timeout.connect(self.refresh)
        self._poll.timeout.connect(self._look)
        self._soon.timeout.connect(self._show_live)
        self._sessions.changed.connect(self._live_changed)
        self._sessions.began.connect(self.refresh)
        self._sessions.finished.connect(self.refresh)
        self.filter.textChanged.connect(self._narrow)
        self.held.clicked.connect(self.go_on_asked)
        self.table.previewed.connect(lambda index: self._tell_run(index, self.previewed))
        self.table.opened.connect(lambda index: self._tell_run(index, self.opened))
        self.table.left.connect(self._leave)
        self.table.selectionModel().selectionChanged.connect(self.selected)
        self.space.clicked.connect(self.show_space)
        self.deleting.changed.connect(self.refresh)
        self.deleting.changed.connect(self.selected)

    def _not_labelled(self, error: Exception) -> None:
        if not isinstance(error, OSError):
            raise error
        self.deleting.tell("That could not be saved in the run's folder.", words.cause(error))
        self.refresh()

    def _leave(self) -> None:
        """Esc: clear the filter; if there is none, leave the list."""
        if self.filter.text():
            self.filter.clear()
        else:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that the filter does not handle."""
        if event.key() == Qt.Key.Key_Escape and self.filter.hasFocus():
            self._leave()
        elif event.key() == Qt.Key.Key_Down and self.filter.hasFocus() and self.model.rowCount():
            self.table.setFocus()
            if not self.table.rows():
                self.table.select_rows([0], 0)
        else:
            super().keyPressEvent(event)

    # the selection

    @property
    def _entries(self) -> list[Entry]:
        return [self.model.entry(row) for row in self.table.rows()]

    @property
    def _entry(self) -> Entry | None:
        """The selected entry; None if there is none, or several."""
        entries = self._entries
        return entries[0] if len(entries) == 1 else None

    @property
    def selected_runs(self) -> list[RunSummary]:
        """The selected runs, in the order of the list."""
        return [entry for entry in self._entries if not isinstance(entry, Waiting)]

    @property
    def selected_run(self) -> RunSummary | None:
        """The selected run, if exactly one is selected."""
        return None if isinstance(self._entry, Waiting) else self._entry

    @property
    def selected_waiting(self) -> Waiting | None:
        """The selected queued run, if it is the only selection."""
        return self._entry if isinstance(self._entry, Waiting) else None

    def flags(self) -> dict[str, bool]:
        """The flags for commands on the list."""
        entries, runs = self._entries, self.selected_runs
        live = any(run.state == "running" for run in runs)
        return {
            "list.saved": bool(runs) and len(runs) == len(entries) and not live,
            "list.live": live,
            "list.one": self.selected_run is not None,
            "list.two": len(runs) == 2 and len(entries) == 2,
            "list.pinned": bool(runs) and all(run.pinned for run in runs),
            "list.queued": self.selected_waiting is not None,
            "list.trashed": self.deleting.can_undo,
        }

    # live and waiting runs

    def _live_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show_live(self) -> None:
        chosen = self._chosen()
        self.model.show_live([session.state for session in self._sessions.live], self._sessions.queue.waiting)
        self.held.setVisible(self._sessions.queue.paused)
        self._select_again(chosen)
        self._say()

    def _chosen(self) -> tuple[list[Entry], Entry | None]:
        """What is selected, and where the focus is."""
        row = self.table.currentIndex().row()
        return self._entries, self.model.entry(row) if 0 <= row < self.model.rowCount() else None

    def _select_again(self, chosen: tuple[list[Entry], Entry | None]) -> None:
        """After rows were added or removed: restore selection and focus."""
        entries, focus = chosen
        if not entries:
            self.select(self._open)
            return
        rows = [row for row in map(self.model.row_like, entries) if row >= 0]
        current = self.model.row_like(focus) if focus else -1
        current = current if current >= 0 else min(rows, default=-1)
        if rows != self.table.rows() or current != self.table.currentIndex().row():
            self.table.select_rows(rows, current)
        self.selected.emit()

    # the saved runs

    def _changed(self) -> None:
        self._quiet.start()

    def refresh(self) -> None:
        """Read the folder again soon."""
        from engine.query.listing import ListRuns

        if self._query is None:
            from gui.kit.query import Query

            self._query = Query(self._root, self)
            self._query.came_in_part.connect(self._answered)
            self._query.answered.connect(self._answered)
            self._query.failed.connect(self._failed)
        self._query.ask("list", ListRuns(self._root))

    def find_kept(self) -> None:
        """Report through `kept_found` if a run is active without an app."""
        self._finding_kept = True
        self.refresh()

    def _tell_kept(self, runs: Sequence[RunSummary]) -> None:
        kept = next((run.folder for run in runs if run.kept), None)
        if self._finding_kept and kept:
            self.kept_found.emit(kept)
        self._finding_kept = False

    def _look(self) -> None:
        """Check the state of active runs; if there is no folder yet, check for it."""
        live = self.model.live
        if not live or self._query is None:
            self.refresh()
        else:
            from engine.query.listing import Summarize

            self._query.ask("live", Summarize(self._root, tuple(live)))

    def select(self, folder: Path | None) -> None:
        """Mark the run of the front page, if it changed; None marks none."""
        if folder == self._open and self.table.selectionModel().hasSelection():
            return
        self._open = folder
        self.model.mark(folder)
        row = self.model.row_of(folder) if folder else -1
        if row < 0:
            self.table.selectionModel().clear()
        elif self.table.rows() != [row]:
            self.table.select_rows([row], row)
            self.table.scrollTo(self.model.index(row, 0))

    def close_run(self) -> None:
        """Stop asking; `refresh` begins again."""
        for timer in (self._quiet, self._poll, self._soon):
            timer.stop()
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None

    def _answered(self, key: str, answer: object) -> None:
        from engine.query.listing import Listing

        if isinstance(answer, Listing):
            there = not answer.complete or self._watch(answer.unborn)
            place, chosen = self.table.verticalScrollBar().value(), self._chosen()
            self.model.show(answer.runs)
            self._select_again(chosen)
            self.table.verticalScrollBar().setValue(place)
            self._say()
            self._keep_looking(there)
            if answer.complete:
                self._tell_kept(answer.runs)
                self._tell_space()
        elif key == "live" and isinstance(answer, tuple):
            self.model.update(answer)
            self._keep_looking(there=True)

    def _tell_space(self) -> None:
        runs = self.model.saved
        taken = words.size(sum(run.size for run in runs))
        self.space.setText(f"{len(runs):,} run{'s' if len(runs) != 1 else ''}, {taken}")
        self.space.setVisible(bool(runs))

    def _failed(self, _key: str, error: object) -> None:
        self.model.show([])
        self._note.say(f"{self._root} cannot be read: {words.cause(error)}")

    def _watch(self, unborn: tuple[Path, ...]) -> bool:
        """Watch the folder, and those that may become runs. False if it does not exist."""
        wanted = {str(path) for path in (self._root, *unborn)}
        watched = set(self._watcher.directories())
        if given_up := watched - wanted:
            self._watcher.removePaths(list(given_up))
        if fresh := wanted - watched:
            self._watcher.addPaths(list(fresh))
            self._quiet.start()  # nobody reports changes between the reading and now
        return str(self._root) in self._watcher.directories()

    def _keep_looking(self, there: bool) -> None:
        if self.model.live or not there:
            self._poll.start()
        else:
            self._poll.stop()

    def _say(self) -> None:
        if self.model.rowCount():
            self._note.say("")
        else:
            self._note.say(NO_RUNS if self.model.is_empty else NONE_FITS)

    def _narrow(self, text: str) -> None:
        chosen = self._chosen()
        self.model.narrow(text)
        self._select_again(chosen)
        self._say()

    def _tell_run(self, index: QModelIndex, signal: SignalInstance) -> None:
        entry = index.data(ENTRY)
        if entry is not None and not isinstance(entry, Waiting):
            signal.emit(entry.folder)

    def show_space(self) -> None:
        """Show how much disk space the runs take, and what could be deleted."""
        live = set(self.model.in_hand)
        self.deleting.show_space(
            [run for run in self.model.saved if run.state != "running" and run.folder not in live]
        )

    # names, pins, notes

    def label(self, runs: Sequence[RunSummary], change: Callable[[Label], Label]) -> None:
        """Change the labels of runs, and save them in their folders."""
        folders = [run.folder for run in runs]
        self._worker.do(lambda: _relabel(folders, change), lambda _: self.refresh(), self._not_labelled)


def _relabel(folders: Sequence[Path], change: Callable[[Label], Label]) -> None:
    from engine.runs import read_label, write_label

    for folder in folders:
        write_label(folder, change(read_label(folder)))
