"""The progress bar of a run: the finished part, the failed part in red, hatched while paused."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QHideEvent, QPainter, QPainterPath, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from gui.kit import theme

STEPS = 1000
"""The bar counts in thousandths: a run may have more tasks than a bar can count."""
HEIGHT = 8
_TICK = 50
_ROUND = 40
"""Ticks that the indicator of a run of unknown length needs from end to end."""


class RunBar(QProgressBar):
    """Shows fractions; screen readers get the finished part as a percentage."""

    def __init__(self) -> None:
        super().__init__(textVisible=False)
        self.setAccessibleName("Tasks done")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setRange(0, STEPS)
        self.failed = 0.0
        self.paused = False
        self._at = 0
        self._tick = QTimer(self, interval=_TICK)
        self._tick.timeout.connect(self._step)

    def show_part(self, done: float | None, failed: float = 0.0, *, paused: bool = False) -> None:
        """Fractions from 0 to 1; `done` is None if the total is unknown."""
        self.failed, self.paused = failed, paused
        if done is None:
            self.setRange(0, 0)
        else:
            self.setRange(0, STEPS)
            self.setUpdatesEnabled(False)  # else Qt would paint immediately, again and again
            self.setValue(round(min(1.0, max(0.0, done)) * STEPS))
            self.setUpdatesEnabled(True)
        self._move()
        self.update()

    @property
    def unknown(self) -> bool:
        """Whether it only shows that something is running."""
        return self.maximum() == 0

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._move()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def _move(self) -> None:
        if self.unknown and not self.paused and self.isVisible():
            self._tick.start()
        else:
            self._tick.stop()

    def _step(self) -> None:
        self._at = (self._at + 1) % (2 * _ROUND)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(area, HEIGHT / 2, HEIGHT / 2)
        painter.fillPath(outline, QColor(colors.window))
        painter.setClipPath(outline)
        ink = QColor(colors.warning if self.paused else colors.accent)
        brush = QBrush(ink, Qt.BrushStyle.BDiagPattern if self.paused else Qt.BrushStyle.SolidPattern)
        if self.unknown:
            away = abs(self._at - _ROUND) / _ROUND
            painter.fillRect(
                QRectF(area.x() + away * area.width() * 0.7, 0, area.width() * 0.3, HEIGHT), brush
            )
        elif self.value():
            done = area.width() * self.value() / STEPS
            red = min(done, max(area.width() * self.failed, 3.0 if self.failed else 0.0))
            painter.fillRect(QRectF(area.x(), 0, done, HEIGHT), brush)
            painter.fillRect(QRectF(area.x() + done - red, 0, red, HEIGHT), QColor(colors.problem))
        painter.setClipping(False)
        painter.setPen(QColor(colors.border))
        painter.drawPath(outline)
        painter.end()
