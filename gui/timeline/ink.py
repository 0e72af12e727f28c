"""Colours and signs of statuses and marks, and how to draw them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from engine.results.timeline.answers import LEVELS, MOSTLY, STATUS, View
from gui.kit.theme import DARK, Colors

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
"""and a letter for each failure, for people who cannot tell the colours apart."""
BANDS = {"paused": "Paused", "away": "Not running"}
HATCHES = {"paused": Qt.BrushStyle.BDiagPattern, "away": Qt.BrushStyle.Dense6Pattern}
"""The patterns of time spans in which the run was idle."""
LETTERS = "ABCDEFGH"
"""The number of stages with a colour of their own;"""
_LIGHT = ("#0a6f94", "#a84b00", "#1a7038", "#8a2da5", "#b01f5c", "#4753b8", "#6d5c00", "#66707b")
_DARK = ("#4cb8dc", "#f0a050", "#6bd08a", "#d79af0", "#ff8fb8", "#9aa8ff", "#d0c060", "#9caab6")
"""and their colours."""
_STRIPES = (0.06, 0.22, 0.84)
"""Positions of lines across a bar, as shares of its height. They differ by stage, for people who cannot tell
colours apart, and leave room for text."""
_STRIPE_HEIGHT = 0.1
_STRIPE_INK = 170
"""Opacity of such a line."""
_FAINTEST = 110
"""Opacity of a pixel that is almost empty."""
MARK = 4.0
"""Half the size of a mark."""


class Images:
    """The planes of a view as images: coverage, failures, and the lines of stages."""

    def __init__(self, view: View, colors: Colors) -> None:
        self.view, self.colors = view, colors
        self.failed = _image(view, view.plane, lambda pixel: _failed(colors, pixel))
        if view.groups:
            self.covered = _image(view, view.groups, lambda pixel: _of_stage(colors, pixel))
        else:
            self.covered = _image(view, view.plane, lambda pixel: _covered(colors, pixel))
        self.stripes = [
            _image(view, view.groups, lambda pixel, nth=nth: _striped(colors, pixel, nth))
            for nth in range(len(_STRIPES) if view.groups else 0)
        ]


def _image(view: View, plane: bytes, color: Callable[[int], int]) -> QImage:
    source = QImage(plane, view.width, len(view.lanes), view.width, QImage.Format.Format_Indexed8)
    image = source.copy()
    image.setColorTable([color(pixel) for pixel in range(256)])
    return image


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


def _of_stage(colors: Colors, pixel: int) -> int:
    level = pixel % LEVELS
    if not level:
        return 0
    color = stage_ink(colors, min(pixel >> STATUS, len(LETTERS) - 1))
    color.setAlpha(round(_FAINTEST + (255 - _FAINTEST) * (level - 1) / (LEVELS - 2)))
    return color.rgba()


def _striped(colors: Colors, pixel: int, nth: int) -> int:
    return stripe(colors).rgba() if pixel % LEVELS and has_stripe(pixel >> STATUS, nth) else 0


def has_stripe(group: int, nth: int) -> bool:
    """Whether bars of a stage have this line; the first stage has none."""
    return bool(group >> nth & 1)


def stripe(colors: Colors) -> QColor:
    """The colour of lines across bars."""
    color = QColor(colors.base)
    color.setAlpha(_STRIPE_INK)
    return color


def stripes(box: QRectF) -> list[QRectF]:
    """The positions of lines across a bar."""
    high = max(box.height() * _STRIPE_HEIGHT, 1.0)
    return [QRectF(box.x(), box.y() + share * box.height(), box.width(), high) for share in _STRIPES]


def draw_striped(painter: QPainter, colors: Colors, box: QRectF, group: int) -> None:
    """Draw a piece of a bar of a stage."""
    painter.fillRect(box, stage_ink(colors, group))
    for nth, line in enumerate(stripes(box)):
        if has_stripe(group, nth):
            painter.fillRect(line, stripe(colors))


def stage_ink(colors: Colors, group: int) -> QColor:
    """The colour of a stage."""
    return QColor((_DARK if colors is DARK else _LIGHT)[group])


def ink(colors: Colors, status: int) -> QColor:
    """The colour of a status by its number."""
    return QColor(getattr(colors, INKS[STATUSES[status]]))


def on(colors: Colors, status: int) -> QColor:
    """The colour of text on that colour."""
    return QColor(colors.on_accent if status == 0 else colors.base)


def draw_mark(painter: QPainter, colors: Colors, kind: str, x: float, y: float) -> None:
    """A cross for a death, a triangle for a new worker, a ring for a discarded attempt."""
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
