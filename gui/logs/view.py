"""A log, live or old: the lines, the bars for find and filter, and a status strip."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from engine.query.log import LogMarks, LogPage, LogPlace, LogReading, LogRef, LogState
from gui.kit import ask, words
from gui.kit.empty import EmptyNote
from gui.kit.tips import plain_tip
from gui.kit.widgets import ElidedLabel
from gui.logs import accessible
from gui.logs.area import LogArea
from gui.logs.belonging import Belonging
from gui.logs.bookmarks import Bookmarks
from gui.logs.filter_bar import FilterBar
from gui.logs.find_bar import FindBar
from gui.logs.go_to import GoTo
from gui.logs.histogram import Histogram
from gui.logs.how_read import HowRead
from gui.logs.looks import Looks
from gui.logs.marks import Marks
from gui.logs.narrowing import Narrowing
from gui.logs.places import Places
from gui.logs.reader import LogReader
from gui.logs.summing import Summing
from gui.logs.taking import Taking
from gui.settings.store import Settings

_POLL = 500
_MARKS = 400
"""Milliseconds between updates of the marks beside the scroll bar."""
_TELLING = 5_000
"""Milliseconds for which the strip shows a message."""
NO_FILE = "The log appears here during a run."
NO_LINES = "No log lines."
NOTHING_FITS = "No record fits the filter."


class LogView(QWidget):
    """Shows one log, from `show_file` to `close_run`."""

    changed = Signal()
    """Something that its flags report has changed."""

    def __init__(self, parent: QWidget | None = None, *, of_run: bool = False) -> None:
        super().__init__(parent)
        accessible.install()
        self.reader: LogReader | None = None
        self.area = LogArea()
        self.find_bar = FindBar()
        self.settings = Settings(self)
        self.filter_bar = FilterBar(self.settings)
        self.go_to_bar = GoTo()
        self.how_read = HowRead()
        self.marks = Marks()
        self.histogram = Histogram()
        self.bookmarks = Bookmarks(self.area, self.settings, self)
        self.places = Places(self.area, self.bookmarks, self)
        self.taking = Taking(self.area, self.settings, self)
        self.looks = Looks(self.area, self)
        self.narrowing = Narrowing(
            self.area, self.find_bar, self.filter_bar, self.places, self.settings, self
        )
        self.summing = Summing(self.histogram, self)
        self.belonging = Belonging(self.area, self.narrowing, self, of_run=of_run)
        views = (self.places, self.taking, self.looks, self.narrowing)
        self.area.beside.again = of_run
        self._parts = (self.summing, *views, self.belonging)
        self._note = EmptyNote(self.area)
        self._count = ElidedLabel("muted")
        self._follow = QCheckBox("Follow")
        self._follow.setChecked(True)
        self._follow.setToolTip("Stay at the end of the log as it grows (End)")
        self._known = (0, 0, False)
        """The last known state of the log."""
        self._poll = QTimer(self, interval=_POLL)
        self._telling = QTimer(self, singleShot=True, interval=_TELLING)
        self._mark = QTimer(self, singleShot=True, interval=_MARKS)
        self._lay_out()
        self._connect()
        self._note.say(NO_FILE)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 2, 6, 2)
        strip.addWidget(self._count, 1)
        strip.addWidget(self.how_read)
        strip.addWidget(self._follow)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.area, 1)
        middle.addWidget(self.marks)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.filter_bar)
        whole.addWidget(self.histogram)
        whole.addLayout(middle, 1)
        whole.addWidget(self.find_bar)
        whole.addWidget(self.go_to_bar)
        whole.addLayout(strip)

    def _connect(self) -> None:
        self._poll.timeout.connect(self.grew)
        self._telling.timeout.connect(self._say)
        self._mark.timeout.connect(self._ask_marks)
        self.area.wanted.connect(self._look)
        self.area.follow_changed.connect(self._follow_changed)
        self.area.copy_asked.connect(self.taking.copy)
        self.area.menu_asked.connect(self._menu)
        self.area.selection_changed.connect(self._say)
        self._follow.clicked.connect(self._follow_clicked)
        self.summing.went.connect(self.places.line_of)
        self.histogram.chosen.connect(self.narrowing.show_span)
        self.narrowing.rows_changed.connect(self._rows_changed)
        self.narrowing.chosen_changed.connect(self._say)
        self.narrowing.chosen_changed.connect(self.changed)
        self.go_to_bar.line_asked.connect(self.places.line)
        self.go_to_bar.share_asked.connect(self.places.share)
        self.go_to_bar.time_asked.connect(self.places.time)
        self.places.arrived.connect(self._arrived)
        self.places.missing.connect(self._missing)
        self.taking.said.connect(self._tell)
        self.belonging.said.connect(self._tell)
        self.belonging.files_asked.connect(lambda paths: self.show_files(paths, by_time=True))
        for bar in (self.find_bar, self.filter_bar, self.go_to_bar):
            bar.closed.connect(self.area.setFocus)
        self.how_read.reading_chosen.connect(self._reading_chosen)
        self.how_read.zone_chosen.connect(self._zone_chosen)
        self.marks.went.connect(self.places.share)
        self.bookmarks.changed.connect(self._bookmarks_changed)
        self.looks.changed.connect(self.changed)

    # the file shown

    def show_file(self, path: Path | None) -> None:
        """Show this file, scrolled to its end; None shows none."""
        self.show_files(() if path is None else (path,))

    def show_files(self, paths: tuple[Path, ...], *, by_time: bool = False) -> None:
        """Show these files as one log, scrolled to its end: one after the other, or merged by time."""
        self.close_run()
        if not paths:
            return
        self._note.say("")
        self.area.setToolTip("")
        self._count.setToolTip(plain_tip("\n".join(map(str, paths))))
        self._open(LogRef(paths, self.how_read.reading, by_time))
        self._set_poll()

    def _open(self, ref: LogRef) -> None:
        reader = self.reader = LogReader(ref, self)
        reader.zone = self.how_read.zone
        reader.page_came.connect(self._page_came)
        reader.state_came.connect(self._state_came)
        reader.marks_came.connect(self._marks_came)
        for part in self._parts:
            part.read_by(reader)
        reader.failed.connect(self._failed)
        self.bookmarks.show_files(ref.paths)
        self.area.sources = [path.name for path in ref.paths] if len(ref.paths) > 1 else []
        self.grew()
        self.changed.emit()

    def grew(self) -> None:
        """The file may have grown: read on."""
        if self.reader and self.isVisible():
            self.reader.read()
            self._look()

    def _look(self) -> None:
        if self.reader and self.isVisible():
            self.reader.look(*self.area.span())

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self.reader:
            self.reader.end()
            self.reader = None
            self._known = (0, 0, False)
            for part in self._parts:
                part.read_by(None)
        self._poll.stop()
        self._mark.stop()
        self._telling.stop()
        self._count.clear()
        self.marks.show_marks(None)
        self.how_read.show_state(None)
        self.area.clear()
        self._note.say(NO_FILE)
        self.changed.emit()

    def _set_poll(self) -> None:
        if self.reader and self.isVisible():
            self._poll.start()
        else:
            self._poll.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_poll()
        self.grew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._mark.start()

    # answers

    def _page_came(self, page: LogPage) -> None:
        self.area.show_page(page)
        self._say()

    def _state_came(self, state: LogState) -> None:
        self.how_read.show_state(state)
        known = (state.generation, state.end, state.complete)
        if known != self._known:
            self._known = known
            self.changed.emit()
            self._rows_changed()
        self._say()

    def _tell(self, text: str) -> None:
        """Show a message for some seconds, in place of the counts."""
        self._count.setText(text)
        self._telling.start()

    def _say(self) -> None:
        """Show the counts and the selection."""
        state = self.reader.state if self.reader else None
        if state is None:
            return
        nothing = NO_LINES if not state.lines else NOTHING_FITS if self.narrowing.nothing_fits else ""
        self._note.say("" if self.area.total else nothing)
        if self._telling.isActive():
            return
        lines = "1 line" if state.lines == 1 else f"{state.lines:,} lines"
        parts = [lines if state.complete else f"{lines}, reading … {state.share:.0%}"]
        if state.records and state.records != state.lines:
            parts.append("1 record" if state.records == 1 else f"{state.records:,} records")
        if selected := self.area.selection:
            count = selected[1] - selected[0] + 1
            parts.append("1 line selected" if count == 1 else f"{count:,} lines selected")
        self._count.setText(" · ".join([*parts, *state.notes]))

    def _failed(self, key: str, error: object) -> None:
        text = words.cause(error)
        if key == "choose":
            self.filter_bar.fault(text)
        elif key == "find":
            self.find_bar.fault(text)
        elif key == "seek time":
            self.go_to_bar.fault(text)
        elif key in ("look", "read"):
            self.area.clear()
            self._count.clear()
            self._note.say(f"This file cannot be read: {text}")
        else:
            self._tell(text)

    def flags(self) -> dict[str, bool]:
        """The flags that commands depend on."""
        shown = self.reader is not None
        return {
            "log.shown": shown,
            "log.of_run": shown and self.belonging.of_run,
            "log.printed": self.belonging.has_printed,
            "log.with_printed": self.belonging.with_printed,
            "log.filtered": self.narrowing.filtered,
            "log.follow": shown and self.area.follow,
            "log.rotated": bool(self.reader and self.reader.state and self.reader.state.rotated),
            "log.histogram": self.summing.shown,
            **self.looks.flags(),
        }

    # following

    def _follow_changed(self, follow: bool) -> None:
        self._follow.setChecked(follow)
        self.changed.emit()

    def _follow_clicked(self, follow: bool) -> None:
        self.area.set_follow(follow)
        if follow:
            self.grew()

    def toggle_follow(self) -> None:
        """Stay at the end, or stop doing so."""
        self._follow_clicked(not self.area.follow)

    def add_files(self) -> None:
        """Let the user choose further logs, and merge them by time with those shown."""
        if self.reader:
            shown = self.reader.ref.paths
            chosen = [Path(name) for name in ask.logs_to_add(self, str(shown[0].parent))]
            if more := [path for path in chosen if path not in shown]:
                self.show_files((*shown, *more), by_time=True)

    def show_rotated(self) -> None:
        """Show the earlier (rotated) parts of the log too, the oldest first."""
        state = self.reader.state if self.reader else None
        if state and state.rotated:
            self.show_files(state.rotated)

    def show_saved(self, nth: int) -> None:
        """Apply a saved filter by its position, counted from 1."""
        if not self.narrowing.show_saved(nth - 1):
            self._tell(f"No filter {nth} is saved. To save one, use the menu Saved beside the filter.")

    def toggle_histogram(self) -> None:
        """Show or hide the histogram."""
        self.summing.toggle()
        self.changed.emit()

    # places

    def _arrived(self, name: str, place: LogPlace) -> None:
        if name in ("line", "time"):
            self.go_to_bar.close_bar()

    def _missing(self, name: str, text: str) -> None:
        if name == "time":
            self.go_to_bar.fault(text)
        elif text:
            self._tell(text)

    # marks

    def _rows_changed(self) -> None:
        self._look()
        self._mark_soon()
        self.summing.count_soon()

    def _mark_soon(self) -> None:
        if self.isVisible():
            self._mark.start()

    def _ask_marks(self) -> None:
        if self.reader and self.isVisible():
            self.reader.mark(max(self.marks.height() // 2, 1))

    def _marks_came(self, marks: LogMarks) -> None:
        self.marks.show_marks(marks)

    def _bookmarks_changed(self) -> None:
        self.area.beside.bookmarks = self.bookmarks.places
        total = max(self.reader.state.lines if self.reader and self.reader.state else 1, 1)
        shown = (
            []
            if self.narrowing.filtered
            else [line / total for file, line in self.bookmarks.places if file == 0]
        )
        self.marks.show_bookmarks(shown)
        self.area.viewport().update()

    def _reading_chosen(self, reading: LogReading) -> None:
        if self.reader:
            ref = LogRef(self.reader.ref.paths, reading, self.reader.ref.by_time)
            self.reader.end()
            self.area.clear()
            self._open(ref)

    def _zone_chosen(self, zone: str) -> None:
        if self.reader:
            self.reader.zone = zone
            self._look()

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction("Copy", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(self.area.selection is not None)
        copy.triggered.connect(self.taking.copy)
        every = QAction("Select all", menu, shortcut=QKeySequence(QKeySequence.StandardKey.SelectAll))
        every.triggered.connect(lambda: self.area.select(0, self.area.total - 1))
        menu.addActions([copy, every])
        menu.addSeparator()
        if self.belonging.of_run:
            menu.addAction("Show the task of this line").triggered.connect(self.belonging.show_task)
        for text, do in (
            ("Find this", self.narrowing.find_text),
            ("Bookmark", self.bookmarks.toggle),
            ("Highlight this", self.narrowing.toggle_highlight),
            ("Open the file that it names", self.taking.open_place),
            ("Save…", self.taking.save),
            ("Hide everything above", self.narrowing.clear_to_here),
        ):
            menu.addAction(text).triggered.connect(do)
        menu.popup(at)
