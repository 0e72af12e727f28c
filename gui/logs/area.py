"""The drawing part of the log view: a scroll bar that counts lines, and only the lines on screen drawn."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from engine.query.log import DEBUG, ERROR, WARNING, LogPage
from gui.kit import theme

MARGIN = 3
"""Screens of lines kept at hand above and below the one shown."""
_PAD = 6
_PRINTABLE = {code: chr(0x2400 + code) for code in range(32)} | {9: "    ", 127: "\u2421"}
"""What stands for a character that has no shape: its picture, such as that of an escape."""
_PRINTABLE |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
"""Nor may one turn around what follows it."""
_SIZES = (6.0, 32.0)
_MOST = 2**31 - 1
_NOTHING = LogPage(0, 0, True, 0, (), ())
_INKS = {ERROR: "problem", WARNING: "warning", DEBUG: "muted"}
"""The colours of lines that do not have the text's, by level."""
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
}


class LogArea(QAbstractScrollArea):
    """Lines of a log. It asks for those near the screen by `wanted` and is given them by `show_view`."""

    wanted = Signal()
    """What is at hand does not reach as far as it should: see `span`."""
    follow_changed = Signal(bool)
    copy_asked = Signal()
    menu_asked = Signal(QPoint)

    _view = _NOTHING  # of the class, as Qt tells of fonts before __init__ is through

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._follow = True
        self._selection: tuple[int, int] | None = None  # anchor and cursor, line numbers
        self._widest = 0
        self._turned = 0
        self.setAccessibleName("Log")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setFont(theme.monospace())
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().actionTriggered.connect(self._moved_by_hand)

    # what is shown

    @property
    def total(self) -> int:
        """Lines of the file known so far."""
        return self._view.total

    @property
    def follow(self) -> bool:
        """Whether the view keeps at the end of the file."""
        return self._follow

    @property
    def selection(self) -> tuple[int, int] | None:
        """The first and last selected line."""
        return (min(self._selection), max(self._selection)) if self._selection else None

    @property
    def top(self) -> int:
        """The line at the top of the screen."""
        return self.verticalScrollBar().value()

    @property
    def page(self) -> int:
        """Whole lines that fit on the screen, one at least."""
        return max(self.viewport().height() // self._line_height(), 1)

    def span(self) -> tuple[int, int, bool]:
        """The lines to read: first, count, and whether the last ones are meant instead."""
        margin = MARGIN * self.page
        return max(self.top - margin, 0), 2 * margin + self.page + 1, self._follow

    def clear(self) -> None:
        """Show no file."""
        self._selection = None
        self._widest = 0
        self._view = _NOTHING
        self._set_bars()
        self.viewport().update()
        self.set_follow(True)

    def show_view(self, view: LogPage) -> None:
        """Show what has been read."""
        if view.generation != self._view.generation:
            self._selection = None
            self._widest = 0
        self._view = view
        metrics = QFontMetrics(self.font())
        self._widest = max([self._widest, *(_width(metrics, line) for line in view.lines)])
        self._set_bars()
        if self._follow:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._ask_if_short()
        self.viewport().update()

    def line(self, number: int) -> str | None:
        """A line that is at hand."""
        at = number - self._view.first
        return self._view.lines[at] if 0 <= at < len(self._view.lines) else None

    def set_follow(self, follow: bool) -> None:
        """Keep at the end from now on, or no longer."""
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)
        if follow:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _set_bars(self) -> None:
        vertical, across = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setPageStep(self.page)
        vertical.setRange(0, min(max(self.total - self.page, 0), _MOST))
        room = self.viewport().width() - self._gutter() - 2 * _PAD
        across.setPageStep(max(room, 1))
        across.setSingleStep(QFontMetrics(self.font()).averageCharWidth() * 4)
        across.setRange(0, max(self._widest - room, 0))

    def _ask_if_short(self) -> None:
        """Ask for lines where less than a screen of them is at hand above or below."""
        first, last = max(self.top - self.page, 0), min(self.top + 2 * self.page, self.total)
        have = self._view.first, self._view.first + len(self._view.lines)
        if first < have[0] or last > have[1]:
            self.wanted.emit()

    def _scrolled(self) -> None:
        self._ask_if_short()
        self.viewport().update()

    def _moved_by_hand(self) -> None:
        bar = self.verticalScrollBar()
        self.set_follow(bar.sliderPosition() >= bar.maximum())

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        gutter, height = self._gutter(), self._line_height()
        self._draw_gutter(painter, gutter)
        for number in range(self.top, min(self.top + self.page + 1, self.total)):
            y = (number - self.top) * height
            self._draw_line(painter, number, QRect(0, y, self.viewport().width(), height), gutter)
        painter.end()

    def _draw_gutter(self, painter: QPainter, width: int) -> None:
        if self.total:
            strip = QRect(0, 0, width, self.viewport().height())
            painter.fillRect(strip, self.palette().color(QPalette.ColorRole.AlternateBase))

    def _draw_line(self, painter: QPainter, number: int, at: QRect, gutter: int) -> None:
        colors = theme.colors()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colors.muted))
        painter.drawText(QRect(0, at.y(), gutter - _PAD, at.height()), right, str(number + 1))
        painter.save()
        painter.setClipRect(at.adjusted(gutter, 0, 0, 0))
        ink = getattr(colors, _INKS.get(self._level(number), "text"))
        selected = self.selection
        if selected and selected[0] <= number <= selected[1]:
            painter.fillRect(at, QColor(colors.selection))
        line = self.line(number)
        if line is not None:
            painter.setPen(QColor(ink))
            x = gutter + _PAD - self.horizontalScrollBar().value()
            painter.drawText(x, at.y() + painter.fontMetrics().ascent() + 1, _printable(line))
        painter.restore()

    def _level(self, number: int) -> str:
        at = number - self._view.first
        return self._view.levels[at] if 0 <= at < len(self._view.levels) else ""

    def _line_height(self) -> int:
        return QFontMetrics(self.font()).height() + 2

    def _gutter(self) -> int:
        digits = max(len(str(self.total)), 3)
        return QFontMetrics(self.font()).horizontalAdvance("0" * digits) + 2 * _PAD

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_bars()
        self.set_follow(self._follow)
        self._ask_if_short()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._widest = 0
            self.show_view(self._view)

    # keys, mouse, wheel

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += event.angleDelta().y()
            steps = int(self._turned / 120)
            self._turned -= steps * 120
            self.zoom(steps)
            event.accept()
            return
        super().wheelEvent(event)
        self._moved_by_hand()

    def zoom(self, steps: int) -> None:
        """Make the text larger or smaller; 0 steps leave it."""
        size = self.font().pointSizeF() + steps
        if steps and _SIZES[0] <= size <= _SIZES[1]:
            font = QFont(self.font())
            font.setPointSizeF(size)
            self.setFont(font)

    def reset_zoom(self) -> None:
        """The text as large as everywhere."""
        self.setFont(theme.monospace())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select(0, self.total - 1)
        elif event.matches(QKeySequence.StandardKey.ZoomIn) or self._is_control(event, Qt.Key.Key_Equal):
            self.zoom(1)
        elif event.matches(QKeySequence.StandardKey.ZoomOut):
            self.zoom(-1)
        elif self._is_control(event, Qt.Key.Key_0):
            self.reset_zoom()
        elif key == Qt.Key.Key_Escape and self._selection:
            self._selection = None
            self.viewport().update()
        elif not self._move(key, extend):
            super().keyPressEvent(event)

    def _is_control(self, event: QKeyEvent, key: Qt.Key) -> bool:
        return event.key() == key and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def _move(self, key: Qt.Key, extend: bool) -> bool:
        """Move the view, or with Shift the end of the selection. False for a key that moves nothing."""
        bar = self.verticalScrollBar()
        jumps = {Qt.Key.Key_PageUp: -self.page, Qt.Key.Key_PageDown: self.page}
        step = _MOVES.get(key) or jumps.get(key)
        to = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.total - 1}.get(key)
        if step is None and to is None:
            return False
        if extend and self.total:
            cursor = self._selection[1] if self._selection else self.top
            self._extend(to if to is not None else cursor + (step or 0))
        else:
            bar.setValue(to if to is not None else bar.value() + (step or 0))
        self._moved_by_hand()
        return True

    def select(self, first: int, last: int) -> None:
        """Select these lines."""
        if self.total:
            self._selection = (first, min(last, self.total - 1))
            self.viewport().update()

    def _extend(self, to: int) -> None:
        to = max(min(to, self.total - 1), 0)
        anchor = self._selection[0] if self._selection else to
        self._selection = (anchor, to)
        bar = self.verticalScrollBar()
        bar.setValue(max(min(bar.value(), to), to - self.page + 1))
        self.viewport().update()

    def _line_at(self, y: float) -> int:
        return self.top + int(y // self._line_height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.total:
            return
        line = self._line_at(event.position().y())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._selection:
            self._extend(line)
        elif line < self.total:
            self._selection = (line, line)
        else:
            self._selection = None
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._selection:
            self._extend(self._line_at(event.position().y()))
            self._moved_by_hand()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())


def _printable(line: str) -> str:
    return line.translate(_PRINTABLE)


def _width(metrics: QFontMetrics, line: str) -> int:
    return metrics.horizontalAdvance(_printable(line))
