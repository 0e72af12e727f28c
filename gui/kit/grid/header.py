"""The header of a painted table: columns can be moved, resized and hidden, and are remembered as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from gui.kit import theme
from gui.kit.grid.model import GridModel

LEAST = 40
"""The least width of a column in pixels,"""
LEAST_ELASTIC = 96
"""and of the column that takes the remaining width."""


class GridHeader(QHeaderView):
    """Columns have the width that they need or that the user set; an elastic one takes the remaining width.

    The first of the `elastic` columns that is shown and was not resized by hand is the one that stretches.
    """

    edited = Signal()
    """The user changed something that should be remembered."""
    sort_asked = Signal(int, bool)
    """Sort by this column, and whether descending; -1 for none."""
    fit_asked = Signal(int)
    """Fit a column to its content."""

    def __init__(self, model: GridModel, elastic: Sequence[int], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._elastic = elastic
        self._by_hand: set[int] = set()
        """Columns that keep the width that the user set."""
        self._natural: Mapping[int, int] = {}
        self._laying_out = False
        self._columns = model
        self._restored: dict[str, Any] = {}
        """The remembered state, including columns that do not exist (yet)."""
        self.setModel(model)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(LEAST)
        self.setMouseTracking(True)
        self.sectionResized.connect(self._resized)
        self.sectionMoved.connect(self._moved)
        self.sectionHandleDoubleClicked.connect(self.fit_asked)

    def make_sortable(self) -> None:
        """Sort when a title is clicked; the second click reverses the order, the third one ends sorting.

        The signal `sort_asked` reports it.
        """
        self.sortIndicatorChanged.connect(self._ask_sort)
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.show_sort(-1, False)

    def show_sort(self, column: int, descending: bool) -> None:
        """Show by which column rows are sorted; -1 for none. Emits nothing."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        was_blocked = self.blockSignals(True)
        self.setSortIndicator(column, order)
        self.blockSignals(was_blocked)
        self.viewport().update()

    def _ask_sort(self, column: int, order: Qt.SortOrder) -> None:
        self.sort_asked.emit(column, order == Qt.SortOrder.DescendingOrder)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        super().paintSection(painter, rect, logicalIndex)
        if self.isSortIndicatorShown() and logicalIndex == self.sortIndicatorSection():
            self._paint_arrow(painter, rect)

    def _paint_arrow(self, painter: QPainter, rect: QRect) -> None:
        """Draw it beside the title: a style sheet would draw it above."""
        x, y = rect.left() + 1, rect.center().y()
        up = -3 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else 3
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors().accent))
        painter.drawPolygon([QPoint(x, y - up), QPoint(x + 6, y - up), QPoint(x + 3, y + up)])
        painter.restore()

    # what is known

    @property
    def _names(self) -> list[str]:
        return [self._columns.headers[column][0] for column in range(self.count())]

    @property
    def shown(self) -> list[int]:
        """The visible columns, from left to right."""
        order = map(self.logicalIndex, range(self.count()))
        return [column for column in order if not self.isSectionHidden(column)]

    def set_natural(self, widths: Mapping[int, int]) -> None:
        """Set the widths that columns have unless the user changes them."""
        self._natural = widths
        self.lay_out()

    def lay_out(self) -> None:
        """Set the width of each column, within the available width."""
        self._laying_out = True
        for column in self.shown:
            if column not in self._by_hand:
                self.resizeSection(column, max(self._natural.get(column, LEAST), LEAST))
        stretched = next((c for c in self._elastic if c in self.shown and c not in self._by_hand), None)
        if stretched is not None:
            others = sum(self.sectionSize(column) for column in self.shown if column != stretched)
            self.resizeSection(stretched, max(self.width() - others, LEAST_ELASTIC))
        self._laying_out = False

    # what the user does

    def give(self, column: int, width: int) -> None:
        """Give a column a fixed width."""
        self._by_hand.add(column)
        self.resizeSection(column, max(width, LEAST))
        self.lay_out()

    def show_column(self, column: int, shown: bool) -> None:
        """Show or hide a column; the last one stays."""
        if shown or self.shown != [column]:
            self.setSectionHidden(column, not shown)
            self.lay_out()
            self.edited.emit()

    def reset_columns(self) -> None:
        """Show all columns in their original order and width.

        Not named `reset`, because Qt calls that on each reset of the model.
        """
        self.restore("")
        self.edited.emit()

    def _resized(self, column: int, _old: int, width: int) -> None:
        if not self._laying_out and width:  # a hidden column has no width
            self._by_hand.add(column)
            self.lay_out()
            self.edited.emit()

    def _moved(self) -> None:
        if not self._laying_out:
            self.edited.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.choose_columns(event.globalPos())

    def choose_columns(self, at: QPoint) -> QMenu:
        """Open the menu of columns."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.shown
        for column, name in enumerate(self._names):
            action = QAction(name, menu, checkable=True, checked=column in shown)
            action.setEnabled(shown != [column])
            action.toggled.connect(lambda on, column=column: self.show_column(column, on))
            menu.addAction(action)
        menu.addSeparator()
        reset = QAction("Reset columns", menu)
        reset.triggered.connect(self.reset_columns)
        menu.addAction(reset)
        menu.popup(at)
        return menu

    # remembering

    def saved(self) -> str:
        """Order, hidden columns and widths set by hand, by the names of columns."""
        names = self._names
        order = [names[self.logicalIndex(at)] for at in range(self.count())]
        hidden = [name for column, name in enumerate(names) if self.isSectionHidden(column)]
        widths = {names[c]: self.sectionSize(c) for c in self._by_hand if not self.isSectionHidden(c)}
        known = self._restored
        absent = {name: width for name, width in known.get("widths", {}).items() if name not in names}
        hidden += [name for name in known.get("hidden", []) if name not in names]
        order += [name for name in known.get("order", []) if name not in names]
        self._restored = {"order": order, "hidden": hidden, "widths": {**absent, **widths}}
        return json.dumps(self._restored)

    def restore(self, text: str) -> None:
        """Arrange the columns as in `saved`; what cannot be read is ignored."""
        self._restored = _read(text)
        self.arrange()

    def arrange(self) -> None:
        """Arrange the columns as remembered; unknown ones keep their default place."""
        known, names = self._restored, self._names
        order = [name for name in known.get("order", []) if name in names]
        fresh = [name for name in names if name not in order]
        hidden = {name for name in known.get("hidden", []) if name in names}
        hidden |= {name for name in fresh if names.index(name) in self._columns.extra}
        self._laying_out = True
        for at, name in enumerate(self._placed(order, fresh)):
            self.moveSection(self.visualIndex(names.index(name)), at)
        for column, name in enumerate(names):
            self.setSectionHidden(column, name in hidden and len(hidden) < len(names))
        self._by_hand.clear()
        for name, width in known.get("widths", {}).items():
            if name in names and isinstance(width, int):
                self._by_hand.add(names.index(name))
                self.resizeSection(names.index(name), min(max(width, LEAST), 10_000))
        self.lay_out()

    def _placed(self, order: list[str], fresh: list[str]) -> list[str]:
        """All columns in order: new ones last, or after the column that they belong to."""
        placed, names = list(order), self._names
        for name in fresh:
            before = self._columns.behind(names.index(name))
            is_there = before >= 0 and names[before] in placed
            placed.insert(placed.index(names[before]) + 1 if is_there else len(placed), name)
        return placed


def _read(text: str) -> dict[str, Any]:
    """The valid part of `saved`."""
    try:
        known = json.loads(text or "{}")
    except ValueError:
        return {}
    kinds = {"order": list, "hidden": list, "widths": dict}
    pairs = cast("dict[str, Any]", known).items() if isinstance(known, dict) else ()
    return {key: value for key, value in pairs if key in kinds and isinstance(value, kinds[key])}
