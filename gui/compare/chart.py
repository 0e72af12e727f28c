"""Speed-up by number of workers: measurements with their noise, the ideal line and the fitted curve."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.compare import Comparison, Way
from gui.kit import theme

_PAD = 8
_DOT = 4.0
_MANY = 8
"""Above this number of workers, the axes are logarithmic."""
_STEPS = 64
"""Segments of the curve."""


@dataclass(frozen=True)
class Point:
    """A measured way."""

    workers: int
    speed_up: float
    least: float
    most: float
    mode: str


def points(found: Comparison) -> list[Point]:
    """The measurements by mode and number of workers, without other variations."""
    serial = next((line for line in found.lines if line.way == Way("serial")), None)
    if serial is None:
        return []
    made: list[Point] = []
    for line in found.lines:
        if line.way.is_plain and line.way.mode != "serial":
            rounds = [serial.per_task / one.per_task for one in line.rounds]
            made.append(
                Point(line.way.workers, line.speed_up(serial), min(rounds), max(rounds), line.way.mode)
            )
    return sorted(made, key=lambda point: (point.mode, point.workers))


class SpeedUpChart(QWidget):
    """Draws one comparison."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Comparison | None = None
        self._points: list[Point] = []
        self.setAccessibleName("Speed-up by workers")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_comparison(self, found: Comparison) -> None:
        """Draw this comparison."""
        self._found, self._points = found, points(found)
        nouns = {"pool": "processes", "threads": "threads"}
        said = [f"{one.workers} {nouns[one.mode]}: {one.speed_up:.2f} times" for one in self._points]
        if found.curve is not None:
            said.append(f"{1 - found.curve.contention:.0%} of the work can be shared among processes")
        self.setAccessibleDescription("; ".join(said))
        self.setToolTip("\n".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160)

    # geometry

    @property
    def _most(self) -> int:
        cores = self._found.cores if self._found else 1
        return max(2, cores, *(one.workers for one in self._points))

    @property
    def _highest(self) -> float:
        return max(2.0, *(one.most for one in self._points)) * 1.1

    def _plot(self) -> QRectF:
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance("000 ×") + _PAD
        return QRectF(left, line + _PAD, self.width() - left - 2 * _PAD, self.height() - 3 * line - 3 * _PAD)

    def _place(self, workers: float, speed_up: float) -> QPointF:
        plot = self._plot()
        if self._most > _MANY:
            x = math.log(workers) / math.log(self._most)
            least = min(0.5, *(one.least for one in self._points))
            low = math.log(max(least, 0.05))
            y = (math.log(max(speed_up, 0.05)) - low) / (math.log(self._highest) - low)
        else:
            x, y = workers / self._most, speed_up / self._highest
        return QPointF(plot.left() + x * plot.width(), plot.bottom() - y * plot.height())

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._points:
            self._draw_axes(painter)
            painter.save()
            painter.setClipRect(self._plot().adjusted(0, -_DOT, _DOT, _DOT))
            self._draw_lines(painter)
            painter.restore()
            for one in self._points:
                self._draw_point(painter, one)
            self._draw_legend(painter)
        painter.end()

    def _draw_axes(self, painter: QPainter) -> None:
        colors, plot, metrics = theme.colors(), self._plot(), self.fontMetrics()
        painter.setPen(QColor(colors.border))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.bottomLeft(), plot.topLeft())
        painter.setPen(QColor(colors.muted))
        for workers in sorted({1, *(one.workers for one in self._points)}):
            text = str(workers)
            at = self._place(workers, 1)
            wide = metrics.horizontalAdvance(text)
            x = min(at.x() - wide / 2, self.width() - wide)
            painter.drawText(QPointF(x, plot.bottom() + metrics.ascent() + 2), text)
        for times in self._marks():
            y = self._place(1, times).y()
            text = f"{times} ×"
            x = plot.left() - metrics.horizontalAdvance(text) - _PAD / 2
            painter.drawText(QPointF(x, y + metrics.ascent() / 3), text)

    def _marks(self) -> list[int]:
        """The speed-ups with a label on the axis."""
        if self._most > _MANY:
            return [2**power for power in range(int(math.log2(self._highest)) + 1)]
        step = max(1, round(self._highest / 5))
        return list(range(0, int(self._highest) + 1, step))

    def _draw_lines(self, painter: QPainter) -> None:
        colors = theme.colors()
        most = self._most
        sizes = [1 + (most - 1) * step / _STEPS for step in range(_STEPS + 1)]
        painter.setPen(QPen(QColor(colors.muted), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF([self._place(size, size) for size in sizes]))
        for mode, ink in self._inks():
            own = [one for one in self._points if one.mode == mode]
            band = [self._place(one.workers, one.most) for one in own]
            band += [self._place(one.workers, one.least) for one in reversed(own)]
            shade = QColor(ink)
            shade.setAlphaF(0.15)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPolygon(QPolygonF(band))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        curve = self._found.curve if self._found else None
        if curve is not None:
            largest = max((one.workers for one in self._points if one.mode == "pool"), default=1)
            painter.setPen(QPen(QColor(colors.accent), 1.5))
            known = [1 + (largest - 1) * step / _STEPS for step in range(_STEPS + 1)]
            painter.drawPolyline(QPolygonF([self._place(size, curve.at(size)) for size in known]))

    def _inks(self) -> tuple[tuple[str, str], ...]:
        colors = theme.colors()
        return ("pool", colors.accent), ("threads", colors.warning)

    def _draw_point(self, painter: QPainter, one: Point) -> None:
        ink = QColor(dict(self._inks())[one.mode])
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(self._place(one.workers, one.least), self._place(one.workers, one.most))
        at = self._place(one.workers, one.speed_up)
        painter.setBrush(ink if one.mode == "pool" else QColor(theme.colors().base))
        if one.mode == "pool":
            painter.drawEllipse(at, _DOT, _DOT)
        else:
            painter.drawRect(QRectF(at.x() - _DOT, at.y() - _DOT, 2 * _DOT, 2 * _DOT))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_legend(self, painter: QPainter) -> None:
        colors, metrics = theme.colors(), self.fontMetrics()
        x, y = self._plot().left(), float(metrics.ascent())
        law = self._found.curve.law if self._found and self._found.curve else ""
        fitted = {"amdahl": "Amdahl’s law", "usl": "scalability law"}.get(law, "")
        parts = [("● processes", colors.accent), ("□ threads", colors.warning), ("╌ ideal", colors.muted)]
        if fitted:
            parts.append((f"─ {fitted}", colors.accent))
        for text, ink in parts:
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(x, y), text)
            x += metrics.horizontalAdvance(text) + 2 * _PAD
        text = "Speed-up by number of workers"
        painter.setPen(QColor(colors.muted))
        painter.drawText(QPointF(self._plot().left(), self.height() - metrics.descent()), text)
