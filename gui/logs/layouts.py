"""Lines laid out by Qt, and kept for as long as they look the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

from gui.logs import inks
from gui.logs.shown import Row
from gui.logs.text import Units

MOST = 600
"""Lines that are kept."""
WINDOW = 1_000
"""Of a line that is longer than this only what is near the screen is laid out, unless it is wrapped."""


class LaidOut:
    """A line, or the part of it that is near the screen."""

    def __init__(self, row: Row, start: int, end: int, font: QFont, width: float | None) -> None:
        self.start = start
        """The character that it begins with."""
        self._units = Units(row.text[start:end])
        self._layout = QTextLayout(row.text[start:end], font)
        option = QTextOption()
        option.setTabStopDistance(QFontMetricsF(font).horizontalAdvance("0") * 4)
        wrap = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        option.setWrapMode(QTextOption.WrapMode.NoWrap if width is None else wrap)
        self._layout.setTextOption(option)
        self._layout.setFormats(self._formats(row, end))
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

    def _formats(self, row: Row, end: int) -> list[QTextLayout.FormatRange]:
        found = [self._range(a, b, inks.of_style(style)) for a, b, style in row.parts]
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
        """Of the widest of its lines on the screen."""
        return self._layout.maximumWidth()

    def draw(
        self, painter: QPainter, at: QPointF, marks: Sequence[tuple[int, int, QTextCharFormat]] = ()
    ) -> None:
        """Draw it, with some parts in another format; places count from the beginning of the row."""
        self._layout.draw(painter, at, [self._range(a, b, style) for a, b, style in marks if a < b])

    def column_at(self, x: float, y: float) -> int:
        """The place in the row under a point."""
        line = self._layout.lineAt(max(min(int(y // self._height), self.lines - 1), 0))
        return self.start + self._units.from_qt(line.xToCursor(x)) if line.isValid() else self.start


class Layouts:
    """Makes layouts for one font, and keeps the newest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Row, int, float | None], LaidOut] = OrderedDict()

    def clear(self) -> None:
        """Font or colours are other than before."""
        self._kept.clear()

    def of(self, row: Row, font: QFont, width: float | None, near: int = 0) -> LaidOut:
        """A row laid out in this width, or in one line; of a long one what is around character `near`."""
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
