"""Lines laid out by Qt, cached until their looks change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from gui.logs import inks
from gui.logs.shown import Row
from gui.logs.text import Units

MOST = 600
"""Cached lines."""
WINDOW = 1_000
"""If a line is longer than this and not wrapped, only the part near the screen is laid out."""
Mark = tuple[int, int, QTextCharFormat]
"""A range in a row, and its format."""


@dataclass(frozen=True)
class Measures:
    """Font metrics: asking Qt for them takes longer than drawing a short text."""

    font: QFont
    line_height: int
    char: float
    ascent: float
    is_fixed: bool
    """Whether all characters have the same width."""

    @classmethod
    def of(cls, font: QFont) -> Measures:
        metrics, exact = QFontMetrics(font), QFontMetricsF(font)
        char = exact.horizontalAdvance("0")
        is_fixed = all(exact.horizontalAdvance(one) == char for one in "iW. ")
        return cls(QFont(font), metrics.height() + 2, char, exact.ascent(), is_fixed)


class Line(Protocol):
    """A row, laid out."""

    start: int
    """The index of its first character."""
    lines: int
    """The number of lines that it takes on the screen."""

    @property
    def width(self) -> float:
        """The width of the widest of these."""
        ...

    def draw(self, painter: QPainter, at: QPointF, marks: Sequence[Mark] = ()) -> None:
        """Draw it, with some parts in another format; positions count from the start of the row."""
        ...

    def column_at(self, x: float, y: float) -> int:
        """The position in the row at a point."""
        ...


class PlainLine:
    """A line of ASCII in one format and a fixed-width font: most lines are, and need no layout by Qt."""

    start = 0
    lines = 1

    def __init__(self, row: Row, measures: Measures) -> None:
        self._row = row
        self._measures = measures
        self._laid_out: LaidOut | None = None

    @property
    def width(self) -> float:
        return len(self._row.text) * self._measures.char

    def draw(self, painter: QPainter, at: QPointF, marks: Sequence[Mark] = ()) -> None:
        if not marks:
            painter.drawText(QPointF(at.x(), at.y() + 1 + self._measures.ascent), self._row.text)
            return
        if self._laid_out is None:
            self._laid_out = LaidOut(self._row, 0, len(self._row.text), self._measures.font, None)
        self._laid_out.draw(painter, at, marks)

    def column_at(self, x: float, y: float) -> int:
        return min(max(round(x / self._measures.char), 0), len(self._row.text))


class LaidOut:
    """A line, or the part of it near the screen."""

    def __init__(self, row: Row, start: int, end: int, font: QFont, width: float | None) -> None:
        self.start = start
        self._units = Units(row.text[start:end])
        self._layout = QTextLayout(row.text[start:end], font)
        option = QTextOption()
        option.setTabStopDistance(QFontMetricsF(font).horizontalAdvance("0") * 4)
        wrap = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        option.setWrapMode(QTextOption.WrapMode.NoWrap if width is None else wrap)
        self._layout.setTextOption(option)
        self._layout.setFormats(self._formats(row))
        self._break(width, QFontMetricsF(font).height() + 2)

    def _break(self, width: float | None, height: float) -> None:
        self._layout.beginLayout()
        self.lines = 0
        while True:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(1e7 if width is None else width)
            line.setPosition(QPointF(0, self.lines * height + 1))
            self.lines += 1
        self._layout.endLayout()
        self.lines = max(self.lines, 1)
        self._height = height

    def _formats(self, row: Row) -> list[QTextLayout.FormatRange]:
        found = [self._range(a, b, inks.of_style(style)) for a, b, style in row.parts]
        found += [self._range(a - row.left, b - row.left, inks.of_match()) for a, b in row.matched]
        found += [self._range(a - row.left, b - row.left, inks.of_hit()) for a, b in row.hits]
        return [one for one in found if one.length > 0]

    def _range(self, start: int, end: int, style: QTextCharFormat) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        begin = self._units.to_qt(max(start - self.start, 0))
        made.start = begin
        made.length = max(self._units.to_qt(max(end - self.start, 0)) - begin, 0)
        made.format = style
        return made

    @property
    def width(self) -> float:
        return self._layout.maximumWidth()

    def draw(self, painter: QPainter, at: QPointF, marks: Sequence[Mark] = ()) -> None:
        self._layout.draw(painter, at, [self._range(a, b, style) for a, b, style in marks if a < b])

    def column_at(self, x: float, y: float) -> int:
        line = self._layout.lineAt(max(min(int(y // self._height), self.lines - 1), 0))
        return self.start + self._units.from_qt(line.xToCursor(x)) if line.isValid() else self.start


class Layouts:
    """Lays out lines in one font, and caches the newest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Row, int, float | None], LaidOut] = OrderedDict()
        self._measures: Measures | None = None

    def clear(self) -> None:
        """Font or colours have changed."""
        self._kept.clear()
        self._measures = None

    def of_font(self, font: QFont) -> Measures:
        """The size of the font's characters."""
        if self._measures is None:
            self._measures = Measures.of(font)
        return self._measures

    def of(self, row: Row, font: QFont, width: float | None, near: int = 0) -> Line:
        """A row laid out at this width, or on one line; of a long row, the part around character `near`."""
        text = row.text
        if width is None and len(text) <= WINDOW and not (row.parts or row.hits or row.matched or row.left):
            measures = self.of_font(font)
            if measures.is_fixed and text.isascii() and text.isprintable():
                return PlainLine(row, measures)
        start, end = 0, len(row.text)
        if width is None and end > WINDOW:
            start = max(near // WINDOW - 1, 0) * WINDOW
            end = start + 3 * WINDOW
        key = (row, start, width)
        if key not in self._kept:
            self._kept[key] = LaidOut(row, start, end, font, width)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
