"""Columns with titles: what the models of results and workers have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon

from gui.kit import theme

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
_Role = Qt.ItemDataRole


class Cell(NamedTuple):
    """What is drawn of a cell."""

    text: str
    ink: str = "text"
    """The name of its colour in `theme.Colors`."""
    icon: QIcon | None = None


class ColumnsModel(QAbstractTableModel):
    """A table with a title and a help text for each column."""

    headers: Mapping[Any, tuple[str, str]]
    """One for each column."""
    right: Collection[int]
    """Right-aligned columns."""
    monospace: Collection[int] = ()
    """Columns in the fixed-width font."""

    def cell(self, row: int, column: int) -> Cell:
        """What is drawn of a cell. Called at each paint, so it must be quick."""
        raise NotImplementedError

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == _Role.DisplayRole:
            return self.cell(row, column).text
        if role == _Role.TextAlignmentRole:
            return self.alignment(column)
        if role == _Role.ForegroundRole:
            ink = self.cell(row, column).ink
            return None if ink == "text" else QColor(getattr(theme.colors(), ink))
        if role == _Role.DecorationRole:
            return self.cell(row, column).icon
        return self.tip(row, column) if role == _Role.ToolTipRole else None

    def tip(self, row: int, column: int) -> str | None:
        """The tooltip of a cell."""
        return None

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return self.headers[section][0]
        if role == _Role.ToolTipRole:
            return self.headers[section][1]
        return self.alignment(section) if role == _Role.TextAlignmentRole else None

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """The alignment of a column's cells."""
        side = Qt.AlignmentFlag.AlignRight if column in self.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
