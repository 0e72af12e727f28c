"""Lines that the user has bookmarked, some with a note; kept between openings of a log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from gui.logs import saved
from gui.logs.area import LogArea
from gui.logs.saved import Bookmark, Place
from gui.settings.store import Settings

_LONGEST = 300
"""Characters of a bookmarked line that are kept."""


class Bookmarks(QObject):
    """The bookmarks of the current log, with their notes."""

    changed = Signal()

    def __init__(self, area: LogArea, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = area
        self._settings = settings
        self._paths: tuple[Path, ...] = ()
        self._window = parent
        self._marked: dict[Place, Bookmark] = {}

    def show_files(self, paths: tuple[Path, ...]) -> None:
        """Show bookmarks of these files from now on."""
        self._paths = paths
        self._marked = saved.bookmarks(self._settings, paths)
        self.changed.emit()

    def _keep(self) -> None:
        saved.keep_bookmarks(self._settings, self._paths, self._marked)
        self.changed.emit()

    @property
    def marked(self) -> Mapping[Place, Bookmark]:
        """The bookmarked lines."""
        return self._marked

    @property
    def notes(self) -> dict[Place, str]:
        """The note on each of them, which may be empty."""
        return {place: one.note for place, one in self._marked.items()}

    def _here(self) -> Place | None:
        row = self._area.current
        line = self._area.shown.number(row)
        return None if line is None else (self._area.shown.file(row), line)

    def toggle(self) -> None:
        """Set or remove a bookmark on the current line."""
        here = self._here()
        if here is None:
            return
        if here in self._marked:
            self.remove(here)
        else:
            self.write_on(here, "")

    def remove(self, place: Place) -> None:
        """Remove a bookmark."""
        self._marked.pop(place, None)
        self._keep()

    def write(self) -> None:
        """Let the user write a note on the current line."""
        here = self._here()
        if here is None:
            return
        asked = QInputDialog(self._window)
        asked.setWindowTitle("Note")
        asked.setLabelText(f"Note to line {here[1] + 1:,}:")
        asked.setTextValue(self._marked.get(here, Bookmark()).note)
        asked.textValueSelected.connect(lambda text: self.write_on(here, text))
        asked.open()

    def write_on(self, place: Place, note: str) -> None:
        """Bookmark a line with a note, or change its note."""
        known = self._marked.get(place)
        text = known.text if known else self._text(place)
        self._marked[place] = Bookmark(" ".join(note.split()), text)
        self._keep()

    def _text(self, place: Place) -> str:
        """The text of the current line, if it is the one at this place."""
        row = self._area.current
        return (self._area.shown.raw(row) or "")[:_LONGEST] if self._here() == place else ""

    def next(self, *, back: bool = False) -> Place | None:
        """The next or previous bookmarked line, wrapping around at the ends."""
        here = self._here() or (0, 0)
        every = sorted(self._marked)
        if not every:
            return None
        if back:
            return next((place for place in reversed(every) if place < here), every[-1])
        return next((place for place in every if place > here), every[0])
