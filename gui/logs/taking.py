"""Taking text out of a log: to the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from engine.query.log import LogText
from gui.logs.area import LogArea
from gui.logs.reader import LogReader

COPY_LIMIT = 1_000_000
"""Lines that go to the clipboard at once."""


class Taking(QObject):
    """Copies what is selected."""

    said = Signal(str)
    """What a person should know of a copy."""

    def __init__(self, area: LogArea, parent: QObject) -> None:
        super().__init__(parent)
        self._area = area
        self._reader: LogReader | None = None

    def read_by(self, reader: LogReader | None) -> None:
        """Another log is shown."""
        self._reader = reader
        if reader:
            reader.taken.connect(self._taken)

    def copy(self) -> None:
        """Copy what is selected."""
        span = self._area.selected
        if not span or not self._reader:
            return
        (first, start), (last, end) = span
        line = self._area.line(first)
        if first == last and line is not None and end >= 0:
            QGuiApplication.clipboard().setText(line[start:end])
            return
        if last - first >= COPY_LIMIT:
            self.said.emit(f"Copied the first {COPY_LIMIT:,} of {last - first + 1:,} selected lines.")
            last, end = first + COPY_LIMIT - 1, -1
        if self._area.in_columns:
            start, end = 0, -1
        self._reader.take(first, last, start, end)

    def _taken(self, text: LogText) -> None:
        QGuiApplication.clipboard().setText(text.text)
        if not text.whole:
            self.said.emit("Only the beginning was copied: it is very long.")
