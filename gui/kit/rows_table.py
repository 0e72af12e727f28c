"""A table of rows of equal height: what the tables of results and workers have in common."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.kit import theme
from gui.kit.columns import ColumnsModel

PAD = 8
"""Padding at either side of a cell."""


_LOOKS = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)
_SELECTED = QStyle.StateFlag.State_Selected.value


class CellDelegate(QStyledItemDelegate):
    """Draws cells of a ColumnsModel with padding; selected texts keep their colours.

    Drawing through the style sheet takes twenty times as long, which shows when scrolling.
    """

    def __init__(self, model: ColumnsModel, parent: RowsTable) -> None:
        super().__init__(parent)
        self._model = model
        self._table = parent
        self._mono = theme.monospace()
        self._mono_metrics = QFontMetrics(self._mono)
        self._flags = [_flags(model.alignment(column)) for column in range(model.columnCount())]
        self._is_mono = [column in model.monospace for column in range(model.columnCount())]
        self.has_selection = False
        """Whether cells may be selected: asking each of them takes long."""
        self.dress()

    def dress(self) -> None:
        """Colours or font may have changed."""
        self._inks: dict[str, QColor] = {}
        self._pixmaps: dict[int, QPixmap] = {}
        self._font = self._table.font()
        self._metrics = QFontMetrics(self._font)
        self._side = self._metrics.height()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        column = index.column()
        text, ink, icon = self._model.cell(index.row(), column)
        rect = option.rect
        if self.has_selection and option.state.value & _SELECTED:
            painter.fillRect(rect, self._ink("selection"))
        rect.adjust(PAD, 0, -PAD, 0)
        if icon is not None:
            side = self._side
            painter.drawPixmap(rect.x(), rect.y() + (rect.height() - side) // 2, self._pixmap(icon))
            rect.setLeft(rect.left() + side + PAD)
        if text:
            is_mono = self._is_mono[column]
            painter.setFont(self._mono if is_mono else self._font)
            painter.setPen(self._ink(ink))
            metrics = self._mono_metrics if is_mono else self._metrics
            painter.drawText(rect, self._flags[column], _cut(text, rect.width(), metrics))

    def _ink(self, name: str) -> QColor:
        found = self._inks.get(name)
        if found is None:
            found = self._inks[name] = QColor(getattr(theme.colors(), name))
        return found

    def _pixmap(self, icon: QIcon) -> QPixmap:
        key = icon.cacheKey()
        found = self._pixmaps.get(key)
        if found is None:
            size = QSize(self._side, self._side)
            found = self._pixmaps[key] = icon.pixmap(size, self._table.devicePixelRatioF())
        return found


def _flags(alignment: Qt.AlignmentFlag) -> int:
    return (alignment | Qt.AlignmentFlag.AlignVCenter).value | Qt.TextFlag.TextSingleLine.value


def _cut(text: str, width: int, metrics: QFontMetrics) -> str:
    """A text, with "…" at its end if it does not fit."""
    if len(text) * metrics.maxWidth() <= width:
        return text
    most = width // 2 + 1  # no visible character is narrower than two pixels
    return metrics.elidedText(text[:most], Qt.TextElideMode.ElideRight, width)


class RowsTable(QTableView):
    """Shows a model whose rows are selected as a whole."""

    def __init__(self, model: ColumnsModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(CellDelegate(model, self))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        height = max(QFontMetrics(self.font()).height(), QFontMetrics(theme.monospace()).height()) + 6
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(40)

    def keyboardSearch(self, search: str) -> None:
        """Ignore typing: Qt would search through each of the model's rows, which may be millions."""

    def metrics(self, monospace: bool) -> QFontMetrics:
        """The font metrics of a column."""
        return QFontMetrics(theme.monospace() if monospace else self.font())

    def paintEvent(self, event: QPaintEvent) -> None:
        delegate = self.itemDelegate()
        if isinstance(delegate, CellDelegate):
            delegate.has_selection = self.selectionModel().hasSelection()
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        delegate = self.itemDelegate()  # Qt reports changes before there is one
        if event.type() in _LOOKS and isinstance(delegate, CellDelegate):
            delegate.dress()
