"""What is beside the text of a row: the number of its line, a bookmark, times, the sign of its level."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.kit import theme
from gui.logs import inks
from gui.logs.shown import Shown

PAD = 6
_SIGN = 8
"""The width of a sign."""
_SOURCE = 4
"""The width of the colour of a file."""
_DELTA = 11
"""Characters of a span of time."""


@dataclass
class Gutter:
    """What is to be seen there."""

    deltas: bool = False
    """Whether the time since the record above is shown."""
    mark_time: int | None = None
    """From which times count instead, if there is a mark."""
    bookmarks: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Files and lines that are marked."""

    sources: bool = False
    """Whether it is told which file a line is from."""

    again: bool = False
    """Whether what was tried again is marked: the log is that of a run."""

    def width(self, highest: int, char: float) -> int:
        """How wide it is if no line has a higher number."""
        characters = (
            max(len(str(highest)), 3) + 2 * bool(self.bookmarks) + 2 * self.again + _DELTA * self.deltas
        )
        return int(char * characters) + 2 * PAD + _SIGN + 2

    def draw(self, painter: QPainter, shown: Shown, number: int, at: QRect) -> None:
        """Draw what is beside a row, in the rectangle of its first line."""
        line = shown.number(number)
        marked = line is not None and (shown.file(number), line) in self.bookmarks
        text = "…" if line is None else f"◆ {line + 1}" if marked else f"{line + 1}"
        if shown.again(number):
            text = f"↻ {text}"
        painter.setPen(QColor(theme.colors().accent if marked else theme.colors().muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(at.adjusted(0, 0, -PAD - _SIGN - 2, 0), right, text + self._time(shown, number))
        if self.sources and shown.has(number):
            painter.fillRect(at.x(), at.y(), _SOURCE, at.height(), inks.of_source(shown.file(number)))
        row = shown.row(number)
        if row and row.starts:
            _draw_sign(painter, row.level, QRectF(at.right() - PAD - _SIGN + 3, at.y(), _SIGN, at.height()))

    def _time(self, shown: Shown, number: int) -> str:
        if not self.deltas:
            return ""
        time = shown.time(number)
        if self.mark_time is not None:
            since = None if time is None else time - self.mark_time
        else:
            since = shown.since_before(number)
        return f"{span(since) if since is not None else '':>{_DELTA}}"


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
    """A span of time in few characters."""
    seconds = abs(microseconds) / 1e6
    sign = "-" if microseconds < 0 else "+"
    if seconds < 100:
        return f"{sign}{seconds:.3f}s"
    if seconds < 6_000:
        return f"{sign}{seconds / 60:.1f}m"
    return f"{sign}{seconds / 3600:.1f}h" if seconds < 360_000 else f"{sign}{seconds / 86_400:.1f}d"
