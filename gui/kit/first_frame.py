"""The moment after the window's first paint, when work that can wait begins."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class FirstFrame(QObject):
    """Reports once that a window has been drawn. What is not in the first frame can wait for it."""

    drawn = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.is_past = False
        self.drawn.connect(self._passed)
        window.installEventFilter(self)

    def then(self, do: Callable[[], object]) -> None:
        """Do this once the window has been drawn; now, if it has."""
        if self.is_past:
            do()
        else:
            self.drawn.connect(do)

    def _passed(self) -> None:
        self.is_past = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self.drawn.emit)  # the children of the window are drawn after it
        return False
