"""The workers of a run: a table of them, and where the selected one is at this moment."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.launch import Workers
from engine.query import workers as query
from engine.query.workers import MAIN
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.kit.rows_table import PAD, RowsTable
from gui.kit.text_box import TextBox
from gui.kit.widgets import text_label
from gui.workers.model import MAIN_NAME, MONOSPACE, Column, WorkersModel

_POLL = 1000
"""Milliseconds between two updates, while the tab is visible."""
_PAGE = 200
"""Workers that are read at once: more than fit on a screen."""
_SAMPLES = {
    Column.NUMBER: "Worker",
    Column.STATE: "Ended at its memory limit",
    Column.TASK: "0000000",
    Column.INPUT: "x" * 12,
    Column.SECONDS: "9 min 59 s",
    Column.DONE: "0,000,000",
    Column.PID: "Process",
    Column.STARTED: "00:00:00",
    Column.ENDED: "00:00:00",
}
"""The initial width of a column."""
NO_RUN = "The workers of a run appear here."
NO_WORKERS = "This run has not started a worker."
CHOOSE = "Select a worker to see where in your code it is."
ELSEWHERE = "Only the window that controls a run can show where its workers are."
OVER = "This worker has ended. While a worker runs, its place in your code is shown here."


class WorkersView(QWidget):
    """Shows the workers of one run, from `show_run` to `close_run`."""

    look_asked = Signal(bool)
    """Ask the host what the workers are doing, with their stacks if True."""
    end_asked = Signal(int)
    """End a worker."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self._controlled = False
        self._live = False
        self._chosen = -1
        self._stack_wanted = False
        self.model = WorkersModel(self)
        self.table = RowsTable(self.model, "Workers")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for column, sample in _SAMPLES.items():
            width = self.table.metrics(column in MONOSPACE).horizontalAdvance(sample)
            self.table.setColumnWidth(column, width + 2 * PAD + 8)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._note = EmptyNote(self.table)
        self.title = text_label("muted")
        self.where = QPushButton("Where is it now?")
        self.where.setToolTip("Ask the worker for its Python stack at this moment")
        self.end = QPushButton("End this worker")
        self.end.setToolTip("The task it is on fails; another worker takes its place")
        self.stack = TextBox("Where the worker is", 6)
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._say()

    def _lay_out(self) -> None:
        below = QWidget()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.where)
        head.addWidget(self.end)
        pane = QVBoxLayout(below)
        pane.setContentsMargins(8, 6, 8, 6)
        pane.addLayout(head)
        pane.addWidget(self.stack, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        splitter.addWidget(self.table)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _connect(self) -> None:
        self._poll.timeout.connect(self._look)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        self.model.arranged.connect(self._select_again)
        self.model.wanted.connect(self._read)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.where.clicked.connect(self.ask_where)
        self.end.clicked.connect(self._end)

    # the run

    def show_run(self, folder: Path | None) -> None:
        """Show the workers of this run; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._query = Query(folder, self)
        self._query.answered.connect(self._answered)
        self._query.failed.connect(self._failed)
        self._live = True  # until it is read
        self._set_poll()
        self._look()

    def control(self, controlled: bool) -> None:
        """Say whether this window controls the run, so that its workers can be asked and ended."""
        if controlled != self._controlled:
            self._controlled = controlled
            self._set_poll()
            self._look()
            self._say()

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._poll.stop()
        self._live, self._chosen, self._stack_wanted = False, -1, False
        self.model.clear()
        self.stack.clear()
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def _set_poll(self) -> None:
        if self._query and self._live and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def _look(self) -> None:
        if self._query and self.isVisible():
            self._read()
            if self._controlled:
                self.look_asked.emit(self._stack_wanted and self._can_ask())

    def _read(self) -> None:
        """Read the workers near the screen, and the selected one."""
        if self._query:
            first = max(self.table.rowAt(0), 0) - _PAGE // 2
            chosen = self._chosen if self._chosen >= 0 else None
            request = query.Workers(self._query.source, max(first, 0), _PAGE, chosen)
            self._query.ask("workers", request)

    def _answered(self, _key: str, answer: object) -> None:
        if isinstance(answer, query.WorkersPage):
            self._live = answer.live
            self.model.take(answer)
            if not answer.live and self._poll.isActive():
                self._set_poll()
            self._say()
        elif isinstance(answer, str) and self.stack.toPlainText():
            self.stack.show_text(answer)

    def _failed(self, key: str, error: object) -> None:
        if key == "sources":
            return  # the stack is already there without them
        self._poll.stop()
        self._note.say(f"The workers of this run cannot be read: {words.cause(error)}")

    def tell(self, answer: Workers) -> None:
        """The host reports what the workers are doing."""
        self.model.tell(answer.workers)
        if self._stack_wanted and any(w.number == self._chosen and w.stack for w in answer.workers):
            self._stack_wanted = False
            seen = self.model.seen(self._chosen)
            self.stack.show_text(seen)
            if self._query:
                self._query.ask("sources", query.WithSources(self._query.source, seen))
        self._say()

    # one worker

    def _select(self) -> None:
        row = self.table.currentIndex().row()
        if row < 0:
            return
        number = self.model.number(row)
        if number is not None and number != self._chosen:
            self._chosen = number
            self.model.choose(number)
            self.stack.clear()
            if self._query:
                self._query.cancel("sources")
            self.ask_where()
            self._say()

    def _select_again(self) -> None:
        """The order of rows has changed: keep the selected worker."""
        row = self.model.row_of(self._chosen)
        if row >= 0 and row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(row, 0))
        self._say()

    def ask_where(self) -> None:
        """Ask where the selected worker is now, unless that is already being asked."""
        if self._can_ask() and not self._stack_wanted:
            self._stack_wanted = True
            self.look_asked.emit(True)

    def _end(self) -> None:
        if self._can_end():
            self.end_asked.emit(self._chosen)

    def _can_ask(self) -> bool:
        return self._controlled and self.model.is_running(self._chosen)

    def _can_end(self) -> bool:
        return self._can_ask() and self._chosen != MAIN  # without main there is no run: stop that instead

    def _menu(self, at: QPoint) -> None:
        if not self.table.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        where = QAction(self.where.text(), menu, enabled=self._can_ask())
        where.triggered.connect(self.ask_where)
        end = QAction(self.end.text(), menu, enabled=self._can_end())
        end.triggered.connect(self._end)
        menu.addActions([where, end])
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _say(self) -> None:
        """Show what there is to see, and enable what can be asked for."""
        self.where.setEnabled(self._can_ask())
        self.end.setEnabled(self._can_end())
        self._note.say("" if self.model.rowCount() else NO_WORKERS if self._query else NO_RUN)
        running = self.model.running
        count = f"{running:,} running" if running else ""
        if self.model.row_of(self._chosen) < 0:
            self.title.setText(count)
            self.stack.setPlaceholderText(CHOOSE if self._controlled else "")
            return
        name = MAIN_NAME if self._chosen == MAIN else f"Worker {self._chosen}"
        self.title.setText(f"{name}: {self.model.state(self._chosen)}")
        over = not self.model.is_running(self._chosen)
        self.stack.setPlaceholderText(OVER if over else "Asking it …" if self._controlled else ELSEWHERE)
