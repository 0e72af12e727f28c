"""The painted table: selects rows, and paints the visible ones from what its model has at hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.columns import Index
from gui.kit.grid.keys import column_after, row_after
from gui.kit.grid.mirror import Mirror
from gui.kit.grid.model import GridModel
from gui.kit.grid.scrolled import ScrolledRows
from gui.kit.grid.selection import RowSelection

_DRAG = 30
"""Milliseconds between two scroll steps during a drag."""
_Button = Qt.MouseButton
_Modifier = Qt.KeyboardModifier


class GridArea(ScrolledRows):
    """Shows a GridModel. Whole rows are selected; the cursor is on one of their cells."""

    current_changed = Signal(object)
    """The row with the cursor; -1 for none."""
    copy_asked = Signal()
    menu_asked = Signal(object, int, QPoint)
    """Row, column, and where on the screen to open the menu."""
    left = Signal()
    """Escape was pressed."""

    def __init__(
        self, model: GridModel, name: str, elastic: tuple[int, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(model, elastic, parent)
        self.selection = RowSelection()
        self.column = 0
        """The column of the cursor."""
        self._hover = -1
        self._pointer = QPoint()
        self._mirror: Mirror | None = None
        self._drag = QTimer(self, interval=_DRAG)
        self._drag.timeout.connect(self._drag_on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        model.came_in.connect(self._came_in)
        model.dataChanged.connect(self._data_changed)
        model.modelReset.connect(self._start_over)
        self.header.fit_asked.connect(self.fit_column)

    @property
    def current(self) -> int:
        """The row with the cursor; -1 for none."""
        return self.selection.current

    # when the model changes

    def _start_over(self) -> None:
        had_current = self.current >= 0
        self.selection.clear()
        self._scroll.move(0)
        self._hover = -1
        self._settle.start()
        if had_current:
            self.current_changed.emit(-1)

    def _came_in(self, row: int, count: int) -> None:
        """Keep the visible rows in place; at the very top, stay at the top."""
        self.selection.insert(row, count)
        if row <= self.top and self.top > 0:
            self._scroll.height += count * self.row_height
            self._scroll.move(self._scroll.y + count * self.row_height)
        self._settle.start()

    def _data_changed(self, top: Index, bottom: Index) -> None:
        if top.row() <= self.top + self.page and bottom.row() >= self.top:
            self.viewport().update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        total, height = self.model.total, self.row_height
        first = (self._scroll.y + event.rect().top()) // height
        stop = min((self._scroll.y + event.rect().bottom()) // height + 1, total)
        painter = QPainter(self.viewport())
        if first < stop:
            self.model.near(self.top, min(self.top + self.page + 2, total))
            rows = [(row * height - self._scroll.y, self.model.cells(row)) for row in range(first, stop)]
            self._paint_backs(painter, first, stop)
            width = self.viewport().width()
            for column in self.header.shown:
                left, size = self.header.sectionViewportPosition(column), self.header.sectionSize(column)
                if left < width and left + size > 0:
                    self._cells.draw_column(painter, column, left, size, rows)
            self._paint_cursor(painter)
        painter.end()

    def _paint_backs(self, painter: QPainter, first: int, stop: int) -> None:
        width, height = self.viewport().width(), self.row_height
        color = self._cells.color
        for row in range(first, stop):
            y = row * height - self._scroll.y
            if row in self.selection:
                painter.fillRect(0, y, width, height, color("selection"))
            elif row % 2:
                painter.fillRect(0, y, width, height, color("zebra"))
            if row == self._hover:
                painter.fillRect(0, y, width, height, color("hover"))

    def _paint_cursor(self, painter: QPainter) -> None:
        if self.current >= 0 and self.hasFocus():
            painter.setPen(self._cells.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell_rect(self.current, self.column).adjusted(0, 0, -1, -1))

    def settle(self) -> None:
        super().settle()
        self._tell_mirror()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._mirror:
            self._mirror.resize(self.viewport().size())

    def needed(self, column: int) -> int:
        """The width that a column's title and visible cells need."""
        rows = range(self.top, min(self.top + self.page + 1, self.model.total))
        widths = [self._cells.width(column, self.model.cells(row)[column]) for row in rows]
        return max([*widths, self.header.sectionSizeHint(column)])

    def fit_column(self, column: int) -> None:
        """Make a column as wide as it needs to be."""
        self.header.give(column, self.needed(column))
        self.header.edited.emit()

    # the cursor and the selection

    def go(self, row: int, *, extend: bool = False, centred: bool = False) -> None:
        """Move the cursor to a row and select it, or all rows up to it; scroll there."""
        if not 0 <= row < self.model.total:
            return
        self._choose(self.selection.extend if extend else self.selection.choose, row)
        self.show_row(row, centred=centred)

    def _choose(self, how: Callable[[int], None], row: int) -> None:
        before = self.current
        how(row)
        self._selected(before)

    def _selected(self, before: int) -> None:
        """The selection or the cursor has changed; the cursor was on row `before`."""
        self.viewport().update()
        self._tell_mirror()
        if self.current != before:
            self.current_changed.emit(self.current)

    def clear_selection(self) -> None:
        """Select nothing and remove the cursor."""
        before = self.current
        self.selection.clear()
        self._selected(before)

    def select_all(self) -> None:
        """Select all rows there are now."""
        self._choose(self.selection.choose_all, self.model.total)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        extend = bool(event.modifiers() & _Modifier.ShiftModifier)
        row = row_after(key, self.current, self.page, self.model.total)
        column = column_after(key, self.column, self.header.shown)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key == Qt.Key.Key_Escape and self.current >= 0:
            self.left.emit()
        elif event.modifiers() & _Modifier.AltModifier or (row is None and column is None):
            event.ignore()  # typing selects nothing
        elif row is not None:
            self.go(row, extend=extend)
        elif column is not None:
            self.column = column
            self.show_column(column)
            self._selected(self.current)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        row, button = self.row_at(at.y()), event.button()
        if row < 0 or button not in (_Button.LeftButton, _Button.RightButton):
            return
        self.column = max(self.header.logicalIndexAt(at.x()), 0)
        if button == _Button.RightButton and row in self.selection:
            self._selected(self.current)  # the menu applies to the whole selection
        elif button == _Button.LeftButton and event.modifiers() & _Modifier.ShiftModifier:
            self._choose(self.selection.extend, row)
        elif button == _Button.LeftButton and event.modifiers() & _Modifier.ControlModifier:
            self._choose(self.selection.toggle, row)
        else:
            self._choose(self.selection.choose, row)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self._hover_over(event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position().toPoint()
        if event.buttons() & _Button.LeftButton and self.selection.anchor >= 0:
            self._drag_on()
        else:
            self._hover_over(self._pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag.stop()

    def _drag_on(self) -> None:
        """Extend the selection to the pointer; scroll while the pointer is outside."""
        y, height = self._pointer.y(), self.viewport().height()
        beyond = min(y, 0) or max(y - height + 1, 0)
        if beyond:
            self.scroll_to(self._scroll.y + beyond)
            if not self._drag.isActive():
                self._drag.start()
        else:
            self._drag.stop()
        row = self.row_at(max(min(y, height - 1), 0))
        row = row if row >= 0 else self.model.total - 1
        if row >= 0 and row != self.current:
            self._choose(self.selection.extend, row)

    def _hover_over(self, at: QPoint | None) -> None:
        row = self.row_at(at.y()) if at is not None and self.viewport().rect().contains(at) else -1
        if row != self._hover:
            for changed in (row, self._hover):
                if changed >= 0:
                    self.viewport().update(0, self.cell_rect(changed, 0).y(), self.width(), self.row_height)
            self._hover = row

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row, column, at = self.current, self.column, event.pos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row, column = self.row_at(at.y()), self.header.logicalIndexAt(at.x())
        elif row >= 0:
            at = self.cell_rect(row, column).center()
        if row >= 0:
            self.menu_asked.emit(row, max(column, 0), self.viewport().mapToGlobal(at))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover_over(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row, column = self.row_at(event.pos().y()), self.header.logicalIndexAt(event.pos().x())
            tip = self.model.tip(row, column) if row >= 0 and column >= 0 else None
            QToolTip.showText(event.globalPos(), tip or "", self.viewport(), self.cell_rect(row, column))
            return True
        return super().viewportEvent(event)

    # focus and screen readers

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._settle.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _tell_mirror(self) -> None:
        """Keep screen readers up to date; costs nothing without one."""
        if self._mirror is None:
            if not QAccessible.isActive() or not self.isVisible():
                return
            self._mirror = Mirror(self.model, self.accessibleName(), self.cell_rect, self.viewport())
            self._mirror.chosen.connect(self._choose_rows)
            self._mirror.resize(self.viewport().size())
            self._mirror.show()
        self._mirror.follow(self.selection, self.column, self.hasFocus())

    def _choose_rows(self, first: int, last: int) -> None:
        self.go(first)
        if last != first:
            self.go(last, extend=True)
