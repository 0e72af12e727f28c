"""Draws the cells of a painted table, a column at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.kit import theme
from gui.kit.columns import Cell
from gui.kit.grid.cutting import Cutter
from gui.kit.grid.model import GridModel

PAD = 8
"""Padding at either side of a cell."""
_HOVER = 70
"""How much of the selection colour the row under the mouse gets, of 255."""


class CellPainter:
    """Draws with the theme's colours and the widget's font; selected texts keep their colours."""

    def __init__(self, model: GridModel, widget: QWidget) -> None:
        self._model = model
        self._widget = widget
        self.dress()

    def dress(self) -> None:
        """Colours or font may have changed."""
        self._inks: dict[str, QColor] = {}
        self._pixmaps: dict[int, QPixmap] = {}
        self._fonts = {False: self._widget.font(), True: theme.monospace()}
        self._cutters = {mono: Cutter(font) for mono, font in self._fonts.items()}
        metrics = [QFontMetrics(font) for font in self._fonts.values()]
        self.row_height = max(each.height() for each in metrics) + 6
        self._side = metrics[0].height()
        self._baselines = {
            mono: (self.row_height - each.height()) // 2 + each.ascent()
            for mono, each in zip(self._fonts, metrics, strict=True)
        }

    def color(self, name: str) -> QColor:
        """A colour of the theme, or `zebra` or `hover`."""
        found = self._inks.get(name)
        if found is None:
            found = QColor(getattr(theme.colors(), {"zebra": "raised", "hover": "selection"}.get(name, name)))
            if name == "hover":
                found.setAlpha(_HOVER)
            self._inks[name] = found
        return found

    def draw_column(self, painter: QPainter, column: int, left: int, width: int, rows: Drawn) -> None:
        """Draw the cells of a column between `left` and `left + width`."""
        is_mono = column in self._model.monospace
        is_right = column in self._model.right
        painter.setFont(self._fonts[is_mono])
        cutter, baseline = self._cutters[is_mono], self._baselines[is_mono]
        ink = ""
        for y, cells in rows:
            text, own_ink, icon = cells[column]
            x, room = left + PAD, width - 2 * PAD
            if icon is not None:
                painter.drawPixmap(x, y + (self.row_height - self._side) // 2, self._pixmap(icon))
                x, room = x + self._side + PAD, room - self._side - PAD
            if text and room > 0:
                if own_ink != ink:
                    ink = own_ink
                    painter.setPen(self.color(ink))
                shown = cutter.cut(text, room)
                if is_right:
                    x += room - cutter.width(shown)
                painter.drawText(x, y + baseline, shown)

    def width(self, column: int, cell: Cell) -> int:
        """The width that a cell needs to be seen whole."""
        icon = self._side + PAD if cell.icon is not None else 0
        return self._cutters[column in self._model.monospace].width(cell.text) + icon + 2 * PAD + 2

    def text_width(self, column: int, text: str) -> int:
        """The width that a column leaves for text."""
        return self.width(column, Cell(text))

    def _pixmap(self, icon: QIcon) -> QPixmap:
        key = icon.cacheKey()
        found = self._pixmaps.get(key)
        if found is None:
            size = QSize(self._side, self._side)
            found = self._pixmaps[key] = icon.pixmap(size, self._widget.devicePixelRatioF())
        return found


Drawn = Sequence[tuple[int, Sequence[Cell]]]
"""Rows as their upper edge and their cells."""
