"""Colours and signs of statuses and marks, and how they are drawn."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from engine.results.timeline.answers import LEVELS, MOSTLY, STATUS, View
from gui.kit.theme import Colors

STATUSES = ("ok", "error", "timeout", "died", "memory", "unpicklable")
"""In the order of their numbers in a plane."""
INKS = {
    "ok": "accent",
    "error": "problem",
    "timeout": "warning",
    "died": "text",
    "memory": "keyword",
    "unpicklable": "muted",
}
"""The names of their colours,"""
SIGNS = {"error": "E", "timeout": "T", "died": "D", "memory": "M", "unpicklable": "P"}
"""and for those who cannot tell colours apart, a letter for each that is no success."""
BANDS = {"paused": "Paused", "away": "Not running"}
HATCHES = {"paused": Qt.BrushStyle.BDiagPattern, "away": Qt.BrushStyle.Dense6Pattern}
"""How spans of time are told apart in which the run did nothing."""
_FAINTEST = 60
"""Opacity of a pixel with next to nothing in it."""
MARK = 4.0
"""Half the size of a mark."""


class Images:
    """The plane of a view as two images: how much is covered, and where tasks failed."""

    def __init__(self, view: View, colors: Colors) -> None:
        self.view, self.colors = view, colors
        lanes = len(view.lanes)
        source = QImage(view.plane, view.width, lanes, view.width, QImage.Format.Format_Indexed8)
        self.covered, self.failed = source.copy(), source.copy()
        self.covered.setColorTable([_covered(colors, pixel) for pixel in range(256)])
        self.failed.setColorTable([_failed(colors, pixel) for pixel in range(256)])


def status_of(pixel: int) -> int:
    """The status in a byte of a plane."""
    return min((pixel & ~MOSTLY) >> STATUS, len(STATUSES) - 1)


def _covered(colors: Colors, pixel: int) -> int:
    level = pixel % LEVELS
    if not level:
        return 0
    color = ink(colors, status_of(pixel) if pixel & MOSTLY else 0)
    share = (level - 1) / (LEVELS - 2)
    color.setAlpha(255 if pixel & MOSTLY else round(_FAINTEST + (255 - _FAINTEST) * share))
    return color.rgba()


def _failed(colors: Colors, pixel: int) -> int:
    status = status_of(pixel)
    return ink(colors, status).rgba() if status and pixel % LEVELS else 0


def ink(colors: Colors, status: int) -> QColor:
    """The colour of a status by its number."""
    return QColor(getattr(colors, INKS[STATUSES[status]]))


def on(colors: Colors, status: int) -> QColor:
    """The colour of text on it."""
    return QColor(colors.on_accent if status == 0 else colors.base)


def draw_mark(painter: QPainter, colors: Colors, kind: str, x: float, y: float) -> None:
    """A cross for a death, a triangle for a new worker, a ring for an attempt taken back."""
    edge = QColor(colors.base)
    if kind == "died":
        for color, width in ((edge, 4.5), (QColor(colors.problem), 2.0)):
            painter.setPen(QPen(color, width, c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(x - MARK, y - MARK), QPointF(x + MARK, y + MARK))
            painter.drawLine(QPointF(x - MARK, y + MARK), QPointF(x + MARK, y - MARK))
    elif kind == "started":
        painter.setPen(QPen(edge, 1.0))
        painter.setBrush(QColor(colors.good))
        corners = [QPointF(x, y - MARK), QPointF(x + 1.6 * MARK, y), QPointF(x, y + MARK)]
        painter.drawPolygon(QPolygonF(corners))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((edge, 4.0), (QColor(colors.warning), 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(QRectF(x - MARK, y - MARK, 2 * MARK, 2 * MARK))
    painter.setBrush(Qt.BrushStyle.NoBrush)
