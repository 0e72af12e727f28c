"""How a log looks: wrapped, in columns or as text, with times, with the program's own colours."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.logs.area import LogArea
from gui.logs.reader import LogReader


class Looks(QObject):
    """Display options, each toggled by a command."""

    changed = Signal()

    def __init__(self, area: LogArea, parent: QObject) -> None:
        super().__init__(parent)
        self._area = area
        self._reader: LogReader | None = None
        self._ansi = False

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        if reader:
            reader.ansi = self._ansi

    def flags(self) -> dict[str, bool]:
        """The flags that commands depend on."""
        return {
            "log.wrapped": self._area.wrapped,
            "log.columns": self._area.in_columns,
            "log.colors": self._ansi,
            "log.deltas": self._area.beside.deltas,
        }

    def toggle_ansi(self) -> None:
        """Show or hide the colours that a program wrote."""
        self._ansi = not self._ansi
        if self._reader:
            self._reader.ansi = self._ansi
            self._area.wanted.emit()
        self.changed.emit()

    def toggle_wrap(self) -> None:
        """Wrap long lines, or not."""
        self._area.set_wrapped(not self._area.wrapped)
        self.changed.emit()

    def toggle_columns(self) -> None:
        """Show records in columns, or lines as they are."""
        self._area.set_columns(not self._area.in_columns)
        self.changed.emit()

    def toggle_deltas(self) -> None:
        """Show or hide the time since the record above."""
        self._area.beside.deltas = not self._area.beside.deltas
        self._area.viewport().update()
        self.changed.emit()

    def toggle_mark(self) -> None:
        """Count times from the current line, or again from the record above."""
        beside, here = self._area.beside, self._area.shown.time(self._area.current)
        beside.mark_time = here if beside.mark_time is None else None
        beside.deltas = True
        self._area.viewport().update()
        self.changed.emit()
