"""A chart of bars: one is pointed at by the mouse or the arrow keys, and chosen by a click or Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from gui.kit import theme
from gui.kit.tips import plain_tip

_LEAST = 2.0
"""Pixels of a bar with next to nothing in it."""
_PAD = 6
_HEIGHT = 170
_APART = 90
"""Pixels between two texts below the bars, at least."""


@dataclass(frozen=True)
class Bars:
    """What is drawn."""

    values: Sequence[float]
    numbers: Sequence[float]
    """Where bars begin and end: one more than there are values,"""
    edges: Sequence[str]
    """and as texts."""
    tips: Sequence[str]
    """What each bar says."""
    top: str
    """The text of the highest value."""
    description: str
    """The whole in words."""
    what: str
    """What the values are, as the title of a column."""


class BarChart(QWidget):
    """Draws bars from left to right."""

    chosen = Signal(int)
    """A bar, by its place."""
    save_asked = Signal()

    def __init__(self, name: str, *, can_choose: bool) -> None:
        super().__init__()
        self._bars: Bars | None = None
        self._pointed = -1
        self.can_choose = can_choose
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if can_choose:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def pointed(self) -> int:
        """The bar that is pointed at; -1 for none."""
        return self._pointed

    def show_bars(self, bars: Bars | None) -> None:
        """Show these; None shows nothing."""
        self._bars = bars
        count = len(bars.values) if bars else 0
        self._point(self._pointed if self._pointed < count else -1)
        self.update()

    def _point(self, at: int) -> None:
        self._pointed = at
        said = self._bars.description if self._bars else ""
        if self._bars and at >= 0:
            said = f"{self._bars.tips[at]}. {said}"
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def csv(self) -> str:
        """Its numbers as a table."""
        bars = self._bars
        if bars is None:
            return ""
        rows = zip(bars.numbers, bars.numbers[1:], bars.values, strict=False)
        lines = [f"from_seconds,to_seconds,{bars.what}", *(f"{a:.9g},{b:.9g},{c:.9g}" for a, b, c in rows)]
        return "\n".join(lines) + "\n"

    # painting

    def _plot(self) -> QRectF:
        height = self.fontMetrics().height()
        return QRectF(0, height + _PAD, self.width(), self.height() - 2 * (height + _PAD))

    def _bar(self, at: int) -> QRectF:
        assert self._bars
        plot, count = self._plot(), len(self._bars.values)
        step, most = plot.width() / count, max(self._bars.values) or 1
        high = max(self._bars.values[at] / most * plot.height(), _LEAST) if self._bars.values[at] else 0.0
        gap = 1.0 if step > 4 else 0.0
        return QRectF(plot.left() + at * step, plot.bottom() - high, max(step - gap, 0.5), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors, plot = theme.colors(), self._plot()
        painter.setPen(QColor(colors.border))
        for y in (plot.top(), plot.center().y(), plot.bottom()):
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        if self._bars and self._bars.values:
            for at in range(len(self._bars.values)):
                ink = colors.text if at == self._pointed else colors.accent
                painter.fillRect(self._bar(at), QColor(ink))
            painter.setPen(QColor(colors.muted))
            painter.drawText(QPointF(0, self.fontMetrics().ascent()), self._bars.top)
            self._draw_edges(painter, plot)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_edges(self, painter: QPainter, plot: QRectF) -> None:
        assert self._bars
        edges = self._bars.edges
        texts = max(2, min(6, int(plot.width() // _APART)))
        y = plot.bottom() + _PAD + self.fontMetrics().ascent()
        for nth in range(texts):
            at = round(nth * (len(edges) - 1) / (texts - 1))
            wide = self.fontMetrics().horizontalAdvance(edges[at])
            x = plot.left() + at / (len(edges) - 1) * plot.width() - wide / 2
            painter.drawText(QPointF(min(max(x, 0), plot.right() - wide), y), edges[at])

    # mouse and keys

    def _at(self, x: float) -> int:
        count = len(self._bars.values) if self._bars else 0
        at = int(x / max(self.width(), 1) * count)
        return at if 0 <= at < count else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if at != self._pointed:
            self._point(at)
            tip = self._bars.tips[at] if self._bars and at >= 0 else ""
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(tip), self)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # so that the release comes here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            return True  # told while the mouse moves
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count = len(self._bars.values) if self._bars else 0
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step and count:
            self._point(min(max(self._pointed + step, 0), count - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._pointed)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._bars is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        save = QAction("Save chart…", menu)
        save.triggered.connect(self.save_asked)
        copy = QAction("Copy as CSV", menu)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.csv()))
        menu.addActions([save, copy])
        menu.popup(event.globalPos())

    def _choose(self, at: int) -> None:
        if self.can_choose and self._bars and at >= 0 and self._bars.values[at]:
            self.chosen.emit(at)
