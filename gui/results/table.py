"""The table widget of the results: fixed rows, columns that fit, a scroll position that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QWidget,
)

from gui.kit import theme
from gui.kit.rows_table import PAD, RowsTable
from gui.results.model import MONOSPACE, Column, ResultsModel
from gui.settings.store import Settings

_SETTING = "results/columns"
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


class ResultsTable(RowsTable):
    """Shows a ResultsModel. The Result column takes the room that the others leave."""

    copy_asked = Signal()
    menu_asked = Signal(QModelIndex, QPoint)
    left = Signal()
    """Escape was pressed."""

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, "Results", parent)
        self._results = model
        self._settings = Settings(self)
        self._fitting = False
        self._by_hand = False
        self._set_headers()

    def _set_headers(self) -> None:
        columns = self.horizontalHeader()
        columns.setSectionsMovable(True)
        for column, sample in _SAMPLES.items():
            self.setColumnWidth(
                column, self.metrics(column in MONOSPACE).horizontalAdvance(sample) + 2 * PAD + 8
            )
        saved = self._settings.bytes(_SETTING)
        self._by_hand = not saved.isEmpty() and columns.restoreState(saved)
        columns.sectionResized.connect(self._resized)
        columns.sectionMoved.connect(self._remember)

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
    def in_place(self) -> Iterator[Callable[[int, int], None]]:
        """Keep the task at the top of the screen there while rows come in; at the very top stay there.

        It gives what is to be called with each span of rows.
        """
        bar = self.verticalScrollBar()
        height = self.verticalHeader().defaultSectionSize()
        row, rest = divmod(bar.value(), height)
        is_moved = row > 0
        top = row

        def inserted(first: int, count: int) -> None:
            nonlocal top
            if first <= top:
                top += count

        yield inserted
        if is_moved and top != row and top < self._results.rowCount():
            self.updateGeometries()
            bar.setValue(top * height + rest)

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
