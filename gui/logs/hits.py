"""The list of hits: the lines with a hit alone, below the log."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.query.log import LogPage, LogPlace
from gui.kit.empty import EmptyNote
from gui.logs.area import LogArea
from gui.logs.reader import LogReader

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
HEIGHT = 160


class HitArea(LogArea):
    """Rows of which one is the current hit: the arrow keys move to the next one, Enter goes to the log."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        jumps = {Qt.Key.Key_PageUp: -self.page, Qt.Key.Key_PageDown: self.page}
        jumps |= {Qt.Key.Key_Home: -self.total, Qt.Key.Key_End: self.total}
        step = _STEPS.get(key) or jumps.get(key)
        if step and self.total and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            row = max(min(self.current + step, self.total - 1), 0)
            self.show_row(row)
            self.set_current(row)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class Hits(QWidget):
    """Lists the hits of the search. The search itself is that of the log above."""

    went = Signal(int, int)
    """The file and line of the chosen hit."""
    entered = Signal()
    """The user wants to be in the log now."""

    def __init__(self, log: LogArea) -> None:
        super().__init__()
        self._log = log
        self._main: LogReader | None = None
        self._own: LogReader | None = None
        self.area = HitArea()
        self.area.setAccessibleName("Hits")
        self.area.may_follow = False
        self._note = EmptyNote(self.area)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.area.wanted.connect(self.look)
        self.area.current_changed.connect(self._go)
        self.area.entered.connect(self.entered)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def read_by(self, reader: LogReader | None) -> None:
        """The log above shows another file."""
        if self._own:
            self._own.end()
        self._main, self._own = reader, None
        self.area.clear()
        if reader:
            own = self._own = LogReader(reader.ref, self)
            own.only_hits = True
            own.page_came.connect(self._page_came)
            reader.found_came.connect(self.look)
            reader.chosen_came.connect(self.look)
            reader.state_came.connect(self.look)
            self.look()

    def look(self) -> None:
        """The hits, or what is known of them, may have changed."""
        main, own = self._main, self._own
        if not main or not own or not self.isVisible():
            return
        if (own.wanted, own.pattern) != (main.wanted, main.pattern):
            own.wanted, own.pattern = main.wanted, main.pattern
            self.area.clear()
        if not main.pattern.text:
            self._note.say("Type a text to find.")
            return
        own.zone, own.ansi = main.zone, main.ansi
        self.area.set_follow(False)
        self.area.sources = self._log.sources
        self.restyle()
        own.look(*self.area.span())

    def restyle(self) -> None:
        """Highlights or notes may have changed."""
        self.area.highlights, self.area.notes = self._log.highlights, self._log.notes
        self.area.beside.bookmarks = self._log.beside.bookmarks
        self.area.viewport().update()

    def _page_came(self, page: LogPage) -> None:
        if self._own and self._main and self._own.pattern.text:
            self.area.show_page(page)
            complete = self._main.found is not None and self._main.found.complete
            self._note.say("" if page.total else "Not found." if complete else "Searching …")

    def _go(self, row: int) -> None:
        line = self.area.shown.number(row)
        if line is not None:
            self.went.emit(self.area.shown.file(row), line)

    def show_hit(self, place: LogPlace) -> None:
        """Show which hit is the current one."""
        if self.isVisible() and 0 < place.nth <= self.area.total and not self.area.hasFocus():
            self.area.show_row(place.nth - 1)
            self.area.point_at(place.nth - 1)

    def show_list(self, *, shown: bool) -> None:
        """Show or hide the list."""
        self.setVisible(shown)
        self.look()

    @property
    def shown(self) -> bool:
        """Whether the list is shown."""
        return not self.isHidden()
