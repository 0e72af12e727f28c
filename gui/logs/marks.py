"""Marks beside the scroll bar for the hits, errors and bookmarks of the whole log."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.query.log import LogMarks
from gui.kit import theme

WIDTH = 10


class Marks(QWidget):
    """A strip that represents the whole log; a click goes to that part of it."""

    went = Signal(float)
    """The share of rows above the clicked point."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: LogMarks | None = None
        self._rows: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Errors (red), hits (yellow) and bookmarks in the whole log")

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 40)

    def show_marks(self, marks: LogMarks | None) -> None:
        """Show which parts have hits and errors."""
        self._marks = marks
        self.update()

    def show_bookmarks(self, shares: Iterable[float]) -> None:
        """Show bookmarks, each given as the share of rows above it."""
        self._rows = list(shares)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.colors()
        painter.fillRect(self.rect(), QColor(colors.raised))
        if self._marks:
            hit = QColor("#e0b020" if theme.is_dark() else "#d19a00")
            self._draw(painter, self._marks.errors, 0, WIDTH // 2, QColor(colors.problem))
            self._draw(painter, self._marks.hits, WIDTH // 2, WIDTH // 2, hit)
        for share in self._rows:
            painter.fillRect(0, int(share * self.height()), WIDTH, 3, QColor(colors.accent))
        painter.end()

    def _draw(self, painter: QPainter, bits: bytes, x: int, width: int, color: QColor) -> None:
        slots = max(len(bits), 1)
        for slot, bit in enumerate(bits):
            if bit:
                y = slot * self.height() // slots
                painter.fillRect(x, y, width, max((slot + 1) * self.height() // slots - y, 2), color)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.went.emit(max(min(event.position().y() / max(self.height(), 1), 1.0), 0.0))
