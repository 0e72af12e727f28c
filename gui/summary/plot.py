"""A chart with zoom: lines over time, points, or a grid of counts, drawn by pyqtgraph."""

# pyqtgraph has no type annotations
# pyright: basic

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QSizePolicy

from engine.results.answers import Scatter
from gui.kit import theme
from gui.summary.chart import HINT
from gui.summary.menu import offer

pg.setConfigOptions(antialias=True)

_HEIGHT = 220
_REST = 250
"""Milliseconds without input after which zooming or moving counts as finished."""
_ZOOM, _STEP = 0.8, 0.1
_MOST_NAMED = 6
"""The number of lines that a legend names."""
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_INKS = ("accent", "warning", "good", "problem", "keyword", "number", "string", "comment")
"""The colours of lines, in order."""
_STROKES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
"""Line styles, once all colours are used."""


@dataclass(frozen=True)
class Line:
    """One line over time."""

    name: str
    times: Sequence[float]
    values: Sequence[float]


class _Box(pg.ViewBox):
    """The plot area: a drag moves it, with Shift it selects a part to zoom to."""

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.isStart():
            chooses = ev.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.setMouseMode(self.RectMode if chooses else self.PanMode)
        super().mouseDragEvent(ev, axis)

    def showAxRect(self, ax: QRectF, **_: Any) -> None:
        super().showAxRect(ax, padding=0)


