"""The first inputs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from gui.kit import theme
from gui.kit.tips import plain_tip

if TYPE_CHECKING:
    from engine.inputs.preview import Preview

Index = QModelIndex | QPersistentModelIndex
TYPES = ("int", "float", "bool", "text", "date")
MOST_LINES = 6
"""Rows in view; the others are reached by scrolling."""
MOST_COLUMNS = 200
WIDEST = 260
"""Initial width of a column in pixels."""
LONG = 60
"""Characters of a cell that its column should fit."""
NUMBERS = ("int", "float")
ROOT = QModelIndex()


class PreviewModel(QAbstractTableModel):
    """Rows of texts, with titles and types."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Preview | None = None

    def show(self, preview: Preview | None) -> None:
        """Show other inputs, or none."""
        self.beginResetModel()
        self._shown = preview
        self.endResetModel()

    @property
    def shown(self) -> Preview | None:
        return self._shown

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() or self._shown is None else len(self._shown.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() or self._shown is None else min(len(self._shown.columns), MOST_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._shown is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            cells = self._shown.rows[row]
            return cells[column] if column < len(cells) else ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._shown.bad.get(row, ""))
        if role == Qt.ItemDataRole.ForegroundRole and row in self._shown.bad:
            return QColor(theme.colors().problem)
        if role == Qt.ItemDataRole.TextAlignmentRole and self._shown.types[column] in NUMBERS:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if self._shown is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section
        title, kind = self._shown.columns[section], self._shown.types[section]
        return f"{title}: {kind}" if kind else title


class PreviewTable(QTableView):
    """The table; a click on the title of a typed column offers other types."""

    typed = Signal(str, str)
    """A column and its new type; empty means detected."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = PreviewModel()
        self.setModel(self.shown)
        self.setObjectName("inputs")
        self.setAccessibleName("The first inputs")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setMinimumWidth(0)
        lines, titles = self.verticalHeader(), self.horizontalHeader()
        lines.setVisible(False)
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(self.fontMetrics().height() + 6)
        titles.setHighlightSections(False)
        titles.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        titles.setStretchLastSection(True)
        titles.setSectionsClickable(True)
        titles.setMaximumSectionSize(2_000)
        titles.sectionClicked.connect(self._offer_types)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll only while it has the focus, else let the form scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def show_preview(self, preview: Preview | None) -> None:
        """Show the rows of a preview, at the height they need."""
        self.shown.show(preview)
        self.setVisible(preview is not None and bool(preview.columns))
        if preview is None:
            return
        columns = self.shown.columnCount()
        self.clearSpans()
        if columns > 1:
            for row in preview.bad:  # a row that cannot be read has no cells
                self.setSpan(row, 0, 1, columns)
        for column in range(columns):
            self.setColumnWidth(column, min(self._width(preview, column), WIDEST))
        lines = max(1, min(len(preview.rows), MOST_LINES))
        across = self.horizontalScrollBar().sizeHint().height()
        height = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        self.setFixedHeight(height + lines * self.verticalHeader().defaultSectionSize() + across)

    def _width(self, preview: Preview, column: int) -> int:
        """The width that a column needs; rows that cannot be read span all columns."""
        cells = (row[column] for place, row in enumerate(preview.rows) if place not in preview.bad)
        texts = [cell[:LONG] for cell in cells]
        wide = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        return max(wide + 16, self.horizontalHeader().sectionSizeHint(column) + 6)

    def _offer_types(self, column: int) -> None:
        preview = self.shown.shown
        if preview is None or not preview.types[column]:
            return
        menu = QMenu(self)
        name = preview.columns[column]
        for kind in TYPES:
            action = menu.addAction(kind, lambda kind=kind: self.typed.emit(name, kind))
            action.setCheckable(True)
            action.setChecked(kind == preview.types[column])
        menu.addSeparator()
        menu.addAction("Detect", lambda: self.typed.emit(name, ""))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        titles = self.horizontalHeader()
        menu.popup(titles.mapToGlobal(QPoint(titles.sectionViewportPosition(column), titles.height())))
