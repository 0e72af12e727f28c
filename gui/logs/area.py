"""The log as the user handles it: keys, mouse, wheel; selected words and lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit import theme
from gui.logs import highlights, inks
from gui.logs.canvas import Canvas
from gui.logs.gutter import PAD
from gui.logs.highlights import Highlight
from gui.logs.layouts import Mark
from gui.logs.saved import Place
from gui.logs.shown import RESUMED, RETRIED, Row
from gui.logs.text import word_at

_SIZES = (6.0, 32.0)
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
CHARACTERS, WORDS, LINES = range(3)
"""The unit by which a drag selects."""
_CURRENT = 90
"""How much the current row is coloured, of 255."""
_AGAIN = {RETRIED: "The task was tried again", RESUMED: "The run was resumed here"}
Spot = tuple[int, int]
"""A row, and a character in it."""


class LogArea(Canvas):
    """A canvas with a cursor and a selection. `current` is the row that commands apply to."""

    copy_asked = Signal()
    menu_asked = Signal(QPoint)
    opened = Signal()
    """A row was double-clicked with Ctrl: open the place that it names."""
    current_changed = Signal(int)
    selection_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._anchor: tuple[Spot, Spot] | None = None
        """The unit selected first, which stays selected while the rest changes."""
        self._cursor: Spot | None = None
        self._by = CHARACTERS
        self._turned = 0
        self.hit: tuple[int, int, int] | None = None
        """The current hit: row, begin, end."""
        self._sources: list[str] = []
        self.highlights: list[Highlight] = []
        """Texts that are highlighted everywhere."""
        self.notes: dict[Place, str] = {}
        """Notes on lines, shown behind them."""

    @property
    def sources(self) -> list[str]:
        """The names of the files, if there are several."""
        return self._sources

    @sources.setter
    def sources(self, names: list[str]) -> None:
        self._sources = names
        self.beside.sources = bool(names)

    # the selection

    @property
    def selection(self) -> tuple[int, int] | None:
        """The first and last rows that are at least partly selected."""
        span = self.selected
        return (span[0][0], span[1][0]) if span else None

    @property
    def selected(self) -> tuple[Spot, Spot] | None:
        """The begin and end of the selection; -1 is the end of a line."""
        if not self._anchor or not self._cursor:
            return None
        first, last = self._anchor
        cursor = self._cursor
        if self._by == LINES:
            return (min(first[0], cursor[0]), 0), (max(last[0], cursor[0]), -1)
        if first == last == cursor:
            return None
        low, high = min(first, cursor), max(last, cursor)
        if self._by == WORDS:
            text = self.line(cursor[0]) or ""
            start, end = word_at(text, cursor[1])
            low, high = min(first, (cursor[0], start)), max(last, (cursor[0], end))
        return low, high

    @property
    def current(self) -> int:
        """The user's row: the one clicked last, else the top one."""
        return min(self._cursor[0], max(self.total - 1, 0)) if self._cursor else self.top

    def select(self, first: int, last: int) -> None:
        """Select whole lines."""
        if self.total:
            self._by = LINES
            last = min(last, self.total - 1)
            self._anchor, self._cursor = ((first, 0), (first, 0)), (last, 0)
            self._selected()

    def set_current(self, row: int) -> None:
        """Move to a row and select nothing."""
        self._put_cursor((row, 0))

    def point_at(self, row: int) -> None:
        """The same without telling anybody."""
        self._by = CHARACTERS
        self._anchor, self._cursor = ((row, 0), (row, 0)), (row, 0)
        self.viewport().update()

    def _put_cursor(self, spot: Spot) -> None:
        self._by = CHARACTERS
        self._anchor, self._cursor = (spot, spot), spot
        self.current_changed.emit(spot[0])
        self._selected()

    def unselect(self) -> None:
        """Remove the selection and the current row."""
        self._anchor = self._cursor = None
        self._selected()

    def _selected(self) -> None:
        self.selection_changed.emit()
        self.viewport().update()

    def clear(self) -> None:
        self._anchor = self._cursor = self.hit = None
        super().clear()

    def _forget(self) -> None:
        super()._forget()
        self.unselect()
        self.hit = None

    # drawing

    def _draw_behind(self, painter: QPainter, number: int, at: QRect) -> None:
        span = self.selected
        inside = span is not None and span[0][0] <= number <= span[1][0]
        if span and inside and (self._by == LINES or number not in (span[0][0], span[1][0])):
            painter.fillRect(at, QColor(theme.colors().selection))
        elif self._cursor and self._cursor[0] == number:
            ink = QColor(theme.colors().selection)
            ink.setAlpha(_CURRENT)
            painter.fillRect(at, ink)

    def _marks(self, number: int, row: Row) -> Sequence[Mark]:
        marks = highlights.marks(self.highlights, row.text)
        if self.hit and self.hit[0] == number:
            marks.append((self.hit[1], self.hit[2], inks.of_hit(current=True)))
        span = self.selected
        if span and span[0][0] <= number <= span[1][0]:
            start = span[0][1] if number == span[0][0] else 0
            end = span[1][1] if number == span[1][0] and span[1][1] >= 0 else len(row.text)
            marks.append((start, end, inks.of_selection()))
        return marks

    def _draw_row(self, painter: QPainter, number: int, at: QRect) -> None:
        super()._draw_row(painter, number, at)
        if (note := self._note(number)) and (laid := self._laid(number)) and laid.lines == 1:
            painter.setPen(QColor(theme.colors().accent))
            x = self._text_x(laid) + laid.width + 2 * PAD
            painter.drawText(QPointF(x, at.y() + 1 + painter.fontMetrics().ascent()), f"◆ {note}")

    def _note(self, number: int) -> str:
        """The note on a row."""
        line = self._shown.number(number) if self.notes else None
        return "" if line is None else self.notes.get((self._shown.file(number), line), "")

    # keys

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
        elif key == Qt.Key.Key_Escape and self._cursor:
            self.unselect()
        elif not self._move(key, extend):
            super().keyPressEvent(event)

    def _is_control(self, event: QKeyEvent, key: Qt.Key) -> bool:
        return event.key() == key and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def _move(self, key: Qt.Key, extend: bool) -> bool:
        """Move the view, or with Shift the end of the selection. False for a key that moves nothing."""
        jumps = {Qt.Key.Key_PageUp: -self.page, Qt.Key.Key_PageDown: self.page}
        step = _MOVES.get(key) or jumps.get(key)
        to = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.total - 1}.get(key)
        if step is None and to is None:
            return False
        if extend and self.total:
            self._extend_lines(to if to is not None else self.current + (step or 0))
        elif to is not None:
            self.verticalScrollBar().setValue(0 if to == 0 else self._end()[0])
        else:
            self._move_lines(step or 0)
        if key == Qt.Key.Key_End:
            self.set_follow(True)
        else:
            self._moved_by_hand()
        return True

    def _extend_lines(self, to: int) -> None:
        to = max(min(to, self.total - 1), 0)
        if not self._anchor:
            self._anchor = ((to, 0), (to, 0))
        self._by = LINES
        self._cursor = (to, 0)
        bar = self.verticalScrollBar()
        bar.setValue(max(min(bar.value(), to), to - self.page + 1))
        self._selected()

    def zoom(self, steps: int) -> None:
        """Make the text larger or smaller by some steps."""
        size = self.font().pointSizeF() + steps
        if steps and _SIZES[0] <= size <= _SIZES[1]:
            self.set_size(size)

    def reset_zoom(self) -> None:
        """Reset the text to its normal size."""
        self.setFont(theme.monospace())

    # mouse and wheel

    def spot_at(self, at: QPoint) -> Spot | None:
        """The row and character at a point of the viewport; the end of the last row if it is below that."""
        found: tuple[int, int, int] | None = None
        for found in self.rows_on_screen():
            if at.y() < found[1] + found[2] * self._line_height():
                break
        if found is None:
            return None
        laid = self._laid(found[0])
        return (found[0], laid.column_at(at.x() - self._text_x(laid), at.y() - found[1]) if laid else 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or spot is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor:
            self._cursor = spot
            self._selected()
        elif event.position().x() < self.gutter() - PAD:
            self.select(spot[0], spot[0])
            self.current_changed.emit(spot[0])
        else:
            self._put_cursor(spot)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or spot is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_current(spot[0])
            self.opened.emit()
            return
        start, end = word_at(self.line(spot[0]) or "", spot[1])
        self._by = WORDS
        self._anchor, self._cursor = ((spot[0], start), (spot[0], end)), spot
        self._selected()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or not self._anchor:
            return
        y = event.position().y()
        if y < self._head:
            self._move_lines(-1)
        elif y > self.viewport().height():
            self._move_lines(1)
        if spot := self.spot_at(event.position().toPoint()):
            self._cursor = spot
            self._selected()
            self._moved_by_hand()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        spot = self.spot_at(event.pos())
        span = self.selected
        if spot and not (span and span[0][0] <= spot[0] <= span[1][0]):
            self._put_cursor(spot)
        self.menu_asked.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += event.angleDelta().y()
            steps = int(self._turned / 120)
            self._turned -= steps * 120
            self.zoom(steps)
            event.accept()
            return
        if self._wrapped and event.angleDelta().y():
            self._turned -= event.angleDelta().y()
            lines = int(self._turned / 40)
            self._turned -= lines * 40
            self._move_lines(lines)
            event.accept()
        else:
            super().wheelEvent(event)
        self._moved_by_hand()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and (spot := self.spot_at(event.pos())):
            QToolTip.showText(event.globalPos(), self._tip(spot[0]), self.viewport())
            return True
        return super().viewportEvent(event)

    def _tip(self, row: int) -> str:
        """The tip of a row: what the gutter only shows by a letter, a shape or a colour."""
        found = self.shown.row(row)
        level = inks.LEVELS[found.level] if found and found.level in inks.SIGNS else ""
        source = self._sources[self.shown.file(row)] if self._sources else ""
        return "\n".join(filter(None, (source, level, _AGAIN.get(self.shown.again(row)), self._note(row))))
