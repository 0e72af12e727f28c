"""The runs: those that go on and those that wait, above the saved ones, which are read from their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QFile,
    QFileSystemWatcher,
    QModelIndex,
    QStandardPaths,
    Qt,
    QTimer,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.line_edit import ClearableEdit
from gui.kit.work import Latest
from gui.run.queue import Waiting
from gui.run.sessions import Sessions
from gui.runs.delegate import RunDelegate
from gui.runs.model import ENTRY, Entry, RunsModel

if TYPE_CHECKING:
    from engine.runs import RunSummary
    from gui.kit.query import Query

NO_RUNS = "Your runs are kept here."
NONE_FITS = "No run has these words."
_QUIET = 300
"""Milliseconds without a change of the folder before it is read again."""
_SOON = 100
"""Milliseconds in which changes of live runs are gathered."""
_POLL = 1000
"""Milliseconds between two looks at runs that go on: no change of a folder tells how they stand."""


class RunsTable(QTableView):
    """One column of runs: a click looks at one, a double click or Enter keeps it open."""

    previewed = Signal(QModelIndex)
    opened = Signal(QModelIndex)

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(RunDelegate(self))
        self.setAccessibleName("Runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(RunDelegate.height(self.font()))
        self.clicked.connect(self.previewed)
        self.doubleClicked.connect(self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.previewed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class RunsView(QWidget):
    """All runs below one folder, newest first, and above them what goes on here and what waits."""

    previewed = Signal(Path)
    """A run folder that is to be looked at."""
    opened = Signal(Path)
    """A run folder that is to be opened on a page that stays."""
    selected = Signal()
    """Another row is selected, or it stands for something else."""
    kept_found = Signal(Path)
    """The newest run that goes on without an app, after `find_kept`."""
    go_on_asked = Signal()
    """The runs that are held are to start."""

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
        self.held.setToolTip("Some runs were queued when Poolhouse was last closed. They wait for you.")
        self.held.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.filter)
        whole.addWidget(self.held)
        whole.addWidget(self.table, 1)
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
        self.table.selectionModel().currentRowChanged.connect(self.selected)

    # what is selected

    @property
    def _entry(self) -> Entry | None:
        row = self.table.currentIndex().row()
        return self.model.entry(row) if 0 <= row < self.model.rowCount() else None

    @property
    def selected_run(self) -> RunSummary | None:
        """The run that is selected."""
        return None if isinstance(self._entry, Waiting) else self._entry

    @property
    def selected_waiting(self) -> Waiting | None:
        """The queued run that is selected."""
        return self._entry if isinstance(self._entry, Waiting) else None

    def flags(self) -> dict[str, bool]:
        """What commands on the list have to know."""
        run = self.selected_run
        live = run is not None and run.state == "running"
        return {
            "list.saved": run is not None and not live,
            "list.live": live,
            "list.queued": self.selected_waiting is not None,
        }

    # what goes on and waits

    def _live_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show_live(self) -> None:
        chosen = self._entry
        self.model.show_live([session.state for session in self._sessions.live], self._sessions.queue.waiting)
        self.held.setVisible(self._sessions.queue.paused)
        self._select_again(chosen)
        self._say()

    def _select_again(self, chosen: Entry | None) -> None:
        """After rows have come or gone: select the same one."""
        if chosen is None:
            self.select(self._open)
            return
        row = self.model.row_like(chosen)
        if row >= 0 and row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(row, 0))
        self.selected.emit()

    # the saved runs

    def _changed(self) -> None:
        self._quiet.start()

    def refresh(self) -> None:
        """Read the folder again, soon."""
        from engine.query.listing import ListRuns

        if self._query is None:
            from gui.kit.query import Query

            self._query = Query(self._root, self)
            self._query.came_in_part.connect(self._answered)
            self._query.answered.connect(self._answered)
            self._query.failed.connect(self._failed)
        self._query.ask("list", ListRuns(self._root))

    def find_kept(self) -> None:
        """Tell by `kept_found` if a run goes on without an app."""
        self._finding_kept = True
        self.refresh()

    def _tell_kept(self, runs: Sequence[RunSummary]) -> None:
        kept = next((run.folder for run in runs if run.kept), None)
        if self._finding_kept and kept:
            self.kept_found.emit(kept)
        self._finding_kept = False

    def _look(self) -> None:
        """See how the runs stand that go on; where there is no folder yet, whether there is one."""
        live = self.model.live
        if not live or self._query is None:
            self.refresh()
        else:
            from engine.query.listing import Summarize

            self._query.ask("live", Summarize(self._root, tuple(live)))

    def select(self, folder: Path | None) -> None:
        """Mark the run of the page in front, if that is another one than before; None marks none."""
        if folder == self._open and self._entry is not None:
            return
        self._open = folder
        row = self.model.row_of(folder) if folder else -1
        if row < 0:
            self.table.selectionModel().clear()
        elif row != self.table.currentIndex().row() or not self.table.selectionModel().hasSelection():
            self.table.setCurrentIndex(self.model.index(row, 0))

    def close_run(self) -> None:
        """Ask for nothing any more; `refresh` begins again."""
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
            place, chosen = self.table.verticalScrollBar().value(), self._entry
            self.model.show(answer.runs)
            self._select_again(chosen)
            self.table.verticalScrollBar().setValue(place)
            self._say()
            self._keep_looking(there)
            if answer.complete:
                self._tell_kept(answer.runs)
        elif key == "live" and isinstance(answer, tuple):
            self.model.update(answer)
            self._keep_looking(there=True)

    def _failed(self, _key: str, error: object) -> None:
        self.model.show([])
        self._note.say(f"{self._root} cannot be read: {words.cause(error)}")

    def _watch(self, unborn: tuple[Path, ...]) -> bool:
        """Hear of changes in the folder, and in those that may become runs. False where it is not there."""
        wanted = {str(path) for path in (self._root, *unborn)}
        watched = set(self._watcher.directories())
        if given_up := watched - wanted:
            self._watcher.removePaths(list(given_up))
        if fresh := wanted - watched:
            self._watcher.addPaths(list(fresh))
            self._quiet.start()  # of what became of them between the reading and now nobody tells
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
        chosen = self._entry
        self.model.narrow(text)
        self._select_again(chosen)
        self._say()

    def _tell_run(self, index: QModelIndex, signal: SignalInstance) -> None:
        entry = index.data(ENTRY)
        if entry is not None and not isinstance(entry, Waiting):
            signal.emit(entry.folder)

    def ask_delete(self, run: RunSummary) -> QMessageBox:
        """Ask whether a run is to go to the trash, and move it there on a yes."""
        box = QMessageBox(QMessageBox.Icon.Question, "Move to trash", f"Move {run.name} to the trash?")
        box.setParent(self.window(), Qt.WindowType.Dialog)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText("Its results, log and output go with it.")
        yes = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(lambda: self._delete(run.folder))
        box.open()
        return box

    def _delete(self, folder: Path) -> None:
        moving = Latest(self)
        moving.answered.connect(self.refresh)
        moving.failed.connect(
            lambda error: self._tell("The run could not be moved to the trash", words.cause(error))
        )
        moving.settled.connect(moving.deleteLater)
        moving.ask(lambda: move_to_trash(folder))

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def move_to_trash(folder: Path) -> None:
    """Move a folder to the trash. Raises OSError where there is none or it does not take it."""
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    Path(data).mkdir(parents=True, exist_ok=True)  # Qt makes the trash in it, but not the folder itself
    file = QFile(str(folder))
    if not file.moveToTrash() and folder.exists():
        raise OSError(f"{file.errorString()}. You can delete {folder} yourself.")
