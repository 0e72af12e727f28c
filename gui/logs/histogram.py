"""Records over time, by level: a click goes there, a drag shows only that span."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.query.log import LogHistogram
from gui.kit import theme
from gui.logs import inks

HEIGHT = 84
BAR = 5
"""The least width of a bar including its gap."""
_FOOT = 16
_PAD = 6


class Histogram(QWidget):
    """Bars in the colours of the levels, errors at the bottom."""

    asked = Signal(int)
    """Count this number of spans."""
    went = Signal(int, int)
    """A click: the file and line to go to."""
    chosen = Signal(str, str)
    """A drag: from when to when."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: LogHistogram | None = None
        self._counts: list[tuple[int, ...]] = []
        self._drag: tuple[int, int] | None = None
        self.setAccessibleName("Records over time")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    @property
    def spans(self) -> int:
        """The number of bars that fit."""
        return max((self.width() - 2 * _PAD) // BAR, 10)

    def show_counts(self, shown: LogHistogram | None) -> None:
        """Show these counts; hide the bars if there are none."""
        self._shown = shown
        self._counts = shown.by_span() if shown else []
        total = sum(map(sum, self._counts))
        self.setAccessibleDescription(f"{total:,} records with a time" if shown else "")
        self.update()

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(QColor(theme.colors().muted))
        if not self._shown or not any(map(sum, self._counts)):
            text = "No record has a time." if self._shown and self._shown.complete else "Counting …"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        else:
            self._draw_bars(painter)
            self._draw_times(painter)
        painter.end()

    def _draw_bars(self, painter: QPainter) -> None:
        most = max(map(sum, self._counts))
        room = self.height() - _FOOT - _PAD
        if self._drag:
            left, right = sorted(self._drag)
            painter.fillRect(QRect(left, 0, right - left + 1, room + _PAD), QColor(theme.colors().selection))
        for n, counts in enumerate(self._counts):
            at, bottom = self._bar(n), room + _PAD
            for level in (6, 5, 4, 3, 2, 1, 0):
                if counts[level]:
                    height = max(round(counts[level] * room / most), 2)
                    color = inks.bar(level)
                    painter.fillRect(QRect(at.left(), bottom - height, at.width(), height), color)
                    bottom -= height

    def _bar(self, n: int) -> QRect:
        room = self.width() - 2 * _PAD
        left = _PAD + n * room // len(self._counts)
        right = _PAD + (n + 1) * room // len(self._counts)
        return QRect(left, 0, max(right - left - 1, 1), self.height() - _FOOT)

    def _draw_times(self, painter: QPainter) -> None:
        painter.setPen(QColor(theme.colors().muted))
        foot = QRect(_PAD, self.height() - _FOOT, self.width() - 2 * _PAD, _FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, self._clock(0))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, self._clock(len(self._counts)))

    def _clock(self, span: int) -> str:
        """The start time of a span."""
        assert self._shown is not None
        assert self._shown is not None
        return self._time(span).isoformat(" ", "seconds") + (" UTC" if self._shown.aware else "")

    def _time(self, span: int) -> datetime:
        assert self._shown is not None
        begin = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
        return begin + timedelta(microseconds=int(self._shown.low + span * self._shown.step))

    # mouse

    def _span_at(self, x: float) -> int:
        share = (x - _PAD) / max(self.width() - 2 * _PAD, 1)
        return max(min(int(share * len(self._counts)), len(self._counts) - 1), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._counts:
            x = int(event.position().x())
            self._drag = (x, x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag:
            self._drag = (self._drag[0], int(event.position().x()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        self.update()
        if not drag or not self._shown or not self._counts:
            return
        first, last = (self._span_at(x) for x in sorted(drag))
        if abs(drag[1] - drag[0]) < BAR:
            self._go(first)
        else:
            self.chosen.emit(*self._times(first, last))

    def _times(self, first: int, last: int) -> tuple[str, str]:
        """The times from which and up to which some spans reach."""
        assert self._shown is not None
        offset = "+00:00" if self._shown.aware else ""
        return self._time(first).isoformat() + offset, self._time(last + 1).isoformat() + offset

    def _go(self, span: int) -> None:
        """Go to the first record from a span on."""
        assert self._shown is not None
        lines = array("q", self._shown.lines)
        for n in range(span, len(lines)):
            if lines[n] >= 0:
                self.went.emit(self._shown.files[n], lines[n])
                return

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._counts:
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().event(event)

    def _tip(self, at: QPoint) -> str:
        span = self._span_at(at.x())
        counts = self._counts[span]
        said = [f"{name}: {counts[n]:,}" for n, name in enumerate(inks.LEVELS) if counts[n]]
        return "\n".join([self._clock(span), *(said or ["No records"])])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._drag = None
            self.update()
        super().keyPressEvent(event)
