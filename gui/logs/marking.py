"""Keeps the marks beside the scroll bar up to date."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from engine.query.log import LogMarks
from gui.logs.area import LogArea
from gui.logs.bookmarks import Bookmarks
from gui.logs.marks import Marks
from gui.logs.reader import ALL, LogReader

_WAIT = 400
"""Milliseconds between updates."""


class Marking(QObject):
    """Asks where hits and errors are, and knows where bookmarks are."""

    def __init__(self, area: LogArea, marks: Marks, bookmarks: Bookmarks, parent: QObject) -> None:
        super().__init__(parent)
        self._area, self._marks, self._bookmarks = area, marks, bookmarks
        self._reader: LogReader | None = None
        self._wait = QTimer(self, singleShot=True, interval=_WAIT)
        self._wait.timeout.connect(self._ask)
        bookmarks.changed.connect(self.show_bookmarks)

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        self._wait.stop()
        self._marks.show_marks(None)
        if reader:
            reader.marks_came.connect(self._came)

    def soon(self) -> None:
        """The rows, the hits in them, or the room for marks have changed."""
        if self._marks.isVisible():
            self._wait.start()

    def _ask(self) -> None:
        if self._reader and self._marks.isVisible():
            self._reader.mark(max(self._marks.height() // 2, 1))

    def _came(self, marks: LogMarks) -> None:
        self._marks.show_marks(marks)

    def show_bookmarks(self) -> None:
        """The bookmarks, or the rows, have changed."""
        self._area.notes = self._bookmarks.notes
        self._area.beside.bookmarks = set(self._area.notes)
        self._area.viewport().update()
        reader = self._reader
        total = max(reader.state.lines if reader and reader.state else 1, 1)
        simple = reader is not None and reader.wanted == ALL and len(reader.ref.paths) == 1
        self._marks.show_bookmarks([line / total for _, line in self._area.notes] if simple else [])
