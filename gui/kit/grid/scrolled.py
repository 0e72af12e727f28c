"""Rows of equal height below a header: where they are, and how they scroll, for any number of rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QPalette, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QApplication, QFrame, QWidget

from gui.kit.grid.header import GridHeader
from gui.kit.grid.model import GridModel
from gui.kit.grid.painter import CellPainter
from gui.kit.grid.scroll import Scroll

_LOOKS = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)
_NOTCH = 120
"""What Qt reports for one notch of a wheel."""
_Action = QAbstractSlider.SliderAction


class ScrolledRows(QAbstractScrollArea):
    """Knows which rows of a GridModel are visible. `settle` brings it up to date with its model."""

    _is_made = False  # class attributes, because Qt reports fonts before __init__ has finished

    def __init__(self, model: GridModel, elastic: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._cells = CellPainter(model, self)
        self.header = GridHeader(model, elastic, self)
        self._scroll = Scroll()
        self._wheel = 0
        self._is_settling = False
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self.settle)
        self._is_made = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._bar_moved)
        bar.actionTriggered.connect(self._bar_stepped)
        self.horizontalScrollBar().valueChanged.connect(self._moved_across)
        header = self.header
        for changed in (header.sectionResized, header.sectionMoved, header.geometriesChanged, header.edited):
            changed.connect(lambda *_: self._settle.start())

    # geometry

    @property
    def row_height(self) -> int:
        """Pixels of a row."""
        return self._cells.row_height

    @property
    def top(self) -> int:
        """The row at the upper edge."""
        return self._scroll.y // self.row_height

    @property
    def position(self) -> int:
        """The scroll position in pixels."""
        return self._scroll.y

    @property
    def page(self) -> int:
        """Whole rows that fit on the screen, at least one."""
        return max(self.viewport().height() // self.row_height, 1)

    def row_at(self, y: int) -> int:
        """The row at a height in the viewport; -1 if there is none."""
        row = (self._scroll.y + y) // self.row_height
        return row if 0 <= row < self.model.total else -1

    def cell_rect(self, row: int, column: int) -> QRect:
        """Where a cell is painted in the viewport; an off-screen rectangle if it is not visible."""
        y = max(min(row * self.row_height - self._scroll.y, 2**30), -(2**30))
        x = self.header.sectionViewportPosition(column)
        return QRect(x, y, self.header.sectionSize(column), self.row_height)

    def settle(self) -> None:
        """Bring bars, header and screen up to date with the model."""
        self._settle.stop()
        view = self.viewport().size()
        self._scroll.measure(self.model.total * self.row_height, view.height())
        self._is_settling = True  # the position is more precise than the bar's value
        bar = self.verticalScrollBar()
        bar.setSingleStep(self.row_height)
        bar.setPageStep(max(view.height() - self.row_height, 1))
        bar.setRange(0, self._scroll.units)
        bar.setValue(self._scroll.unit)
        self._is_settling = False
        across = self.horizontalScrollBar()
        across.setSingleStep(4 * self.row_height)
        across.setPageStep(view.width())
        across.setRange(0, max(self.header.length() - view.width(), 0))
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = self.header.sizeHint().height()
        self.setViewportMargins(0, height, 0, 0)
        view = self.viewport().geometry()
        self.header.setGeometry(view.left(), view.top() - height, view.width(), height)
        self.header.lay_out()
        if self._is_settling:  # a bar appeared or disappeared
            self._settle.start()
        else:
            self.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and self._is_made:
            self.dress()
            self._settle.start()

    def dress(self) -> None:
        """Colours or font may have changed."""
        self._cells.dress()

    # scrolling

    def _bar_moved(self, value: int) -> None:
        if not self._is_settling:
            self._scroll.move_bar(value)
            self.viewport().update()

    def _moved_across(self, value: int) -> None:
        self.header.setOffset(value)
        self.viewport().update()

    def _bar_stepped(self, action: int) -> None:
        """Scroll by a number of rows, even if one unit of the bar is many rows."""
        bar = self.verticalScrollBar()
        steps = {
            _Action.SliderSingleStepAdd.value: bar.singleStep(),
            _Action.SliderSingleStepSub.value: -bar.singleStep(),
            _Action.SliderPageStepAdd.value: bar.pageStep(),
            _Action.SliderPageStepSub.value: -bar.pageStep(),
        }
        if action in steps:
            self._scroll.move(self._scroll.y + steps[action])
            bar.setSliderPosition(self._scroll.unit)
            self.viewport().update()

    def scroll_to(self, y: int) -> None:
        """Go to a position in pixels."""
        self._scroll.move(y)
        self.verticalScrollBar().setValue(self._scroll.unit)
        self.viewport().update()

    def show_row(self, row: int, *, centred: bool = False) -> None:
        """Scroll as little as possible to show a row; if it is far away, centre it."""
        self.settle()
        upper, height = row * self.row_height, self.viewport().height()
        seen = self._scroll.y <= upper and upper + self.row_height <= self._scroll.y + height
        if centred and not seen:
            self.scroll_to(upper - (height - self.row_height) // 2)
        elif not seen:
            self.scroll_to(max(min(self._scroll.y, upper), upper + self.row_height - height))

    def show_column(self, column: int) -> None:
        """Scroll as little as possible to show a column."""
        left, bar = self.header.sectionPosition(column), self.horizontalScrollBar()
        right = left + self.header.sectionSize(column)
        bar.setValue(min(max(bar.value(), right - self.viewport().width()), left))

    def wheelEvent(self, event: QWheelEvent) -> None:
        across = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        if across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
            return
        if not event.pixelDelta().isNull():
            pixels = event.pixelDelta().y()
        else:
            self._wheel += event.angleDelta().y() * QApplication.wheelScrollLines() * self.row_height
            pixels = int(self._wheel / _NOTCH)
            self._wheel -= pixels * _NOTCH
        self.scroll_to(self._scroll.y - pixels)
        event.accept()
