"""Small windows beside the log: its bookmarks, the highlights, how it is read."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from engine.query.log import LogReading
from gui.logs.area import LogArea
from gui.logs.bookmark_list import BookmarkList
from gui.logs.bookmarks import Bookmarks
from gui.logs.explained import Explained, described
from gui.logs.highlight_dialog import HighlightDialog
from gui.logs.narrowing import Narrowing
from gui.logs.reader import LogReader


class Windows(QObject):
    """Opens them, and closes them with the log."""

    went = Signal(int, int)
    """The file and line to go to."""

    def __init__(self, area: LogArea, bookmarks: Bookmarks, narrowing: Narrowing, parent: QWidget) -> None:
        super().__init__(parent)
        self._area, self._bookmarks, self._narrowing, self._window = area, bookmarks, narrowing, parent
        self._reader: LogReader | None = None
        self.open: QDialog | None = None
        """The newest one."""

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        if self.open:
            self.open.close()
            self.open = None

    def _show(self, window: QDialog) -> None:
        if self.open:
            self.open.close()
        self.open = window
        window.finished.connect(window.deleteLater)
        window.finished.connect(lambda: self._closed(window))
        window.show()

    def _closed(self, window: QDialog) -> None:
        if self.open is window:
            self.open = None

    def bookmarks(self) -> None:
        """Show the bookmarks."""
        window = BookmarkList(self._bookmarks, self._window)
        window.model.several = bool(self._area.sources)
        window.went.connect(self.went)
        self._show(window)

    def highlights(self) -> None:
        """Let the user edit what is highlighted."""
        window = HighlightDialog(self._area.highlights, self._window)
        window.changed.connect(self._narrowing.keep_highlights)
        self._show(window)

    def explain(self, reading: LogReading) -> None:
        """Show how the log is read."""
        if self._reader and self._reader.state:
            self._show(Explained(described(self._reader.state, reading), self._window))
