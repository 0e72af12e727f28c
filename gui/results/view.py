"""The results of a run, live or saved: the table, the details of one task, and the thread that reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.requests import RequestThread
from gui.results.details import Details
from gui.results.model import MAX_ROWS, Column, ResultsModel
from gui.results.reader import News, PageKey, ResultsReader, Segment
from gui.results.table import ResultsTable

COPY_LIMIT = 20_000
"""Rows that go to the clipboard at once."""
_UPDATE = 50
"""Milliseconds between two looks at a run that grows."""
_POLL = 1000
_SLICE = 0.008
"""Seconds of work on the table at a time."""
NO_RUN = "Results appear here as tasks finish."
NO_RESULTS = "No task of this run has a result so far."


class ResultsView(QWidget):
    """Shows one run folder at a time. The thread that reads it lives from `show_run` to `close_run`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thread: RequestThread | None = None
        self._coming: Iterator[None] = iter(())
        self._more = False
        self._busy = False
        self._grown = False
        self.model = ResultsModel(self)
        self.table = ResultsTable(self.model)
        self.details = Details()
        self._note = EmptyNote(self.table)
        self._strip = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True, margin=4)
        self._strip.setProperty("note", True)
        self._strip.hide()
        self._step = QTimer(self, singleShot=True, interval=0)
        self._rest = QTimer(self, singleShot=True, interval=_UPDATE)
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._note.say(NO_RUN)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(splitter, 1)
        whole.addWidget(self._strip)

    def _connect(self) -> None:
        self._step.timeout.connect(self._take_in)
        self._rest.timeout.connect(self._go_on)
        self._poll.timeout.connect(self.grew)
        self.model.wanted.connect(self._read_pages)
        self.model.dataChanged.connect(self._pages_came)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        self.table.copy_asked.connect(self.copy)
        self.table.menu_asked.connect(self._menu)
        self.table.left.connect(self._leave)
        self.details.closed.connect(self._leave)

    # the run shown

    def show_run(self, folder: Path | None) -> None:
        """Show this run from its beginning; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._note.say("")
        thread = RequestThread(lambda: ResultsReader(folder))
        thread.answered.connect(self._answered)
        thread.failed.connect(self._failed)
        self.destroyed.connect(thread.end)
        self._thread = thread
        self._poll.start()
        self._look()

    def grew(self) -> None:
        """The run has more results than before: look for them, soon."""
        self._grown = True
        self._go_on()

    def _go_on(self) -> None:
        if self._grown and not self._busy and not self._rest.isActive():
            self._look()

    def _look(self) -> None:
        if self._thread:
            self._grown = False
            self._busy = True
            self._rest.start()
            self._thread.ask("news", ResultsReader.news)

    def close_run(self) -> None:
        """Show nothing and let the reader go."""
        if self._thread:
            self._thread.end()
            self._thread = None
        for timer in (self._step, self._rest, self._poll):
            timer.stop()
        self._coming = iter(())
        self._more = self._busy = self._grown = False
        self.details.clear()
        self.model.clear()
        self._say("")
        self._note.say(NO_RUN)

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, News):
            self._more = answer.more
            self._coming = self.model.adding(answer.refs)
            self._take_in()
        elif key == "pages" and isinstance(answer, list):
            self.model.put(answer)
        elif key == "failures" and isinstance(answer, list):
            self.details.show_failures(answer)
        elif key == "copy" and isinstance(answer, str):
            QGuiApplication.clipboard().setText(answer)

    def _failed(self, key: str, error: object) -> None:
        cause = words.cause(error)
        if key == "pages":
            self.model.give_up()
        if self.model.rowCount():
            self._say(f"Part of this run cannot be read: {cause}")
        else:
            self._note.say(f"This run cannot be read: {cause}")
        self._busy = False

    # rows come in

    def _take_in(self) -> None:
        """Put in rows for less than a frame; the rest follows after what else waits."""
        until = time.perf_counter() + _SLICE
        done = False
        with self.table.in_place():
            while not done and time.perf_counter() < until:
                done = next(self._coming, self) is self
        if not done:
            self._step.start()
            return
        self._busy = False
        self._note.say("" if self.model.rowCount() else NO_RESULTS)
        if self.model.is_full:
            self._say(f"The table shows the first {MAX_ROWS:,} results; an export holds all.")
        elif self._more:
            self._look()
        else:
            self._go_on()

    def _read_pages(self, keys: list[PageKey]) -> None:
        if self._thread:
            self._thread.ask("pages", lambda reader: reader.pages(keys))

    # one task

    def _select(self, index: QModelIndex) -> None:
        self._say("")
        self._show_details(index.row())

    def _show_details(self, number: int) -> None:
        row = self.model.row(number) if number >= 0 else None
        if row is None:
            return
        appears = self.details.isHidden()
        self.details.show_row(row)
        if self._thread:
            self._thread.ask("failures", lambda reader: reader.failures(row.index))
        if appears:
            QTimer.singleShot(0, self.table, lambda: self.table.scrollTo(self.table.currentIndex()))

    def _pages_came(self, top: QModelIndex, bottom: QModelIndex) -> None:
        current = self.table.currentIndex().row()
        if top.row() <= current <= bottom.row() and self.table.selectionModel().hasSelection():
            self._show_details(current)

    def _leave(self) -> None:
        self.table.selectionModel().clear()
        self.details.clear()
        self.table.setFocus()

    # copying

    def copy(self) -> None:
        """Copy the selected rows as tab-separated lines."""
        segments: list[Segment] = []
        selection = self.table.selectionModel().selection()
        selected = sorted((s.top(), s.bottom()) for s in map(selection.at, range(selection.count())))
        room = COPY_LIMIT
        for top, bottom in selected:
            last = min(bottom, top + room - 1)
            segments += self.model.segments(top, last)
            room -= max(last - top + 1, 0)
        rows = sum(bottom - top + 1 for top, bottom in selected)
        if rows > COPY_LIMIT:
            self._say(f"Copied the first {COPY_LIMIT:,} of {rows:,} selected rows; an export holds all.")
        if segments and self._thread:
            self._thread.ask("copy", lambda reader: reader.text(segments))

    def _copy_cell(self, index: QPersistentModelIndex) -> None:
        row = self.model.row(index.row()) if index.isValid() else None
        if row:
            QGuiApplication.clipboard().setText(row.cells()[index.column()])

    def _menu(self, index: QModelIndex, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = QAction("Copy rows", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        rows.triggered.connect(self.copy)
        name = Column(index.column()).name.lower()
        cell = QAction(f"Copy {name}", menu)
        there = QPersistentModelIndex(index)
        cell.triggered.connect(lambda: self._copy_cell(there))
        menu.addActions([rows, cell])
        menu.popup(at)

    def _say(self, text: str) -> None:
        self._strip.setText(text)
        self._strip.setVisible(bool(text))
