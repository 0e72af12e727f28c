"""An icon on its own, correct in any colour scheme and at any scale."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import icons


class Mark(QWidget):
    """Paints one of the app's icons."""

    def __init__(self, size: int, name: str = "info", role: str = "muted") -> None:
        super().__init__()
        self._size = QSize(size, size)
        self._icon = icons.icon(name, role)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon, in the theme's colour `role`."""
        self._icon = icons.icon(name, role)
        self.update()

    def sizeHint(self) -> QSize:
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()
