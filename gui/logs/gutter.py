"""The gutter beside a row: file, line number, bookmark, times, and a sign for the level."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.kit import theme
from gui.logs import inks
from gui.logs.shown import RESUMED, Shown

PAD = 6
_SIGN = 8
"""The width of a sign,"""
_SOURCE = 4
"""and of the colour of a file."""
_DELTA = 11
"""Characters of a time span."""


@dataclass
class Gutter:
    """What the gutter shows."""

    deltas: bool = False
    """Whether to show the time since the record above."""
    mark_time: int | None = None
    """The record that times count from instead, if one is marked."""
    bookmarks: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Bookmarked files and lines."""

    sources: bool = False
    """Whether to show which file a line is from."""

    again: bool = False
    """Whether retried tasks are marked: the log is that of a run."""

    def width(self, highest: int, char: float) -> int:
        """The width needed if this is the highest line number."""
        characters = (
            max(len(str(highest)), 3)
            + 2 * (bool(self.bookmarks) + self.again + self.sources)
            + _DELTA * self.deltas
        )
        return int(char * characters) + 2 * PAD + _SIGN + 2

    def draw(self, painter: QPainter, shown: Shown, number: int, at: QRect) -> None:
        """Draw the gutter of a row, in the rectangle of its first line."""
        line = shown.number(number)
        marked = line is not None and (shown.file(number), line) in self.bookmarks
        text = "…" if line is None else f"◆ {line + 1}" if marked else f"{line + 1}"
        if again := shown.again(number):
            text = f"{'▶' if again == RESUMED else '↻'} {text}"
        painter.setPen(QColor(theme.colors().accent if marked else theme.colors().muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(at.adjusted(0, 0, -PAD - _SIGN - 2, 0), right, text + self._time(shown, number))
        if self.sources and shown.has(number):
            self._draw_source(painter, shown.file(number), at)
        row = shown.row(number)
        if row and row.starts:
            _draw_sign(painter, row.level, QRectF(at.right() - PAD - _SIGN + 3, at.y(), _SIGN, at.height()))

    def _draw_source(self, painter: QPainter, file: int, at: QRect) -> None:
        """Draw the colour and the letter of a file."""
        painter.fillRect(at.x(), at.y(), _SOURCE, at.height(), inks.of_source(file))
        painter.setPen(inks.of_source(file))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(at.adjusted(_SOURCE + 3, 0, 0, 0), left, letter(file))

    def _time(self, shown: Shown, number: int) -> str:
        if not self.deltas:
            return ""
        time = shown.time(number)
        if self.mark_time is not None:
            since = None if time is None else time - self.mark_time
        else:
            since = shown.since_before(number)
        return f"{span(since) if since is not None else '':>{_DELTA}}"


def letter(file: int) -> str:
    """The letter of one of several files."""
    return chr(ord("A") + file) if file < 26 else "…"


def _draw_sign(painter: QPainter, level: int, at: QRectF) -> None:
    shape = inks.SIGNS.get(level)
    if not shape:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.of_level(level))
    middle, half = at.center(), _SIGN / 2 - 0.5
    if shape == "disc":
        painter.drawEllipse(middle, half, half)
    elif shape == "square":
        painter.drawRect(QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half))
    else:
        corners = ((0, -half), (half, half), (-half, half))
        painter.drawPolygon([middle + QPointF(x, y) for x, y in corners])
    painter.restore()


def span(microseconds: int) -> str:
    """A time span in few characters."""
    seconds = abs(microseconds) / 1e6
    sign = "-" if microseconds < 0 else "+"
    if seconds < 100:
        return f"{sign}{seconds:.3f}s"
    if seconds < 6_000:
        return f"{sign}{seconds / 60:.1f}m"
    return f"{sign}{seconds / 3600:.1f}h" if seconds < 360_000 else f"{sign}{seconds / 86_400:.1f}d"
