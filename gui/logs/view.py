"""A log, live or old: the lines, the bars to find and filter, and a strip with what is known of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from engine.query.log import (
    LogChosen,
    LogMarks,
    LogPage,
    LogPattern,
    LogPlace,
    LogReading,
    LogRef,
    LogState,
    LogText,
    LogWanted,
    Target,
)
from gui.kit import words
from gui.kit.empty import EmptyNote
from gui.kit.tips import plain_tip
from gui.kit.widgets import ElidedLabel
from gui.logs import accessible
from gui.logs.area import LogArea
from gui.logs.bookmarks import Bookmarks
from gui.logs.filter_bar import FilterBar
from gui.logs.find_bar import FindBar
from gui.logs.go_to import GoTo
from gui.logs.how_read import HowRead
from gui.logs.marks import Marks
from gui.logs.reader import ALL, LogReader

COPY_LIMIT = 1_000_000
"""Lines that go to the clipboard at once."""
_POLL = 500
_MARKS = 400
"""Milliseconds between two looks at what is marked beside the scroll bar."""
NO_FILE = "The log appears here while a run goes on."
NO_LINES = "No log lines yet."
NOTHING_FITS = "No record fits the filter."


class LogView(QWidget):
    """Shows one log at a time, from `show_file` to `close_run`."""

    changed = Signal()
    """Something that its flags say is other than before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        accessible.install()
        self.reader: LogReader | None = None
        self.area = LogArea()
        self.find_bar = FindBar()
        self.filter_bar = FilterBar()
        self.go_to_bar = GoTo()
        self.how_read = HowRead()
        self.marks = Marks()
        self.bookmarks = Bookmarks(self.area, self)
        self._note = EmptyNote(self.area)
        self._count = ElidedLabel("muted")
        self._follow = QCheckBox("Follow")
        self._follow.setChecked(True)
        self._follow.setToolTip("Keep at the end of the log as it grows (End)")
        self._poll = QTimer(self, interval=_POLL)
        self._mark = QTimer(self, singleShot=True, interval=_MARKS)
        self._anchor: tuple[int, int] | None = None
        """The file and line to come back to when the filter is another one."""
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
        whole.addLayout(middle, 1)
        whole.addWidget(self.find_bar)
        whole.addWidget(self.go_to_bar)
        whole.addLayout(strip)

    def _connect(self) -> None:
        self._poll.timeout.connect(self.grew)
        self._mark.timeout.connect(self._ask_marks)
        self.area.wanted.connect(self._look)
        self.area.follow_changed.connect(self._follow_changed)
        self.area.copy_asked.connect(self.copy)
        self.area.menu_asked.connect(self._menu)
        self.area.selection_changed.connect(self._say)
        self._follow.clicked.connect(self._follow_clicked)
        self.find_bar.pattern_changed.connect(self._pattern_changed)
        self.find_bar.next_asked.connect(self.next_hit)
        self.find_bar.previous_asked.connect(self.previous_hit)
        self.find_bar.stop_asked.connect(self._stop_search)
        self.filter_bar.wanted_changed.connect(self._wanted_changed)
        self.go_to_bar.line_asked.connect(self.go_to_line)
        self.go_to_bar.share_asked.connect(self._go_to_share)
        self.go_to_bar.time_asked.connect(self.go_to_time)
        for bar in (self.find_bar, self.filter_bar, self.go_to_bar):
            bar.closed.connect(self.area.setFocus)
        self.how_read.reading_chosen.connect(self._reading_chosen)
        self.how_read.zone_chosen.connect(self._zone_chosen)
        self.marks.went.connect(self._go_to_share)
        self.bookmarks.changed.connect(self._bookmarks_changed)

    # the file shown

    def show_file(self, path: Path | None) -> None:
        """Show this file from its end; None shows none."""
        self.show_files(() if path is None else (path,))

    def show_files(self, paths: tuple[Path, ...]) -> None:
        """Show these files as one log, from its end."""
        self.close_run()
        if not paths:
            return
        self._note.say("")
        self.area.setToolTip("")
        self._count.setToolTip(plain_tip("\n".join(map(str, paths))))
        self._open(LogRef(paths, self.how_read.reading))
        self._set_poll()

    def _open(self, ref: LogRef) -> None:
        reader = self.reader = LogReader(ref, self)
        reader.zone = self.how_read.zone
        reader.ansi = self._ansi
        reader.page_came.connect(self._page_came)
        reader.state_came.connect(self._state_came)
        reader.chosen_came.connect(self._chosen_came)
        reader.found_came.connect(self._found_came)
        reader.marks_came.connect(self._marks_came)
        reader.placed.connect(self._placed)
        reader.taken.connect(self._taken)
        reader.failed.connect(self._failed)
        self.bookmarks.show_files(ref.paths)
        reader.choose(self.filter_bar.wanted)
        reader.find(self.find_bar.pattern if self.find_bar.isVisible() else LogPattern(""))
        self.grew()
        self.changed.emit()

    def grew(self) -> None:
        """The file may be longer than before: read on."""
        if self.reader and self.isVisible():
            self.reader.read()
            self._look()

    def _look(self) -> None:
        if self.reader and self.isVisible():
            self.reader.look(*self.area.span())

    def close_run(self) -> None:
        """Show nothing, and ask for nothing any more."""
        if self.reader:
            self.reader.end()
            self.reader = None
        self._poll.stop()
        self._mark.stop()
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

    # what comes

    def _page_came(self, page: LogPage) -> None:
        self.area.show_page(page)
        self._say()

    def _state_came(self, state: LogState) -> None:
        self.how_read.show_state(state)
        if state.generation != self.area.shown.page.generation or state.lines != self.area.total:
            self._look()
        self._mark_soon()
        self._say()

    def _chosen_came(self, chosen: LogChosen) -> None:
        records = "1 record" if chosen.count == 1 else f"{chosen.count:,} records"
        self.filter_bar.count.setText(records if chosen.complete else f"{records} … {chosen.share:.0%}")
        self._look()
        if chosen.complete:
            self._come_back()
            self._mark_soon()
        self._say()

    def _found_came(self, found: LogChosen) -> None:
        lines = "1 line" if found.count == 1 else f"{found.count:,} lines"
        text = lines if found.count else "Not found"
        self.find_bar.count.setText(text if found.complete else f"{lines} … {found.share:.0%}")
        self._look()
        if found.complete:
            self._mark_soon()
            if found.count and self.area.hit is None and not self.area.follow and self.reader:
                self.reader.seek("hit", Target.NEXT_HIT, self.area.top - 1)

    def _say(self) -> None:
        """Say how much there is, and what is selected."""
        state = self.reader.state if self.reader else None
        if state is None:
            return
        lines = "1 line" if state.lines == 1 else f"{state.lines:,} lines"
        parts = [lines if state.complete else f"{lines}, reading on … {state.share:.0%}"]
        if state.records and state.records != state.lines:
            parts.append("1 record" if state.records == 1 else f"{state.records:,} records")
        if selected := self.area.selection:
            count = selected[1] - selected[0] + 1
            parts.append("1 line selected" if count == 1 else f"{count:,} lines selected")
        self._count.setText(" · ".join([*parts, *state.notes]))
        chosen = self.reader.chosen if self.reader else None
        nothing = chosen is not None and chosen.complete and not chosen.rows and state.lines > 0
        self._note.say(
            "" if self.area.total else NOTHING_FITS if nothing else "" if state.lines else NO_LINES
        )

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
            self._count.setText(text)

    # following

    def _follow_changed(self, follow: bool) -> None:
        self._follow.setChecked(follow)
        self.changed.emit()

    def _follow_clicked(self, follow: bool) -> None:
        self.area.set_follow(follow)
        if follow:
            self.grew()

    # find

    def find_text(self) -> None:
        """Let the person look for a text: the one selected, if it is within a line."""
        span = self.area.selected
        text = ""
        if span and span[0][0] == span[1][0]:
            line = self.area.line(span[0][0]) or ""
            text = line[span[0][1] : span[1][1] if span[1][1] >= 0 else len(line)]
        self.find_bar.begin(text if len(text) <= 200 else "")

    def _pattern_changed(self, pattern: LogPattern) -> None:
        self.area.hit = None
        if self.reader:
            if pattern.text:
                self.area.set_follow(False)
            self.reader.find(pattern)
            self._look()
            self._mark_soon()

    def _stop_search(self) -> None:
        if self.reader:
            self.reader.stop_search()

    def next_hit(self) -> None:
        """Go to the next hit."""
        self._seek_hit(Target.NEXT_HIT)

    def previous_hit(self) -> None:
        """Go to the hit before."""
        self._seek_hit(Target.PREVIOUS_HIT)

    def _seek_hit(self, target: Target) -> None:
        if not self.find_bar.isVisible():
            self.find_text()
        elif self.reader:
            row = self.area.hit[0] if self.area.hit else self.area.current
            self.reader.seek("hit", target, row)

    # filter

    def filter(self) -> None:
        """Let the person say which records are shown."""
        self.filter_bar.begin()

    def _wanted_changed(self, wanted: LogWanted) -> None:
        self.filter_bar.setVisible(wanted != ALL or self.filter_bar.isVisible())
        if self.reader:
            self._keep_place()
            self.reader.choose(wanted)
            self.area.unselect()
            self.area.hit = None
            if wanted == ALL:
                self._come_back()
            self._look()
            self._mark_soon()
        self.changed.emit()

    @property
    def filtered(self) -> bool:
        """Whether not all records are shown."""
        return self.reader is not None and self.reader.wanted != ALL

    def _keep_place(self) -> None:
        """Remember where one is, to be there again among other rows."""
        row = self.area.current
        line = self.area.shown.number(row)
        if line is not None and not self.area.follow:
            self._anchor = (self.area.shown.file(row), line)

    def _come_back(self) -> None:
        if self._anchor and self.reader:
            file, line = self._anchor
            self.reader.seek("back", Target.LINE, line=line, file=file)
            self._anchor = None

    def clear_to_here(self) -> None:
        """Leave out everything above the line one is at."""
        line = self.area.shown.number(self.area.current)
        if line is not None:
            from dataclasses import replace

            self.filter_bar.show()
            self.filter_bar.show_wanted(replace(self.filter_bar.wanted, from_line=line))

    # places

    def go_to(self) -> None:
        """Let the person say where to go."""
        self.go_to_bar.begin()

    def go_to_line(self, number: int) -> None:
        """Go to a line of the first file, from 1."""
        if self.reader:
            self.reader.seek("line", Target.LINE, line=max(number - 1, 0))

    def go_to_time(self, time: str) -> None:
        """Go to the first record that is not earlier."""
        if self.reader:
            self.reader.seek("time", Target.TIME, time=time)

    def _go_to_share(self, share: float) -> None:
        self._arrive(int(share * max(self.area.total - 1, 0)))

    def next_error(self) -> None:
        """Go to the next record that is an error or worse."""
        if self.reader:
            self.reader.seek("error", Target.NEXT_ERROR, self.area.current)

    def previous_error(self) -> None:
        """Go to the error before."""
        if self.reader:
            self.reader.seek("error", Target.PREVIOUS_ERROR, self.area.current)

    def _placed(self, name: str, place: LogPlace) -> None:
        if place.row < 0:
            self._count.setText(
                {"error": "No further error.", "time": "No record is that late."}.get(name, "")
            )
            return
        self._arrive(place.row)
        if name == "hit":
            self._show_hit(place)
        elif name in ("line", "time"):
            self.go_to_bar.close_bar()

    def _arrive(self, row: int) -> None:
        self.area.show_row(row)
        self.area.set_current(row)

    def _show_hit(self, place: LogPlace) -> None:
        found = self.reader.found if self.reader else None
        row = self.area.shown.row(place.row)
        start, end = row.hits[0] if row and row.hits else (0, 0)
        self.area.hit = (place.row, start, end)
        if found:
            self.find_bar.count.setText(f"{place.nth:,} of {found.count:,} lines")

    # marks

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
        shown = [] if self.filtered else [line / total for file, line in self.bookmarks.places if file == 0]
        self.marks.show_bookmarks(shown)
        self.area.viewport().update()

    # how it looks

    _ansi = False

    @property
    def ansi(self) -> bool:
        """Whether the colours that a program wrote are shown."""
        return self._ansi

    def toggle_ansi(self) -> None:
        """Show the colours that a program wrote, or not."""
        self._ansi = not self._ansi
        if self.reader:
            self.reader.ansi = self._ansi
            self._look()
        self.changed.emit()

    def toggle_wrap(self) -> None:
        """Let long lines go on below, or not."""
        self.area.set_wrapped(not self.area.wrapped)
        self.changed.emit()

    def toggle_columns(self) -> None:
        """Show records in columns, or lines as they are."""
        self.area.set_columns(not self.area.in_columns)
        self.changed.emit()

    def toggle_deltas(self) -> None:
        """Show the time since the record above, or not."""
        self.area.beside.deltas = not self.area.beside.deltas
        self.area.viewport().update()
        self.changed.emit()

    def toggle_follow(self) -> None:
        """Keep at the end, or no longer."""
        self._follow_clicked(not self.area.follow)

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

    # copying

    def copy(self) -> None:
        """Copy what is selected."""
        span = self.area.selected
        if not span or not self.reader:
            return
        (first, start), (last, end) = span
        if first == last:
            line = self.area.line(first)
            if line is not None and end >= 0:
                QGuiApplication.clipboard().setText(line[start:end])
                return
        if last - first >= COPY_LIMIT:
            self._count.setText(f"Copied the first {COPY_LIMIT:,} of {last - first + 1:,} selected lines.")
            last, end = first + COPY_LIMIT - 1, -1
        if self.area.in_columns:
            start, end = 0, -1
        self.reader.take(first, last, start, end)

    def _taken(self, text: LogText) -> None:
        QGuiApplication.clipboard().setText(text.text)
        if not text.whole:
            self._count.setText("Only the beginning was copied: it is very long.")

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction("Copy", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(self.area.selection is not None)
        copy.triggered.connect(self.copy)
        every = QAction("Select all", menu, shortcut=QKeySequence(QKeySequence.StandardKey.SelectAll))
        every.triggered.connect(lambda: self.area.select(0, self.area.total - 1))
        menu.addActions([copy, every])
        menu.addSeparator()
        for text, do in (
            ("Find this", self.find_text),
            ("Bookmark", self.bookmarks.toggle),
            ("Leave out everything above", self.clear_to_here),
        ):
            menu.addAction(text).triggered.connect(do)
        menu.popup(at)
