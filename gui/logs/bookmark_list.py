"""The bookmarks of a log as a list: go to one, edit its note, remove it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QHeaderView, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.logs.bookmarks import Bookmarks
from gui.logs.groups import plain_table
from gui.logs.gutter import letter
from gui.logs.saved import Bookmark, Place

_TITLES = ("Line", "Note", "Text")
_LINE, _NOTE, _TEXT = range(3)
_Index = QModelIndex | QPersistentModelIndex


class BookmarkModel(QAbstractTableModel):
    """The bookmarks in order. Notes can be edited."""

    def __init__(self, bookmarks: Bookmarks, parent: QWidget) -> None:
        super().__init__(parent)
        self._bookmarks = bookmarks
        self.rows: list[tuple[Place, Bookmark]] = []
        self.several = False
        """Whether lines are of several files."""
        bookmarks.changed.connect(self._changed)
        self._changed()

    def _changed(self) -> None:
        rows = sorted(self._bookmarks.marked.items())
        if [place for place, _ in rows] == [place for place, _ in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, _TEXT))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        (file, line), marked = self.rows[index.row()]
        if index.column() == _LINE:
            return f"{letter(file)} {line + 1:,}" if self.several else f"{line + 1:,}"
        return marked.note if index.column() == _NOTE else marked.text

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == _NOTE else flags

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole or index.column() != _NOTE:
            return False
        self._bookmarks.write_on(self.rows[index.row()][0], str(value))
        return True


class BookmarkList(QDialog):
    """A window beside the log. Activating a bookmark goes to it."""

    went = Signal(int, int)
    """The file and the line to go to."""

    def __init__(self, bookmarks: Bookmarks, parent: QWidget) -> None:
        super().__init__(parent)
        self._bookmarks = bookmarks
        self.setWindowTitle("Bookmarks")
        self.resize(760, 360)
        self.model = BookmarkModel(bookmarks, self)
        self.table = plain_table(self.model, "Bookmarks")
        titles = self.table.horizontalHeader()
        titles.setSectionResizeMode(_LINE, QHeaderView.ResizeMode.ResizeToContents)
        titles.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
        titles.resizeSection(_NOTE, 220)
        self._hint = QLabel(
            "Double-click a line to go there, or its note to change it.", textFormat=Qt.TextFormat.PlainText
        )
        self._hint.setProperty("muted", True)
        remove = QPushButton("Remove")
        remove.setAutoDefault(False)
        remove.clicked.connect(self.remove)
        row = QHBoxLayout()
        row.addWidget(self._hint, 1)
        row.addWidget(remove)
        whole = QVBoxLayout(self)
        whole.addWidget(self.table)
        whole.addLayout(row)
        self.table.activated.connect(self._go)
        QShortcut(
            QKeySequence(QKeySequence.StandardKey.Delete),
            self.table,
            self.remove,
            context=Qt.ShortcutContext.WidgetShortcut,
        )

    def _go(self, index: QModelIndex) -> None:
        if index.column() != _NOTE:
            self.went.emit(*self.model.rows[index.row()][0])

    def remove(self) -> None:
        """Remove the selected bookmarks."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        for place in [self.model.rows[row][0] for row in rows]:
            self._bookmarks.remove(place)
