"""The table widget of the results: fixed rows, columns that fit, a scroll position that stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui import theme
from gui.settings import Settings
from gui.views.results_model import MONOSPACE, Column, ResultsModel

_SETTING = "results/columns"
_PAD = 6
_SAMPLES = {
    Column.INDEX: "0000000",
    Column.INPUT: "x" * 10,
    Column.STATUS: "Worker died" + "x" * 3,
    Column.SECONDS: "9 min 59 s",
    Column.WORKER: "Worker",
    Column.STARTED: "00:00:00",
}
"""What a column has room for at first."""
_LEAST_RESULT = 17


class CellDelegate(QStyledItemDelegate):
    """Draws a cell with air at its sides, and a selection that leaves the colours of its text."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(theme.colors().selection))
        option.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        option.rect.adjust(_PAD, 0, -_PAD, 0)
        super().paint(painter, option, index)


class ResultsTable(QTableView):
    """Shows a ResultsModel. The Result column takes the room that the others leave."""

    copy_asked = Signal()
    menu_asked = Signal(QModelIndex, QPoint)
    left = Signal()
    """Escape was pressed."""

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = model
        self._settings = Settings(self)
        self._fitting = False
        self._by_hand = False
        self.setModel(model)
        self.setAccessibleName("Results")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(CellDelegate(self))
        self._set_headers()

    def _set_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        height = max(QFontMetrics(self.font()).height(), QFontMetrics(theme.monospace()).height()) + 6
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsMovable(True)
        columns.setMinimumSectionSize(40)
        for column, sample in _SAMPLES.items():
            self.setColumnWidth(column, self._metrics(column).horizontalAdvance(sample) + 2 * _PAD + 8)
        saved = self._settings.bytes(_SETTING)
        self._by_hand = not saved.isEmpty() and columns.restoreState(saved)
        columns.sectionResized.connect(self._resized)
        columns.sectionMoved.connect(self._remember)

    def _metrics(self, column: Column) -> QFontMetrics:
        return QFontMetrics(theme.monospace() if column in MONOSPACE else self.font())

    def _resized(self) -> None:
        if not self._fitting:
            self._by_hand = True
            self._remember()

    def _remember(self) -> None:
        self._settings.put(_SETTING, self.horizontalHeader().saveState())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._by_hand:
            self._fit()

    def _fit(self) -> None:
        """Give the Result column what is left."""
        others = sum(self.columnWidth(column) for column in Column if column != Column.RESULT)
        least = QFontMetrics(theme.monospace()).horizontalAdvance("x" * _LEAST_RESULT)
        self._fitting = True
        self.setColumnWidth(Column.RESULT, max(self.viewport().width() - others, least))
        self._fitting = False

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Keep the task at the top of the screen there while rows come in; at the very top stay there."""
        bar = self.verticalScrollBar()
        height = self.verticalHeader().defaultSectionSize()
        row, rest = divmod(bar.value(), height)
        if row == 0 or row >= self._results.rowCount():
            yield
            return
        task = self._results.task_of(row)
        yield
        now = self._results.row_of(task)
        if now != row:
            self.updateGeometries()
            bar.setValue(now * height + rest)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.key() == Qt.Key.Key_Escape and self.currentIndex().isValid():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(at)
        else:
            at = self.visualRect(index).center()
        if index.isValid():
            self.menu_asked.emit(index, self.viewport().mapToGlobal(at))