class Plot(pg.PlotWidget):
    """Shows lines, or a `Scatter`. The wheel (with Ctrl or focus), + and − zoom; a drag and arrows move."""

    chosen = Signal(int)
    """The task of a point was clicked."""
    zoomed = Signal(tuple)
    """The visible part has changed: left, right, bottom and top; nothing for the whole."""
    save_asked = Signal()
    _is_made = False  # class attribute, because Qt reports styles before __init__ has finished

    def __init__(self, name: str) -> None:
        others = set(QApplication.topLevelWidgets())
        super().__init__(background="default", viewBox=_Box(enableMenu=False), enableMenu=False)
        self._item: Any = self.getPlotItem()
        for made in set(QApplication.topLevelWidgets()) - others - {self}:
            for part in [*made.findChildren(QAbstractSpinBox), *made.findChildren(QAbstractSlider)]:
                part.setAccessibleName(part.objectName())
            if made.parent() is None:  # the library's menus, which are never shown and go with this
                made.setParent(self, made.windowFlags())
        self._lines: list[Line] = []
        self._scatter: Scatter | None = None
        self._is_whole = True
        self._moved = QTimer(self, singleShot=True, interval=_REST)
        self._moved.timeout.connect(self._tell_window)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(120)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setToolTip(HINT)
        self._item.hideButtons()
        self._legend = self._item.addLegend(offset=(-8, 4), verSpacing=-6)
        self._item.getViewBox().sigRangeChangedManually.connect(self._was_moved)
        self._is_made = True
        self._dress()

    # content

    def show_lines(self, lines: list[Line], unit: str, description: str) -> None:
        """Show lines over time, starting at zero."""
        self._lines, self._scatter = lines, None
        self._item.getViewBox().setMouseEnabled(y=False)  # times are read closely, starting at zero
        self.setLabel("bottom", "Time", units="s")
        self.setLabel("left", "", units=unit)
        self.setAccessibleDescription(description)
        self._draw()

    def show_scatter(self, found: Scatter, across: str, up: str, description: str) -> None:
        """Show two columns against each other, with these titles."""
        self._lines, self._scatter = [], found
        for side, column, called in (("bottom", found.x, across), ("left", found.y, up)):
            kind = pg.DateAxisItem if column == "started" else pg.AxisItem
            if type(self._item.getAxis(side)) is not kind:
                self._item.setAxisItems({side: kind(side)})
                self._dress_axes()
            units = "s" if column == "seconds" else None
            self.setLabel(side, called, units=units)
            self._item.getAxis(side).enableAutoSIPrefix(units is not None)
        self.setAccessibleDescription(description)
        self._draw()

    def _draw(self) -> None:
        item = self._item
        item.clear()
        if self._scatter is not None:
            self._draw_scatter(self._scatter)
        for at, line in enumerate(self._lines):
            ink = QColor(getattr(theme.colors(), _INKS[at % len(_INKS)]))
            stroke = _STROKES[at // len(_INKS) % len(_STROKES)]
            pen = pg.mkPen(ink, width=1.5, style=stroke)
            alone = len(line.times) == 1
            item.plot(
                line.times, line.values, pen=pen, name=line.name, symbol="o" if alone else None, symbolSize=5
            )
        self._legend.setVisible(1 < len(self._lines) <= _MOST_NAMED)
        if self._is_whole:
            self._see_all()

    def _draw_scatter(self, found: Scatter) -> None:
        item, ink = self._item, QColor(theme.colors().accent)
        if found.counts:
            counts = np.frombuffer(found.counts, np.uint32).reshape(found.rows, found.columns).T
            pixels = np.zeros((*counts.shape, 4), np.uint8)
            pixels[..., :3] = ink.red(), ink.green(), ink.blue()
            depth = np.log1p(counts) / max(float(np.log1p(counts.max())), 1e-9)
            pixels[..., 3] = np.where(counts > 0, 40 + 215 * depth, 0)
            image = pg.ImageItem(pixels, axisOrder="col-major")
            image.setRect(
                QRectF(found.left, found.bottom, found.right - found.left, found.top - found.bottom)
            )
            item.addItem(image)
            return
        ink.setAlpha(150)
        points = pg.ScatterPlotItem(
            np.frombuffer(found.xs), np.frombuffer(found.ys), data=np.frombuffer(found.tasks, np.int64),
            size=6, pen=None, brush=ink, hoverable=True, hoverPen=pg.mkPen(theme.colors().text),
            tip=lambda x, y, data: f"Task {int(data):,}: {found.x} {x:.7g}, {found.y} {y:.7g}",
        )  # fmt: skip
        points.sigClicked.connect(self._choose)
        item.addItem(points)

    def _choose(self, _plot: object, points: Sequence[pg.SpotItem], _event: object) -> None:
        if len(points):
            self.chosen.emit(int(points[0].data()))

    # the visible part

    @property
    def is_whole(self) -> bool:
        """Whether the whole is visible."""
        return self._is_whole

    def _see_all(self) -> None:
        if self._scatter is not None:
            self._item.getViewBox().setRange(_box(self._scatter), padding=0.03)
        elif self._lines:
            last = max(max(line.times) for line in self._lines)
            most = max(max(line.values) for line in self._lines)
            box = QRectF(0, 0, last or 1, 1.1 * most or 1)
            self._item.getViewBox().setRange(box, padding=0)

    def see_all(self) -> None:
        """Show the whole again."""
        self._is_whole = True
        self._moved.stop()
        self._see_all()
        self.zoomed.emit(())

    def _was_moved(self, *_: object) -> None:
        self._is_whole = False
        self._moved.start()

    def _tell_window(self) -> None:
        (left, right), (bottom, top) = self._item.viewRange()
        self.zoomed.emit((left, right, bottom, top))

    def wheelEvent(self, ev: QWheelEvent) -> None:
        if ev.modifiers() & Qt.KeyboardModifier.ControlModifier or self.hasFocus():
            super().wheelEvent(ev)
            ev.accept()
        else:  # leave the event to the page
            ev.ignore()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        super().mousePressEvent(ev)
        ev.accept()  # it is for nothing behind this widget

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        super().mouseReleaseEvent(ev)
        ev.accept()

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.see_all()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        box = self._item.getViewBox()
        (left, right), (bottom, top) = box.viewRange()
        key = Qt.Key(ev.key())
        if key in _KEYS:
            across, up = _KEYS[key]
            up *= self._scatter is not None
            box.translateBy(((right - left) * across * _STEP, (top - bottom) * up * _STEP))
            self._was_moved()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            factor = 1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM
            box.scaleBy((factor, 1.0 if self._scatter is None else factor))
            self._was_moved()
        elif key == Qt.Key.Key_0:
            self.see_all()
        else:
            ev.ignore()

    # looks

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._is_made:
            self._dress()
            self._draw()

    def _dress(self) -> None:
        self.setBackground(None)
        self._dress_axes()

    def _dress_axes(self) -> None:
        colors = theme.colors()
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(colors.border)
            axis.setTextPen(colors.muted)
        self._legend.setLabelTextColor(colors.muted)
        self.showGrid(x=True, y=True, alpha=0.25)

    # saving

    def csv(self) -> str:
        """Its numbers as CSV."""
        found = self._scatter
        rows: list[str]
        if found is None:
            rows = ["worker,seconds,value"]
            for line in self._lines:
                pairs = zip(line.times, line.values, strict=True)
                rows += [f"{line.name},{time:.9g},{value:.9g}" for time, value in pairs]
        elif found.counts:
            rows = [f"{found.x}_from,{found.y}_from,tasks"]
            wide = (found.right - found.left) / found.columns
            high = (found.top - found.bottom) / found.rows
            for at, count in enumerate(array("I", found.counts)):
                if count:
                    up, across = divmod(at, found.columns)
                    rows.append(f"{found.left + across * wide:.9g},{found.bottom + up * high:.9g},{count}")
        else:
            rows = [f"task,{found.x},{found.y}"]
            columns = array("q", found.tasks), array("d", found.xs), array("d", found.ys)
            rows += [f"{task},{x!r},{y!r}" for task, x, y in zip(*columns, strict=True)]
        return "\n".join(rows) + "\n"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        offer(self, event.globalPos(), self.see_all, self.save_asked, self.csv)


def _box(found: Scatter) -> QRectF:
    """The bounding box of its points, in its own coordinates."""
    return QRectF(found.left, found.bottom, found.right - found.left, found.top - found.bottom)
