"""What a painted table asks of its model: columns, a count of any size, and whole rows at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal

from gui.kit.columns import Cell, ColumnsModel


class GridModel(ColumnsModel):
    """Rows that may be more than Qt can count. Qt's own row count ends at `QT_MOST`."""

    QT_MOST = 2**31 - 1

    came_in = Signal(object, object)
    """First row and number of rows that came in, as Python's integers."""

    extra: Collection[int] = ()
    """Columns that are only shown if somebody chooses them."""

    def behind(self, column: int) -> int:
        """The column behind which another one has its place of itself."""
        return column - 1

    @property
    def total(self) -> int:
        """Number of rows."""
        raise NotImplementedError

    def cells(self, row: int) -> Sequence[Cell]:
        """What is drawn of a row: asked for at each painting, so it must be quick."""
        raise NotImplementedError

    def cell(self, row: int, column: int) -> Cell:
        return self.cells(row)[column]

    def near(self, first: int, stop: int) -> None:
        """The rows `first .. stop - 1` are on screen: they are read, and so may some around them be."""
