"""The table that results and workers share."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.kit.rows_table import RowsTable


class Million(QAbstractTableModel):
    """A million rows, and how often one was looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 1_000_000

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 1

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        self.looks += 1
        return "text" if role == Qt.ItemDataRole.DisplayRole else None


def test_typing_does_not_walk_through_a_million_rows(qtbot: QtBot) -> None:
    model = Million()
    table = RowsTable(model, "Results")
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    QTest.keyClicks(table, "xyz")
    assert model.looks < 10_000
