"""Copies lines of a log to the clipboard, saves them, and opens places in the editor."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.query.log import LINES, MESSAGES, RECORDS, LogSaved, LogText
from gui.desktop import editor
from gui.kit import ask
from gui.logs.area import LogArea
from gui.logs.reader import LogReader
from gui.settings.store import Settings

COPY_LIMIT = 1_000_000
"""Lines that can be copied at once."""
_KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
_PLACES = (
    re.compile(r"File \"(?P<file>[^\"]+)\", line (?P<line>\d+)"),
    re.compile(r"(?P<file>(?:[A-Za-z]:)?[\w./\\~-]*[\w-]\.\w{1,5}):(?P<line>\d+)\b"),
)


class Taking(QObject):
    """Copies and saves what is selected or shown, and opens what a line names."""

    said = Signal(str)
    """A message for the user."""

    def __init__(self, area: LogArea, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = area
        self._settings = settings
        self._window = parent
        self._reader: LogReader | None = None
        area.opened.connect(self.open_place)

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        if reader:
            reader.taken.connect(self._taken)
            reader.saved.connect(self._saved)

    def copy(self, what: str = LINES) -> None:
        """Copy the selection: its lines, or the records that it is in, or their messages."""
        span = self._area.selected
        if not self._reader or not self._area.total:
            return
        if what != LINES:
            first, last = self._area.selection or (self._area.current, self._area.current)
            self._reader.take(first, min(last, first + COPY_LIMIT - 1), what=what)
            return
        if not span:
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

    def copy_records(self) -> None:
        """Copy the selected records, or the current one."""
        self.copy(RECORDS)

    def copy_messages(self) -> None:
        """Copy the messages of these."""
        self.copy(MESSAGES)

    def _taken(self, text: LogText) -> None:
        QGuiApplication.clipboard().setText(text.text)
        if not text.whole:
            self.said.emit("Only the beginning was copied, because it is very long.")

    def save(self) -> None:
        """Save the selected rows, or all that are shown, to a file that the user chooses."""
        if not self._reader:
            return
        start = self._reader.ref.paths[0].with_suffix(".part.log")
        chosen = ask.log_to_save(self._window, str(start))
        if not chosen:
            return
        path = Path(chosen)
        first, last = self._area.selection or (0, -1)
        self.said.emit(f"Saving {path.name} …")
        self._reader.save(path, _KINDS.get(path.suffix.lower(), "text"), first, last)

    def _saved(self, saved: LogSaved) -> None:
        self.said.emit(f"Saved {saved.count:,}." if saved.complete else f"Saving, {saved.count:,} so far …")

    def open_place(self) -> None:
        """Open the file that the current line names, at the line that it names."""
        text = self._area.shown.raw(self._area.current) or ""
        found = next((match for place in _PLACES if (match := place.search(text))), None)
        if not found or not self._reader:
            self.said.emit("This line does not name a file and a line.")
            return
        path = Path(found["file"]).expanduser()
        if not path.is_absolute():
            path = self._reader.ref.paths[0].parent / path
        if fault := editor.open_at(path, int(found["line"]), self._settings.text(editor.COMMAND)):
            self.said.emit(fault)
