"""The results of a run, live or saved: the table, and the details of one task."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from engine.query.rows import Copy, Grow, Growth, Page, Rows
from engine.query.run import Failures, Span
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.results.details import Details
from gui.results.model import MAX_ROWS, WIDTH, Column, ResultsModel
from gui.results.rows import PAGE, Row, rows_of
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
    """Shows one run folder at a time, from `show_run` to `close_run`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self._growths: deque[Growth] = deque()
        """Rows that came in and are to be put in behind those that are `coming`."""
        self._coming: Iterator[Span] = iter(())
        self._more = False
        """Whether more of them are on their way."""
        self._column_wanted = -1
        """The cell that is to be copied."""
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
        self.model.wanted.connect(self._read_page)
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
        self._query = query = Query(folder, self)
        query.came_in_part.connect(self._came_in_part)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
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
        if self._query:
            self._grown = False
            self._busy = self._more = True
            self._rest.start()
            self._query.ask("grow", Grow(self._query.source, self.model.generation, self.model.version))

    def close_run(self) -> None:
        """Show nothing, and ask for nothing any more."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        for timer in (self._step, self._rest, self._poll):
            timer.stop()
        self._growths.clear()
        self._coming = iter(())
        self._more = self._busy = self._grown = False
        self.details.clear()
        self.model.clear()
        self._say("")
        self._note.say(NO_RUN)

    def _came_in_part(self, _key: str, part: object) -> None:
        if isinstance(part, Growth):
            self._grow_by(part)

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, Growth):
            self._more = False
            self._grow_by(answer)
        elif key == "rows" and isinstance(answer, Page):
            if not self.model.put(answer):
                self.grew()
        elif key == "task" and isinstance(answer, Page):
            self._show_whole(rows_of(answer))
        elif key == "cell" and isinstance(answer, Page):
            self._cell_came(rows_of(answer))
        elif key == "failures" and isinstance(answer, tuple):
            self.details.show_failures(answer)
        elif key == "copy" and isinstance(answer, str):
            QGuiApplication.clipboard().setText(answer)

    def _failed(self, key: str, error: object) -> None:
        cause = words.cause(error)
        if key == "rows":
            self.model.give_up()
        if self.model.rowCount():
            self._say(f"Part of this run cannot be read: {cause}")
        else:
            self._note.say(f"This run cannot be read: {cause}")
        if key == "grow":
            self._busy = self._more = False

    # rows come in

    def _grow_by(self, growth: Growth) -> None:
        self._growths.append(growth)
        if not self._step.isActive():
            self._take_in()

    def _take_in(self) -> None:
        """Put in rows for less than a frame; the rest follows after what else waits."""
        until = time.perf_counter() + _SLICE
        with self.table.in_place() as inserted:
            while time.perf_counter() < until:
                span = next(self._coming, None)
                if span is not None:
                    inserted(*span)
                elif self._growths:
                    self._coming = self.model.growing(self._growths.popleft())
                else:
                    break
            else:
                self._step.start()
                return
        if self._more:
            return
        self._busy = False
        self._note.say("" if self.model.rowCount() else NO_RESULTS)
        if self.model.is_full:
            self._say(f"The table shows the first {MAX_ROWS:,} results; an export holds all.")
        else:
            self._go_on()

    def _read_page(self, first: int) -> None:
        if self._query:
            self._query.ask("rows", Rows(self._query.source, first, PAGE, WIDTH))

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
        if self._query:
            self._query.ask("task", Rows(self._query.source, number, 1))
            self._query.ask("failures", Failures(self._query.source, row.index))
        if appears:
            QTimer.singleShot(0, self.table, lambda: self.table.scrollTo(self.table.currentIndex()))

    def _show_whole(self, rows: list[Row]) -> None:
        """The texts of the task in the details, as far as they are kept."""
        for row in rows:
            self.details.show_whole(row)

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
        selection = self.table.selectionModel().selection()
        selected = sorted((s.top(), s.bottom()) for s in map(selection.at, range(selection.count())))
        spans: list[Span] = []
        room = COPY_LIMIT
        for top, bottom in selected:
            count = min(bottom - top + 1, room)
            if count:
                spans.append((top, count))
            room -= count
        rows = sum(bottom - top + 1 for top, bottom in selected)
        if rows > COPY_LIMIT:
            self._say(f"Copied the first {COPY_LIMIT:,} of {rows:,} selected rows; an export holds all.")
        if spans and self._query:
            state = self.model.generation, self.model.version
            self._query.ask("copy", Copy(self._query.source, *state, tuple(spans)))

    def _copy_cell(self, index: QPersistentModelIndex) -> None:
        """Copy a cell, whole: the table may have but its beginning."""
        if index.isValid() and self._query:
            self._column_wanted = index.column()
            self._query.ask("cell", Rows(self._query.source, index.row(), 1))

    def _cell_came(self, rows: list[Row]) -> None:
        for row in rows:
            QGuiApplication.clipboard().setText(row.cells()[self._column_wanted])

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
