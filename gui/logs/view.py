"""A log, live or old: the lines, the bars for find and filter, and a status strip."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from engine.query.log import LogChoices, LogPage, LogPlace, LogReading, LogRef, LogState
from gui.kit import ask, words
from gui.kit.empty import EmptyNote
from gui.kit.tips import plain_tip
from gui.logs import accessible
from gui.logs.area import LogArea
from gui.logs.belonging import Belonging
from gui.logs.bookmarks import Bookmarks
from gui.logs.filter_bar import FilterBar
from gui.logs.find_bar import FindBar
from gui.logs.go_to import GoTo
from gui.logs.histogram import Histogram
from gui.logs.hits import Hits
from gui.logs.legend import Legend, names_of
from gui.logs.looks import Looks
from gui.logs.marking import Marking
from gui.logs.marks import Marks
from gui.logs.menu import show_menu
from gui.logs.narrowing import Narrowing
from gui.logs.places import Places
from gui.logs.reader import LogReader
from gui.logs.strip import Strip
from gui.logs.summing import Summing
from gui.logs.taking import Taking
from gui.logs.windows import Windows
from gui.settings.store import Settings

_POLL = 500
NO_FILE = "The log appears here during a run."
NO_LINES = "No log lines."
READING = "Reading …"
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
        self.strip = Strip()
        self.how_read = self.strip.how_read
        self.legend = Legend()
        self.marks = Marks()
        self.histogram = Histogram()
        self.bookmarks = Bookmarks(self.area, self.settings, self)
        self.marking = Marking(self.area, self.marks, self.bookmarks, self)
        self.places = Places(self.area, self.bookmarks, self)
        self.taking = Taking(self.area, self.settings, self)
        self.looks = Looks(self.area, self)
        self.narrowing = Narrowing(
            self.area, self.find_bar, self.filter_bar, self.places, self.settings, self
        )
        self.summing = Summing(self.histogram, self)
        self.belonging = Belonging(self.area, self.narrowing, self, of_run=of_run)
        self.hits = Hits(self.area)
        self.windows = Windows(self.area, self.bookmarks, self.narrowing, self)
        views = (self.places, self.taking, self.looks, self.narrowing, self.hits, self.marking)
        self.area.beside.again = of_run
        self._parts = (self.summing, *views, self.belonging, self.windows)
        self._note = EmptyNote(self.area)
        self._known = (0, 0, False)
        """The last known state of the log."""
        self._poll = QTimer(self, interval=_POLL)
        self._lay_out()
        self._connect()
        self._note.say(NO_FILE)

    def _lay_out(self) -> None:
        upper = QWidget()
        middle = QHBoxLayout(upper)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.area, 1)
        middle.addWidget(self.marks)
        parts = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        parts.addWidget(upper)
        parts.addWidget(self.hits)
        parts.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.filter_bar)
        whole.addWidget(self.histogram)
        whole.addWidget(self.legend)
        whole.addWidget(parts, 1)
        whole.addWidget(self.find_bar)
        whole.addWidget(self.go_to_bar)
        whole.addWidget(self.strip)

    def _connect(self) -> None:
        self._poll.timeout.connect(self.grew)
        self.area.wanted.connect(self._look)
        self.area.follow_changed.connect(self._follow_changed)
        self.area.copy_asked.connect(self.taking.copy)
        self.area.menu_asked.connect(self._menu)
        self.strip.told.connect(self._say)
        self.strip.find_asked.connect(self.narrowing.find_text)
        self.strip.filter_asked.connect(self.narrowing.filter)
        self.strip.rotated_asked.connect(self.show_rotated)
        self.area.selection_changed.connect(self._say)
        self.strip.follow.clicked.connect(self._follow_clicked)
        for part in (self.summing, self.hits, self.windows):
            part.went.connect(self.places.line_of)
        self.narrowing.highlights_changed.connect(self.hits.restyle)
        self.bookmarks.changed.connect(self.hits.restyle)
        self.hits.entered.connect(self.area.setFocus)
        self.find_bar.list_asked.connect(self.toggle_hits)
        self.find_bar.only_asked.connect(self.narrowing.include_found)
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
        self.find_bar.closed.connect(self.hide_hits)
        for bar in (self.find_bar, self.filter_bar, self.go_to_bar):
            bar.closed.connect(self.area.setFocus)
        self.how_read.reading_chosen.connect(self._reading_chosen)
        self.how_read.zone_chosen.connect(self._zone_chosen)
        self.how_read.choices_asked.connect(self._choices_asked)
        self.how_read.explain_asked.connect(self.explain)
        self.how_read.refused.connect(self._tell)
        self.marks.went.connect(self.places.share)
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
        self.strip.count.setToolTip(plain_tip("\n".join(map(str, paths))))
        self._open(LogRef(paths, self.how_read.reading, by_time))
        self._set_poll()

    def _open(self, ref: LogRef) -> None:
        reader = self.reader = LogReader(ref, self)
        reader.zone = self.how_read.zone
        reader.page_came.connect(self._page_came)
        reader.state_came.connect(self._state_came)
        reader.choices_came.connect(self._choices_came)
        for part in self._parts:
            part.read_by(reader)
        reader.failed.connect(self._failed)
        self.bookmarks.show_files(ref.paths)
        self.area.sources = (self.belonging.names or names_of(ref.paths)) if len(ref.paths) > 1 else []
        self.legend.show_names(self.area.sources)
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
        self.strip.clear()
        self.legend.show_names(())
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
        self.narrowing.read_highlights()
        self.grew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._set_poll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.marking.soon()

    # answers

    def _page_came(self, page: LogPage) -> None:
        self.area.show_page(page)
        self._say()

    def _state_came(self, state: LogState) -> None:
        self.strip.show_state(state)
        known = (state.generation, state.end, state.complete)
        if known != self._known:
            self._known = known
            self.changed.emit()
            self._rows_changed()
        self._say()

    def _tell(self, text: str) -> None:
        """Show a message for some seconds, in place of the counts."""
        self.strip.tell(text)

    def _say(self) -> None:
        """Show the counts and the selection."""
        state = self.reader.state if self.reader else None
        if state is None:
            return
        if state.lines and not state.complete and not self.narrowing.filtered:
            nothing = READING
        else:
            nothing = NO_LINES if not state.lines else NOTHING_FITS if self.narrowing.nothing_fits else ""
        self._note.say("" if self.area.total else nothing)
        self.strip.show_counts(state, self.area.selection)

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
            self.strip.clear()
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
            "log.hits": self.hits.shown,
            **self.looks.flags(),
        }

    # following

    def _follow_changed(self, follow: bool) -> None:
        self.strip.follow.setChecked(follow)
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

    def toggle_hits(self) -> None:
        """Show or hide the list of hits; to show it, there must be a search."""
        self._show_hits(shown=not self.hits.shown)
        if self.hits.shown and not self.find_bar.isVisible():
            self.narrowing.find_text()

    def hide_hits(self) -> None:
        """Hide the list of hits."""
        self._show_hits(shown=False)

    def _show_hits(self, *, shown: bool) -> None:
        self.hits.show_list(shown=shown)
        self.find_bar.list.setChecked(shown)
        self.changed.emit()

    def explain(self) -> None:
        """Show how the log is read, and how sure that is."""
        self.windows.explain(self.how_read.reading)

    # places

    def _arrived(self, name: str, place: LogPlace) -> None:
        if name in ("line", "time"):
            self.go_to_bar.close_bar()
        elif name == "hit":
            self.hits.show_hit(place)

    def _missing(self, name: str, text: str) -> None:
        if name == "time":
            self.go_to_bar.fault(text)
        elif text:
            self._tell(text)

    # marks

    def _rows_changed(self) -> None:
        self._look()
        self.hits.look()
        self.marking.soon()
        self.marking.show_bookmarks()
        self.summing.count_soon()

    def _choices_asked(self) -> None:
        if self.reader and not self.how_read.choices.formats:
            self.reader.ask_choices()

    def _choices_came(self, choices: LogChoices) -> None:
        self.how_read.choices = choices

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
            self.hits.look()

    def _menu(self, at: QPoint) -> None:
        show_menu(at, self.area, self.taking, self.narrowing, self.bookmarks, self.belonging, self)
