"""Moving around in a log: to a line, a time, a share, the next hit, error or bookmark."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.query.log import LogPlace, Target
from gui.logs.area import LogArea
from gui.logs.bookmarks import Bookmarks
from gui.logs.reader import LogReader

MISSING = {
    "error": "There are no more errors.",
    "time": "No record has a time that late.",
    "bookmark": "The filter hides that line.",
}


class Places(QObject):
    """Finds places in the current log and scrolls to them."""

    missing = Signal(str, str)
    """What was searched for and not found, in words."""
    arrived = Signal(str, LogPlace)
    """The place is in view."""

    def __init__(self, area: LogArea, bookmarks: Bookmarks, parent: QObject) -> None:
        super().__init__(parent)
        self._area = area
        self._bookmarks = bookmarks
        self._reader: LogReader | None = None
        self._anchor: tuple[int, int] | None = None
        """The file and line to return to when the filter changes."""

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        self._anchor = None
        if reader:
            reader.placed.connect(self._placed)

    def _seek(self, name: str, target: Target, row: int = 0, line: int = 0, file: int = 0) -> None:
        if self._reader:
            self._reader.seek(name, target, row, line, file)

    def line(self, number: int) -> None:
        """Go to a line of the first file, counted from 1."""
        self._seek("line", Target.LINE, line=max(number - 1, 0))

    def line_of(self, file: int, line: int) -> None:
        """Go to a line of a file, counted from 0."""
        self._seek("line", Target.LINE, file=file, line=line)

    def time(self, time: str) -> None:
        """Go to the first record at or after a time."""
        if self._reader:
            self._reader.seek("time", Target.TIME, time=time)

    def share(self, share: float) -> None:
        """Go where this share of the rows is above."""
        self.arrive(int(share * max(self._area.total - 1, 0)))

    def next_error(self) -> None:
        """Go to the next error, or worse."""
        self._seek("error", Target.NEXT_ERROR, row=self._area.current)

    def previous_error(self) -> None:
        """Go to the previous error."""
        self._seek("error", Target.PREVIOUS_ERROR, row=self._area.current)

    def hit(self, *, back: bool = False) -> None:
        """Go to the next or previous hit."""
        row = self._area.hit[0] if self._area.hit else self._area.current
        self._seek("hit", Target.PREVIOUS_HIT if back else Target.NEXT_HIT, row=row)

    def first_hit(self) -> None:
        """Go to the first hit from the top of the screen."""
        self._seek("hit", Target.NEXT_HIT, row=self._area.top - 1)

    def bookmark(self, *, back: bool = False) -> None:
        """Go to the next or previous bookmark."""
        place = self._bookmarks.next(back=back)
        if place:
            self._seek("bookmark", Target.LINE, file=place[0], line=place[1])

    def keep(self) -> None:
        """Remember the current place, to return to it among other rows."""
        row = self._area.current
        line = self._area.shown.number(row)
        if line is not None and not self._area.follow:
            self._anchor = (self._area.shown.file(row), line)

    def come_back(self) -> None:
        """Return to the remembered place, or the nearest one."""
        if self._anchor:
            file, line = self._anchor
            self._anchor = None
            self._seek("back", Target.LINE, file=file, line=line)

    def _placed(self, name: str, place: LogPlace) -> None:
        if place.row < 0:
            self.missing.emit(name, MISSING.get(name, ""))
            return
        self.arrive(place.row)
        self.arrived.emit(name, place)

    def arrive(self, row: int) -> None:
        """Scroll to a row and make it current."""
        self._area.show_row(row)
        self._area.set_current(row)
