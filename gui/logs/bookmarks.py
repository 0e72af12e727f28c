"""Lines that the user has bookmarked, some with a note; kept between openings of a log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from gui.logs import saved
from gui.logs.area import LogArea
from gui.logs.saved import Place
from gui.settings.store import Settings


class Bookmarks(QObject):
    """The bookmarks of the current log, with their notes."""

    changed = Signal()

    def __init__(self, area: LogArea, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = area
        self._settings = settings
        self._paths: tuple[Path, ...] = ()
        self._window = parent
        self._notes: dict[Place, str] = {}

    def show_files(self, paths: tuple[Path, ...]) -> None:
        """Show bookmarks of these files from now on."""
        self._paths = paths
        self._notes = saved.bookmarks(self._settings, paths)
        self.changed.emit()

    def _keep(self) -> None:
        saved.keep_bookmarks(self._settings, self._paths, self._notes)
        self.changed.emit()

    @property
    def places(self) -> set[Place]:
        """The bookmarked lines."""
        return set(self._notes)

    def note(self, place: Place) -> str:
        """The note on a line."""
        return self._notes.get(place, "")

    def _here(self) -> Place | None:
        row = self._area.current
        line = self._area.shown.number(row)
        return None if line is None else (self._area.shown.file(row), line)

    def toggle(self) -> None:
        """Set or remove a bookmark on the current line."""
        here = self._here()
        if here is None:
            return
        if here in self._notes:
            del self._notes[here]
        else:
            self._notes[here] = ""
        self._keep()

    def write(self) -> None:
        """Let the user write a note on the current line."""
        here = self._here()
        if here is None:
            return
        asked = QInputDialog(self._window)
        asked.setWindowTitle("Note")
        asked.setLabelText(f"Note to line {here[1] + 1:,}:")
        asked.setTextValue(self.note(here))
        asked.textValueSelected.connect(lambda text: self._write(here, text))
        asked.open()

    def _write(self, place: Place, text: str) -> None:
        self._notes[place] = text
        self._keep()

    def next(self, *, back: bool = False) -> Place | None:
        """The next or previous bookmarked line, wrapping around at the ends."""
        here = self._here() or (0, 0)
        every = sorted(self._notes)
        if not every:
            return None
        if back:
            return next((place for place in reversed(every) if place < here), every[-1])
        return next((place for place in every if place > here), every[0])
