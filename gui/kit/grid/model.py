"""The interface of a model for painted tables: columns, a row count of any size, and whole rows at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal

from gui.kit.columns import Cell, ColumnsModel


class GridModel(ColumnsModel):
    """Rows, possibly more than Qt can count: Qt's own row count ends at `QT_MOST`."""

    QT_MOST = 2**31 - 1

    came_in = Signal(object, object)
    """Index of the first new row, and the number of new rows, as Python integers."""

    extra: Collection[int] = ()
    """Columns that are hidden unless the user shows them."""

    def behind(self, column: int) -> int:
        """The column after which another one is placed by default."""
        return column - 1

    @property
    def total(self) -> int:
        """Number of rows."""
        raise NotImplementedError

    def cells(self, row: int) -> Sequence[Cell]:
        """What is drawn of a row. Called at each paint, so it must be quick."""
        raise NotImplementedError

    def cell(self, row: int, column: int) -> Cell:
        return self.cells(row)[column]

    def near(self, first: int, stop: int) -> None:
        """The rows `first .. stop - 1` are on screen: load them, and perhaps some around them."""
