"""The saved runs: a list to open them from, kept up with the folder they are in."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import (
    QFile,
    QFileSystemWatcher,
    QModelIndex,
    QPoint,
    QStandardPaths,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QAction, QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QMessageBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.runs import RunSummary, list_runs, summarize
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.line_edit import ClearableEdit
from gui.kit.requests import RequestThread
from gui.runs.delegate import RunDelegate
from gui.runs.model import SUMMARY, RunsModel

NO_RUNS = "Your runs are kept here."
NONE_FITS = "No run has these words."
_QUIET = 300
"""Milliseconds without a change of the folder before it is read again."""
_POLL = 1000
"""Milliseconds between two looks at runs that go on: no change of a folder tells how they stand."""


class Listing(NamedTuple):
    """What stands in the folder of all runs."""

    runs: list[RunSummary]
    unborn: list[Path]
    """Folders that have no run.db, or not yet."""


def read(root: Path) -> Listing:
    """Read the folder of all runs."""
    runs = list_runs(root)
    known = {run.folder for run in runs}
    folders = root.iterdir() if root.is_dir() else ()
    return Listing(runs, [path for path in folders if path not in known and path.is_dir()])


class RunsTable(QTableView):
    """One column of runs, opened by a click or Enter."""

    opened = Signal(QModelIndex)

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(RunDelegate(self))
        self.setAccessibleName("Saved runs")
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
        self.clicked.connect(self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class RunsView(QWidget):
    """All runs below one folder, newest first."""

    activated = Signal(Path)
    """A run folder that is to be opened."""

    def __init__(self, root: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._root = root
        self._selected: Path | None = None
        self._thread: RequestThread | None = None
        self._watcher = QFileSystemWatcher(self)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET)
        self._poll = QTimer(self, interval=_POLL)
        self.model = RunsModel(self)
        self.table = RunsTable(self.model)
        self.filter = ClearableEdit("Filter runs")
        self.filter.setAccessibleName("Filter runs")
        self._note = EmptyNote(self.table)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.filter)
        whole.addWidget(self.table, 1)
        self._connect()

    def _connect(self) -> None:
        self._watcher.directoryChanged.connect(self._changed)
        self._quiet.timeout.connect(self.refresh)
        self._poll.timeout.connect(self._look)
        self.filter.textChanged.connect(self._narrow)
        self.table.opened.connect(self._open)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)

    def _changed(self) -> None:
        self._quiet.start()

    def refresh(self) -> None:
        """Read the folder again, soon."""
        if self._thread is None:
            self._thread = RequestThread(lambda: self._root)
            self._thread.answered.connect(self._answered)
            self._thread.failed.connect(self._failed)
            self.destroyed.connect(self._thread.end)
        self._thread.ask("list", read)

    def _look(self) -> None:
        """See how the runs stand that go on; where there is no folder yet, whether there is one."""
        live = self.model.live
        if not live or self._thread is None:
            self.refresh()
        else:
            self._thread.ask("live", lambda _: [summarize(folder) for folder in live])

    def select(self, folder: Path | None) -> None:
        """Mark a run as the one that is open; None marks none."""
        self._selected = folder
        row = self.model.row_of(folder) if folder else -1
        if row < 0:
            self.table.selectionModel().clear()
        elif row != self.table.currentIndex().row() or not self.table.selectionModel().hasSelection():
            self.table.setCurrentIndex(self.model.index(row, 0))

    def close_run(self) -> None:
        """Let the thread go; `refresh` begins anew."""
        self._quiet.stop()
        self._poll.stop()
        if self._thread:
            self._thread.end()
            self._thread = None

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, Listing):
            there = self._watch(answer.unborn)
            place = self.table.verticalScrollBar().value()
            self.model.show(answer.runs)
            self.select(self._selected)
            self.table.verticalScrollBar().setValue(place)
            self._say()
            self._keep_looking(there)
        elif key == "live" and isinstance(answer, list):
            self.model.update(answer)
            self._keep_looking(there=True)
        elif key.startswith("trash"):
            self.refresh()

    def _failed(self, key: str, error: object) -> None:
        if key.startswith("trash"):
            self._tell("The run could not be moved to the trash", words.cause(error))
        else:
            self.model.show([])
            self._note.say(f"{self._root} cannot be read: {words.cause(error)}")

    def _watch(self, unborn: list[Path]) -> bool:
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
        self.model.narrow(text)
        self.select(self._selected)
        self._say()

    def _open(self, index: QModelIndex) -> None:
        run: RunSummary = index.data(SUMMARY)
        self._selected = run.folder
        self.activated.emit(run.folder)

    def _menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        if not index.isValid():
            return
        run: RunSummary = index.data(SUMMARY)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        folder = QAction("Open folder", menu)
        folder.triggered.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))))
        delete = QAction("Move to trash…", menu)
        delete.setEnabled(run.state != "running")
        delete.triggered.connect(lambda: self.ask_delete(run))
        menu.addActions([folder, delete])
        menu.popup(self.table.viewport().mapToGlobal(at))

    def ask_delete(self, run: RunSummary) -> QMessageBox:
        """Ask whether a run is to go to the trash, and move it there on a yes."""
        box = QMessageBox(QMessageBox.Icon.Question, "Move to trash", f"Move {run.name} to the trash?")
        box.setParent(self.window(), Qt.WindowType.Dialog)
        box.setInformativeText("Its results, log and output go with it.")
        yes = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(lambda: self._delete(run.folder))
        box.open()
        return box

    def _delete(self, folder: Path) -> None:
        if self._thread:
            self._thread.ask(f"trash {folder}", lambda _: move_to_trash(folder))

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self.window())
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
