"""The results of a run, live or saved: the table, and the details of one task."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from engine.query.copying import Copied, Copy
from engine.query.rows import Grow, Growth, Page, Place, Rows
from engine.query.run import Facts, Span
from engine.runs import RunFacts
from gui.details.view import Details
from gui.kit import words
from gui.kit.columns import Index
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.results.model import WIDTH, Column, ResultsModel
from gui.results.rows import PAGE
from gui.results.table import ResultsTable

_UPDATE = 50
"""Milliseconds between two looks at a run that grows."""
_POLL = 1000
_SLICE = 0.008
"""Seconds of work on the table at a time."""
STYLES = {"csv": "CSV", "markdown": "Markdown", "python": "Python"}
"""What rows can be copied as, besides lines with tabs."""
State = tuple[int, int]
"""Which rows there are: those of this generation and version of the run."""
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
        self._is_named = False
        """Whether the function of the run is known."""
        self._more = False
        """Whether more of them are on their way."""
        self._to_copy = 0
        """Rows that were chosen to be copied."""
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
        self.table.current_changed.connect(self._select)
        self.table.copy_asked.connect(partial(self.copy, "tsv"))
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
        self.details.show_run(folder)
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
            if not self._is_named:
                self._query.ask("facts", Facts(self._query.source))
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
        self._more = self._busy = self._grown = self._is_named = False
        self.details.close_run()
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
        elif isinstance(answer, Copied):
            self._copied(answer)
        elif isinstance(answer, RunFacts):
            self._is_named = True
            self.table.show_function(f"{answer.name} in {answer.folder}")
        elif key == "place" and isinstance(answer, int):
            self.table.go(answer, centred=True)

    def _failed(self, key: str, error: object) -> None:
        if key == "facts":
            return  # they name the function, and what else fails says why
        cause = words.cause(error)
        if key == "rows":
            self.model.give_up()
        if self.model.total:
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
        while time.perf_counter() < until:
            if next(self._coming, None) is None:
                if not self._growths:
                    break
                self._coming = self.model.growing(self._growths.popleft())
        else:
            self._step.start()
            return
        if not self._more:
            self._busy = False
            self._note.say("" if self.model.total else NO_RESULTS)
            self._go_on()

    def _read_page(self, first: int) -> None:
        if self._query:
            self._query.ask("rows", Rows(self._query.source, first, PAGE, WIDTH))

    # one task

    def go_to(self, task: int) -> None:
        """Select a task, or the one next to it if it has no result."""
        if self._query:
            self._query.ask("place", Place(self._query.source, task))

    def _select(self, row: int) -> None:
        self._say("")
        self._show_details(row)

    def _show_details(self, number: int) -> None:
        row = self.model.row(number) if number >= 0 else None
        if row is None:
            return
        appears = self.details.isHidden()
        self.details.show_row(row)
        if appears:  # and takes room from the table
            QTimer.singleShot(0, self.table, lambda: self.table.show_row(self.table.current))

    def _pages_came(self, top: Index, bottom: Index) -> None:
        if top.row() <= self.table.current <= bottom.row():
            self._show_details(self.table.current)

    def _leave(self) -> None:
        self.table.clear_selection()
        self.details.clear()
        self.table.setFocus()

    # copying

    def copy(self, style: str, *_: object) -> None:
        """Copy the selected rows, with the columns that are shown."""
        spans = tuple((first, stop - first) for first, stop in self.table.selection.spans)
        self._copy(spans, style, tuple(self.table.header.shown), self._state)

    @property
    def _state(self) -> tuple[int, int]:
        """Which rows there are: those of this generation and version."""
        return self.model.generation, self.model.version

    def _copy(
        self, spans: tuple[Span, ...], style: str, columns: tuple[int, ...], state: tuple[int, int]
    ) -> None:
        if spans and self._query:
            self._to_copy = sum(count for _, count in spans)
            self._query.ask("copy", Copy(self._query.source, *state, spans, style, columns))

    def _copied(self, copied: Copied) -> None:
        QGuiApplication.clipboard().setText(copied.text)
        if copied.rows < self._to_copy:
            self._say(
                f"Copied the first {copied.rows:,} of {self._to_copy:,} rows, which is as much as the "
                "clipboard takes. An export holds all."
            )

    def _menu(self, row: int, column: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = QAction("Copy rows", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        rows.triggered.connect(partial(self.copy, "tsv"))
        menu.addAction(rows)
        others = menu.addMenu("Copy rows as")
        for style, name in STYLES.items():
            others.addAction(name).triggered.connect(partial(self.copy, style))
        cell = menu.addAction(f"Copy {Column(column).name.lower()}")
        state = self._state  # rows may come in while the menu is open
        cell.triggered.connect(lambda: self._copy(((row, 1),), "plain", (column,), state))
        menu.popup(at)

    def _say(self, text: str) -> None:
        self._strip.setText(text)
        self._strip.setVisible(bool(text))
