"""The table that results and workers share."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.kit.columns import ROOT, Cell, ColumnsModel, Index
from gui.kit.rows_table import RowsTable


class Million(ColumnsModel):
    """A million rows, and how often one was read."""

    headers = MappingProxyType({0: ("A", "")})
    right = ()

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def rowCount(self, parent: Index = ROOT) -> int:  # noqa: N802
        return 1_000_000

    def cell(self, row: int, column: int) -> Cell:
        self.looks += 1
        return Cell("text")


def test_typing_does_not_walk_through_a_million_rows(qtbot: QtBot) -> None:
    model = Million()
    table = RowsTable(model, "Results")
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    QTest.keyClicks(table, "xyz")
    assert model.looks < 10_000
