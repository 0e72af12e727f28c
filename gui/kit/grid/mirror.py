"""What screen readers get for a painted table: a table view of the same model that draws nothing.

PySide offers no accessible table interface to Python. So an invisible QTableView lies over the painted rows
and answers for them. It is created when first asked for, and has the same cursor and selection.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableView, QWidget

from gui.kit.grid.model import GridModel
from gui.kit.grid.selection import RowSelection

_MOST_SPANS = 1000
_MOST_CHILD = 2**31 - 1
_Flag = QItemSelectionModel.SelectionFlag


class Mirror(QTableView):
    """Represents rows that another widget paints to a screen reader."""

    chosen = Signal(int, int)
    """The screen reader moved the cursor to a row, or selected rows: the first and the last of them."""

    def __init__(
        self, model: GridModel, name: str, place: Callable[[int, int], QRect], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._place = place
        """Where a cell is painted."""
        self._is_following = False
        self.setModel(model)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for bar in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            bar(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(1)  # Qt counts pixels of rows in 31 bits
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        return self._place(index.row(), index.column())

    def indexAt(self, pos: QPoint) -> QModelIndex:
        """Nothing: the painting widget knows."""
        return QModelIndex()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing."""

    def follow(self, selection: RowSelection, column: int, has_focus: bool) -> None:
        """Adopt this selection, with the cursor on this column."""
        model, marks = self.model(), self.selectionModel()
        chosen = QItemSelection()
        for first, stop in selection.spans[:_MOST_SPANS]:
            last = min(stop, model.rowCount()) - 1
            if first <= last:
                chosen.select(model.index(first, 0), model.index(last, model.columnCount() - 1))
        self._is_following = True
        marks.select(chosen, _Flag.ClearAndSelect)
        index = model.index(selection.current, column)  # invalid if there is none
        if index != marks.currentIndex():
            marks.setCurrentIndex(index, _Flag.NoUpdate)
            if has_focus and index.isValid():
                self._say(index)
        self._is_following = False

    def _tell(self, chosen: QItemSelection) -> None:
        if not self._is_following and not chosen.isEmpty():
            self.chosen.emit(chosen.first().top(), chosen.first().bottom())

    def _say(self, index: QModelIndex) -> None:
        """Tell the screen reader that the cursor moved to a cell."""
        columns = self.model().columnCount() + 1  # headers count as children
        child = (index.row() + 1) * columns + index.column() + 1
        if child <= _MOST_CHILD:
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(child)
            QAccessible.updateAccessibility(event)
