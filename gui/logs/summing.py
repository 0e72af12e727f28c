"""Histogram and groups of the current log, kept up to date."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.query.log import LogGroups
from gui.logs.groups import Groups
from gui.logs.histogram import Histogram
from gui.logs.reader import LogReader

_WAIT = 400


class Summing(QObject):
    """Counts again when the log grows or the filter changes. It also shows the histogram."""

    went = Signal(int, int)
    """The file and line to go to."""

    def __init__(self, histogram: Histogram, parent: QWidget) -> None:
        super().__init__(parent)
        self._histogram = histogram
        self._window = parent
        self._groups: Groups | None = None
        self._reader: LogReader | None = None
        self._wait = QTimer(self, singleShot=True, interval=_WAIT)
        self._wait.timeout.connect(self._count)
        histogram.went.connect(self.went)

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        self._histogram.show_counts(None)
        self._wait.stop()
        if self._groups:
            self._groups.close()
        if reader:
            reader.counted.connect(self._histogram.show_counts)
            reader.grouped.connect(self._grouped)
            self.count_soon()

    def count_soon(self) -> None:
        """The visible records have changed."""
        if not self._histogram.isHidden():
            self._wait.start()

    def toggle(self) -> None:
        """Show or hide the histogram."""
        self._histogram.setVisible(self._histogram.isHidden())
        self._count()

    @property
    def shown(self) -> bool:
        """Whether the histogram is shown."""
        return not self._histogram.isHidden()

    def _count(self) -> None:
        if self._reader and self._histogram.isVisible():
            self._reader.count(self._histogram.spans)

    def group(self) -> None:
        """Show which messages repeat."""
        if not self._reader:
            return
        if self._groups is None:
            self._groups = Groups(self._window)
            self._groups.went.connect(self.went)
            self._groups.finished.connect(self._ungroup)
        self._groups.show()
        self._reader.group()

    def _grouped(self, groups: LogGroups) -> None:
        if self._groups and self._groups.isVisible():
            self._groups.show_groups(groups)

    def _ungroup(self) -> None:
        if self._reader:
            self._reader.ungroup()
