"""The rows of the runs list, and the keys that work in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from gui.runs.delegate import RunDelegate
from gui.runs.model import RunsModel

_Mode = QItemSelectionModel.SelectionFlag
_NONE = Qt.KeyboardModifier.NoModifier
_SEVERAL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class RunsTable(QTableView):
    """One column of runs: a click previews one, a double click or Enter keeps it open.

    Arrows and the right button select without opening; Shift and Ctrl select several.
    """

    previewed = Signal(QModelIndex)
    opened = Signal(QModelIndex)
    asked = Signal(str)
    """The id of a command whose keys mean something else outside the list."""
    left = Signal()
    """Esc was pressed with nothing left to undo here."""

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self.can_undo: Callable[[], bool] = lambda: False
        """Whether Ctrl+Z can undo something here; otherwise it belongs to the form."""
        self.setModel(model)
        self.setItemDelegate(RunDelegate(self))
        self.setAccessibleName("Runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(RunDelegate.height(self.font()))
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self.opened)

    def _clicked(self, index: QModelIndex) -> None:
        if len(self.rows()) == 1:  # else the user is selecting several
            self.previewed.emit(index)

    def rows(self) -> list[int]:
        """The selected rows, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def select_rows(self, rows: list[int], current: int) -> None:
        """Select exactly these, with the cursor on one of them."""
        model, chosen = self.model(), QItemSelection()
        for row in rows:
            chosen.select(model.index(row, 0), model.index(row, 0))
        self.selectionModel().setCurrentIndex(model.index(current, 0), _Mode.NoUpdate)
        self.selectionModel().select(chosen, _Mode.ClearAndSelect)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and last run: there is only one column."""
        ends = {
            QAbstractItemView.CursorAction.MoveHome: 0,
            QAbstractItemView.CursorAction.MoveEnd: self.model().rowCount() - 1,
        }
        if action in ends:
            return self.model().index(ends[action], 0)
        return super().moveCursor(action, modifiers)

    def event(self, event: QEvent) -> bool:
        """While the list has the focus, keys of the whole window belong to it."""
        if event.type() == QEvent.Type.ShortcutOverride and self._own_command(event):
            event.accept()
            return True
        return super().event(event)

    def _own_command(self, event: QEvent) -> str:
        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_F2 and event.modifiers() == _NONE:
            return "list.rename"
        return "list.untrash" if event.matches(QKeySequence.StandardKey.Undo) and self.can_undo() else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, current = event.key(), self.currentIndex()
        if own := self._own_command(event):
            self.asked.emit(own)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(current)
        elif key == Qt.Key.Key_Space and current.isValid() and not event.modifiers() & _SEVERAL:
            self.previewed.emit(current)
        elif key == Qt.Key.Key_Escape and event.modifiers() == _NONE:
            self._escape()
        else:
            super().keyPressEvent(event)

    def _escape(self) -> None:
        if len(self.rows()) > 1:
            self.select_rows([self.currentIndex().row()], self.currentIndex().row())
        else:
            self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.verticalHeader().setDefaultSectionSize(RunDelegate.height(self.font()))
