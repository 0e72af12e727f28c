"""How a run looks in the list: its icon, name and date, and below what distinguishes it from others."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.kit import theme
from gui.kit.icons import icon
from gui.run.queue import Waiting
from gui.runs.model import ENTRY, LINE, OPEN, PART
from gui.runs.words import Entry, sign, when

Index = QModelIndex | QPersistentModelIndex
Part = tuple[float | None, float] | None
_PAD = 6
_BAR = 3
_SIGN = 16
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunDelegate(QStyledItemDelegate):
    """Draws a run in two lines."""

    @staticmethod
    def height(font: QFont) -> int:
        """The height of a row in this font."""
        return 2 * QFontMetrics(font).height() + 2 * _PAD

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, self.height(option.font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.colors()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colors.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colors.window))
        if index.data(OPEN):
            bar = QRect(option.rect.x(), option.rect.y(), _BAR, option.rect.height())
            painter.fillRect(bar, QColor(colors.accent))
        self._draw(painter, option, index)
        painter.restore()

    def _draw(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        run: Entry = index.data(ENTRY)
        part: Part = index.data(PART)
        colors = theme.colors()
        area = option.rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        line = area.height() // 2
        name, color = sign(run)
        place = QRect(area.x(), area.y() + (line - _SIGN) // 2, _SIGN, _SIGN)
        icon(name, color).paint(painter, place)
        if not isinstance(run, Waiting) and run.pinned:
            icon("pin", "muted").paint(painter, place.translated(0, line))
        text = area.adjusted(_SIGN + _PAD, 0, 0, 0)
        upper = QRect(text.x(), text.y(), text.width(), line)
        lower = QRect(text.x(), text.y() + line, text.width(), line)
        date = when(run.started, datetime.now()) if not isinstance(run, Waiting) else ""
        room = upper.width() - painter.fontMetrics().horizontalAdvance(date) - _PAD
        selected = option.state & QStyle.StateFlag.State_Selected
        painter.setPen(QColor(colors.text if selected else colors.muted))
        if room > upper.width() // 3:
            painter.drawText(upper, _RIGHT, date)
            upper.setWidth(room)
        _draw_elided(painter, lower, index.data(LINE))
        if part is not None:
            _draw_bar(painter, QRect(text.x(), option.rect.bottom() - _BAR, text.width(), _BAR), part)
        painter.setPen(QColor(colors.text))
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        _draw_elided(painter, upper, run.name)


def _draw_elided(painter: QPainter, area: QRect, text: str) -> None:
    fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, _LEFT, fitting)


def _draw_bar(painter: QPainter, area: QRect, part: tuple[float | None, float]) -> None:
    """The progress of a run, the failed part in red; if its length is unknown, that it is running."""
    colors = theme.colors()
    done, failed = part
    painter.fillRect(area, QColor(colors.border))
    if done is None:
        return
    width = round(area.width() * min(1.0, done))
    red = min(width, max(round(area.width() * failed), 2 if failed else 0))
    painter.fillRect(area.x(), area.y(), width - red, area.height(), QColor(colors.accent))
    painter.fillRect(area.x() + width - red, area.y(), red, area.height(), QColor(colors.problem))
