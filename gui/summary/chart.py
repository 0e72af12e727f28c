"""A bar chart with zoom. Mouse or arrow keys point at a bar, a click or Enter chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from gui.kit import theme
from gui.kit.tips import plain_tip
from gui.summary.axis import Axis
from gui.summary.menu import offer

_LEAST = 2.0
"""Height in pixels of a bar with very few tasks."""
_PAD = 6
_HEIGHT = 170
_APART = 90
"""The least distance in pixels between two labels below the bars."""
_ZOOM, _STEP = 1.25, 0.1
"""The zoom factor of one wheel step or key, and the share of the visible part that a key moves by."""
_DRAG = 4
"""Pixels of movement that turn a press into a drag."""
_REST = 200
"""Milliseconds without input after which zooming or moving counts as finished."""
HINT = "Ctrl and the wheel zoom, as Shift and dragging does; dragging moves; double-click to see all"


@dataclass(frozen=True)
class Bars:
    """The content of a chart."""

    values: Sequence[float]
    numbers: Sequence[float]
    """The edges of bars: one more than there are values,"""
    edges: Sequence[str]
    """and their texts."""
    tips: Sequence[str]
    """What each bar says."""
    top: str
    """The label of the highest value."""
    description: str
    """The whole chart in words."""
    what: str
    """The title of the values, for a table."""
    is_log: bool = False
    """Whether the edges are on a logarithmic scale."""


class BarChart(QWidget):
    """Draws bars from left to right."""

    chosen = Signal(int)
    """A bar, by its index."""
    zoomed = Signal(float, float)
    """Read the bars between these numbers, see `show_part`."""
    save_asked = Signal()

    def __init__(self, name: str, *, can_choose: bool) -> None:
        super().__init__()
        self._bars: Bars | None = None
        """The drawn bars,"""
        self._whole: Bars | None = None
        """and those of the whole."""
        self._axis: Axis | None = None
        """The visible part; None for the whole."""
        self._pressed: tuple[QPoint, Axis | None, bool] | None = None
        """Where the button was pressed, what was visible then, and whether a part is being selected."""
        self._dragged: QPoint | None = None
        """The last position of the mouse."""
        self._pointed = -1
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._tell)
        self._clicked = -1
        """The bar that is chosen unless a second click follows."""
        self._second = QTimer(self, singleShot=True)
        self._second.timeout.connect(lambda: self._choose(self._clicked))
        self.can_choose = can_choose
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if can_choose:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def bars(self) -> Bars | None:
        """The drawn bars."""
        return self._bars

    @property
    def is_whole(self) -> bool:
        """Whether the whole is visible."""
        return self._axis is None

    def show_bars(self, bars: Bars | None) -> None:
        """Show these bars; None shows nothing. A zoomed part stays visible."""
        self._whole = bars
        if bars is None:
            self._axis = self._pressed = None
        if self._axis is None:
            self._draw(bars)
        else:
            self._tell()

    def show_part(self, bars: Bars | None) -> None:
        """Show the bars of the requested part."""
        if self._axis is not None and bars is not None:
            self._draw(bars)

    def _draw(self, bars: Bars | None) -> None:
        self._bars = bars
        count = len(bars.values) if bars else 0
        self._point(self._pointed if self._pointed < count else -1)
        self.update()

    # the visible part

    def _seen(self) -> Axis | None:
        return self._axis or self._all()

    def _all(self) -> Axis | None:
        whole = self._whole
        if whole is None or not whole.values or whole.numbers[0] == whole.numbers[-1]:
            return None
        return Axis(whole.numbers[0], whole.numbers[-1], whole.is_log)

    def see(self, part: Axis) -> None:
        """Show a part, or the whole."""
        whole = self._all()
        if whole is None:
            return
        found = part.within(whole)
        if found == whole:
            self.see_all()
        elif found != self._axis:
            self._axis = found
            self._point(-1)
            self._rest.start()

    def see_all(self) -> None:
        """Show the whole again."""
        self._axis = None
        self._rest.stop()
        self._draw(self._whole)

    def zoom(self, factor: float, at: float = 0.5) -> None:
        """Zoom in by a factor above 1, around a position from 0 to 1."""
        if seen := self._seen():
            self.see(seen.zoomed(at, factor))

    def _move(self, share: float) -> None:
        if seen := self._seen():
            self.see(seen.part(share, 1 + share))

    def _tell(self) -> None:
        if self._axis:
            self.zoomed.emit(self._axis.begin, self._axis.end)

    def _point(self, at: int) -> None:
        self._pointed = at
        said = self._bars.description if self._bars else ""
        if self._axis:
            said = f"Zoomed in. {said}"
        if self._bars and at >= 0:
            said = f"{self._bars.tips[at]}. {said}"
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def csv(self) -> str:
        """Its numbers as CSV."""
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

    def _x(self, edge: int) -> float:
        """The position of a bar's edge."""
        assert self._bars
        seen, plot = self._seen(), self._plot()
        share = seen.share(self._bars.numbers[edge]) if seen else edge / len(self._bars.values)
        return plot.left() + share * plot.width()

    def _bar(self, at: int) -> QRectF:
        assert self._bars
        plot, most = self._plot(), max(self._bars.values) or 1
        left, right = self._x(at), self._x(at + 1)
        high = max(self._bars.values[at] / most * plot.height(), _LEAST) if self._bars.values[at] else 0.0
        gap = 1.0 if right - left > 4 else 0.0
        return QRectF(left, plot.bottom() - high, max(right - left - gap, 0.5), high)

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
            self._draw_chosen(painter, plot)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_edges(self, painter: QPainter, plot: QRectF) -> None:
        assert self._bars
        edges = self._bars.edges
        seen = [at for at in range(len(edges)) if plot.left() - 1 <= self._x(at) <= plot.right() + 1]
        y = plot.bottom() + _PAD + self.fontMetrics().ascent()
        texts = min(max(2, min(6, int(plot.width() // _APART))), len(seen))
        for nth in range(texts):
            at = seen[round(nth * (len(seen) - 1) / max(texts - 1, 1))]
            wide = self.fontMetrics().horizontalAdvance(edges[at])
            x = self._x(at) - wide / 2
            painter.drawText(QPointF(min(max(x, 0), plot.right() - wide), y), edges[at])

    def _draw_chosen(self, painter: QPainter, plot: QRectF) -> None:
        """Draw the part being selected."""
        if self._pressed and self._pressed[2] and self._dragged:
            shade = QColor(theme.colors().accent)
            shade.setAlpha(50)
            edges = QPointF(self._pressed[0].x(), plot.top()), QPointF(self._dragged.x(), plot.bottom())
            painter.fillRect(QRectF(*edges).normalized(), shade)

    # mouse and keys

    def _at(self, x: float) -> int:
        count = len(self._bars.values) if self._bars else 0
        return next((at for at in range(count) if self._x(at) <= x < self._x(at + 1)), -1)

    def _share(self, x: float) -> float:
        return x / max(self.width(), 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() / 120
        if turned and (event.modifiers() & Qt.KeyboardModifier.ControlModifier or self.hasFocus()):
            self.zoom(_ZOOM**turned, self._share(event.position().x()))
            event.accept()
        else:  # leave the event to the page
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # so that the release arrives here
        if event.button() == Qt.MouseButton.LeftButton:
            chooses = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._pressed, self._dragged = (event.position().toPoint(), self._seen(), chooses), None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed:
            self._drag(event.position().toPoint(), *self._pressed)
            return
        at = self._at(event.position().x())
        if at != self._pointed:
            self._point(at)
            tip = self._bars.tips[at] if self._bars and at >= 0 else HINT
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(tip), self)

    def _drag(self, to: QPoint, start: QPoint, seen: Axis | None, chooses: bool) -> None:
        is_click = self._dragged is None and (to - start).manhattanLength() < _DRAG
        if seen is None or is_click:
            return
        self._dragged = to
        if not chooses:
            share = self._share(start.x() - to.x())
            self.see(seen.part(share, 1 + share))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        (start, seen, chooses), to = self._pressed, self._dragged
        self._pressed = self._dragged = None
        if to is None:
            self._click(self._at(event.position().x()))
        elif seen and chooses:
            self.see(seen.part(*sorted(map(self._share, (start.x(), to.x())))))
        self.update()

    def _click(self, at: int) -> None:
        self._clicked = at
        if self.is_whole:
            self._choose(at)
        else:
            self._second.start(QApplication.doubleClickInterval())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._second.stop()
        self.see_all()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            return True  # shown while the mouse moves
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count, key = len(self._bars.values) if self._bars else 0, Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move(step * _STEP)
        elif step and count:
            self._point(min(max(self._pointed + step, 0), count - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._pointed)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_ZOOM)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_0:
            self.see_all()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._bars is not None:
            offer(self, event.globalPos(), self.see_all, self.save_asked, self.csv)

    def _choose(self, at: int) -> None:
        if self.can_choose and self._bars and at >= 0 and self._bars.values[at]:
            self.chosen.emit(at)
