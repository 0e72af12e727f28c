"""Columns with titles: what the models of results and of workers have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
_Role = Qt.ItemDataRole


class ColumnsModel(QAbstractTableModel):
    """A table with a title and a word of help for each column."""

    headers: Mapping[Any, tuple[str, str]]
    """By column, as many as there are."""
    right: Collection[int]
    """Columns whose cells stand at the right."""

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
        """Where the cells of a column stand."""
        side = Qt.AlignmentFlag.AlignRight if column in self.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
