"""Repeated messages, grouped by shape: numbers, texts and ids in them are ignored."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.query.log import LogGroup, LogGroups
from gui.kit.plain_table import make_plain
from gui.logs import inks

_TITLES = ("Count", "Level", "Message")
_Index = QModelIndex | QPersistentModelIndex


class GroupModel(QAbstractTableModel):
    """The largest groups, in descending order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.groups: tuple[LogGroup, ...] = ()

    def show_groups(self, groups: tuple[LogGroup, ...]) -> None:
        """Show these groups."""
        self.beginResetModel()
        self.groups = groups
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        return 0 if parent.isValid() else len(self.groups)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        if not index.isValid():
            return None
        group = self.groups[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (f"{group.count:,}", group.level, group.shape)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and group.level:
            return inks.of_level([name.upper() for name in inks.LEVELS].index(group.level))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def plain_table(model: QAbstractTableModel, name: str) -> QTableView:
    """A table of whole rows without lines."""
    table = QTableView()
    table.setModel(model)
    make_plain(table, name)
    return table


class Groups(QDialog):
    """A window beside the log. Activating a group goes to it."""

    went = Signal(int, int)
    """The file and the line to go to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Repeated messages")
        self.resize(760, 420)
        self.model = GroupModel(self)
        self.table = plain_table(self.model, "Repeated messages")
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(self._go)
        self._said = QLabel("Counting …", textFormat=Qt.TextFormat.PlainText)
        whole = QVBoxLayout(self)
        whole.addWidget(self.table)
        whole.addWidget(self._said)

    def show_groups(self, groups: LogGroups) -> None:
        """Show what is known so far."""
        self.model.show_groups(groups.groups)
        going = "" if groups.complete else ", counting on …"
        self._said.setText(f"{groups.records:,} records in {len(groups.groups):,} groups{going}")

    def _go(self, index: QModelIndex) -> None:
        group = self.model.groups[index.row()]
        self.went.emit(group.file, group.line)
