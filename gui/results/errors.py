"""Groups of similar failures: clicking one shows its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import PurePath

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QLabel, QVBoxLayout, QWidget

from engine.results.answers import Group
from gui.kit import words
from gui.kit.columns import ROOT, Cell, ColumnsModel, Index
from gui.kit.empty import EmptyNote
from gui.kit.quiet import close_button, quiet_button
from gui.kit.rows_table import RowsTable
from gui.kit.tips import plain_tip

_WIDTHS = ("1,000,000", "100.0%", "x" * 16, "x" * 24, "x" * 18, "0000000", "0000000")
_ROWS = 4
"""Groups that the pane shows initially."""


class GroupColumn(IntEnum):
    """The columns, left to right."""

    COUNT, SHARE, KIND, MESSAGE, PLACE, FIRST, LAST = range(7)


_HEADERS = {
    GroupColumn.COUNT: ("Tasks", "How many tasks failed in this way"),
    GroupColumn.SHARE: ("Share", "Their share of all failed tasks"),
    GroupColumn.KIND: ("Error", "The type of the exception, or how the task failed"),
    GroupColumn.MESSAGE: ("Message", "The message; … stands for what differs from task to task"),
    GroupColumn.PLACE: ("Where", "The line of your code that it came from"),
    GroupColumn.FIRST: ("First", "The first task that failed in this way"),
    GroupColumn.LAST: ("Last", "The last task that failed in this way"),
}
_RIGHT = {GroupColumn.COUNT, GroupColumn.SHARE, GroupColumn.FIRST, GroupColumn.LAST}
_MONOSPACE = {GroupColumn.MESSAGE}


class GroupsModel(ColumnsModel):
    """Groups of failures, in descending order of size."""

    headers = _HEADERS
    right = _RIGHT
    monospace = _MONOSPACE

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: Sequence[Group] = ()

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Show these groups."""
        self.beginResetModel()
        self.groups = groups
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.groups)

    def cell(self, row: int, column: int) -> Cell:
        return Cell(self._text(self.groups[row], column))

    def _text(self, group: Group, column: int) -> str:
        if column == GroupColumn.COUNT:
            return f"{group.count:,}"
        if column == GroupColumn.SHARE:
            return f"{group.share:.1%}" if group.share >= 0.001 else "< 0.1%"
        if column == GroupColumn.KIND:
            return words.status(group.kind)
        if column == GroupColumn.MESSAGE:
            return words.one_line(message(group))
        if column == GroupColumn.PLACE:
            return f"{PurePath(group.file).name}:{group.line}" if group.file else ""
        return str(group.first if column == GroupColumn.FIRST else group.last)

    def tip(self, row: int, column: int) -> str | None:
        group = self.groups[row]
        if column == GroupColumn.PLACE and group.file:
            return plain_tip(f"{group.file}:{group.line} in {group.function}")
        if column in (GroupColumn.KIND, GroupColumn.MESSAGE):
            return plain_tip(group.message[: 4 * words.LINE])
        return None


def message(group: Group) -> str:
    """The message of a group without the type of the exception."""
    return group.told.removeprefix(f"{group.kind}: ")


RETRY = "Run the tasks of the selected group again"
RETRY_ALL = "Run all failed tasks again"


class ErrorsPane(QFrame):
    """Lists the groups of failures of a run."""

    chosen = Signal(object)
    """Show the tasks of this group."""
    retry_asked = Signal(object)
    """Run the tasks of this group again; None means all failed tasks."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Groups of failures")
        self.model = GroupsModel(self)
        self.table = RowsTable(self.model, "Groups of failures")
        self._title = QLabel("Errors")
        self._title.setProperty("heading", True)
        self._hint = QLabel("Click a group to see its tasks.")
        self._hint.setProperty("muted", True)
        self._note = EmptyNote(self.table)
        self._retry = quiet_button("Retry group", RETRY)
        self._retry_all = quiet_button("Retry all", RETRY_ALL)
        self._may_retry = False
        self._lay_out()
        self.allow_retry(False)
        self._retry.clicked.connect(self._ask_retry)
        self._retry_all.clicked.connect(lambda: self.retry_asked.emit(None))
        self.table.selectionModel().selectionChanged.connect(self._show_retry)
        self.table.clicked.connect(lambda index: self._choose(index.row()))
        self.table.installEventFilter(self)

    def _lay_out(self) -> None:
        close = close_button("Close the errors", "Esc", ink="muted")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addSpacing(8)
        head.addWidget(self._hint, 1)
        for button in (self._retry, self._retry_all, close):
            head.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 2, 4, 2)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addWidget(self.table, 1)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(GroupColumn.MESSAGE, QHeaderView.ResizeMode.Stretch)
        for column, sample in enumerate(_WIDTHS):
            metrics = self.table.metrics(column in self.model.monospace)
            self.table.setColumnWidth(column, metrics.horizontalAdvance(sample) + 16)
        header.setMinimumSectionSize(header.fontMetrics().horizontalAdvance("Tasks") + 40)
        row = self.table.verticalHeader().defaultSectionSize()
        self.table.setMinimumHeight(header.sizeHint().height() + 2 * row)
        self.setMaximumHeight(header.sizeHint().height() + 3 * _ROWS * row)

    def allow_retry(self, allowed: bool, why: str = "") -> None:
        """Whether tasks can be run again now; if not, perhaps why."""
        self._may_retry = allowed
        self._retry.setToolTip(why or RETRY)
        self._retry_all.setToolTip(why or RETRY_ALL)
        self._show_retry()

    def _show_retry(self) -> None:
        self._retry_all.setEnabled(self._may_retry and bool(self.model.groups))
        self._retry.setEnabled(self._may_retry and self._selected is not None)

    @property
    def _selected(self) -> Group | None:
        rows = self.table.selectionModel().selectedRows()
        return self.model.groups[rows[0].row()] if rows else None

    def _ask_retry(self) -> None:
        if self._selected is not None:
            self.retry_asked.emit(self._selected)

    def wait(self) -> None:
        """The groups are being read."""
        if not self.model.groups:
            self._note.say("Reading failures …")

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Show these groups; the selection stays."""
        if groups == self.model.groups and groups:
            return
        at = self.table.currentIndex().row()
        key = self.model.groups[at].key if 0 <= at < len(self.model.groups) else ""
        self.model.show_groups(groups)
        for row, group in enumerate(groups):
            if group.key == key:
                self.table.selectRow(row)
        self._note.say("" if groups else "No task has failed.")
        self._show_retry()

    def fail(self, cause: str) -> None:
        """The groups cannot be read."""
        self.model.show_groups(())
        self._note.say(f"The failures cannot be read: {cause}")

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.model.groups):
            self.chosen.emit(self.model.groups[row])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.table.currentIndex().row())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
        return super().eventFilter(watched, event)
