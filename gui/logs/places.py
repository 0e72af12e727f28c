"""Going about in a log: to a line, a time, a part, the next hit, error or bookmark."""

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
    """Seeks places in the log that is shown, and brings them into sight."""

    missing = Signal(str, str)
    """What was sought, and that it is nowhere, in words."""
    arrived = Signal(str, LogPlace)
    """What was sought is in sight."""

    def __init__(self, area: LogArea, bookmarks: Bookmarks, parent: QObject) -> None:
        super().__init__(parent)
        self._area = area
        self._bookmarks = bookmarks
        self._reader: LogReader | None = None
        self._anchor: tuple[int, int] | None = None
        """The file and line to come back to when the filter is another one."""

    def read_by(self, reader: LogReader | None) -> None:
        """Another log is shown."""
        self._reader = reader
        self._anchor = None
        if reader:
            reader.placed.connect(self._placed)

    def _seek(self, name: str, target: Target, row: int = 0, line: int = 0, file: int = 0) -> None:
        if self._reader:
            self._reader.seek(name, target, row, line, file)

    def line(self, number: int) -> None:
        """Go to a line of the first file, from 1."""
        self._seek("line", Target.LINE, line=max(number - 1, 0))

    def line_of(self, file: int, line: int) -> None:
        """Go to a line of a file, from 0."""
        self._seek("line", Target.LINE, file=file, line=line)

    def time(self, time: str) -> None:
        """Go to the first record that is not earlier."""
        if self._reader:
            self._reader.seek("time", Target.TIME, time=time)

    def share(self, share: float) -> None:
        """Go where this share of the rows is above."""
        self.arrive(int(share * max(self._area.total - 1, 0)))

    def next_error(self) -> None:
        """Go to the next record that is an error or worse."""
        self._seek("error", Target.NEXT_ERROR, row=self._area.current)

    def previous_error(self) -> None:
        """Go to the error before."""
        self._seek("error", Target.PREVIOUS_ERROR, row=self._area.current)

    def hit(self, *, back: bool = False) -> None:
        """Go to the next hit of the search, or the one before."""
        row = self._area.hit[0] if self._area.hit else self._area.current
        self._seek("hit", Target.PREVIOUS_HIT if back else Target.NEXT_HIT, row=row)

    def first_hit(self) -> None:
        """Go to the first hit from the top of the screen on."""
        self._seek("hit", Target.NEXT_HIT, row=self._area.top - 1)

    def bookmark(self, *, back: bool = False) -> None:
        """Go to the next bookmark, or the one before."""
        place = self._bookmarks.next(back=back)
        if place:
            self._seek("bookmark", Target.LINE, file=place[0], line=place[1])

    def keep(self) -> None:
        """Remember where one is, to be there again among other rows."""
        row = self._area.current
        line = self._area.shown.number(row)
        if line is not None and not self._area.follow:
            self._anchor = (self._area.shown.file(row), line)

    def come_back(self) -> None:
        """Be where one was, or as near as can be."""
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
        """Bring a row into sight, and be there."""
        self._area.show_row(row)
        self._area.set_current(row)
