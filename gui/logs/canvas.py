"""Draws the log: the scroll bar counts rows, and only visible rows are laid out and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from engine.query.log import LogPage
from gui.kit import theme
from gui.logs import inks
from gui.logs.gutter import PAD, Gutter
from gui.logs.layouts import Layouts, Line, Mark
from gui.logs.shown import TITLES, Columns, Row, Shown

MARGIN = 2
"""Screens of rows that are loaded above and below the visible one."""
_MOST = 2**31 - 1
_LONG = 3_000
"""Lines longer than this are loaded in parts, as they come near the screen."""


class Canvas(QAbstractScrollArea):
    """Rows of a log. It requests those near the screen through `wanted`, and gets them by `show_page`.

    If rows wrap, the screen begins `_hidden` lines within row `top`.
    """

    wanted = Signal()
    """More rows are needed, see `span`."""
    follow_changed = Signal(bool)
    scrolled = Signal()

    _shown = Shown()  # class attributes, because Qt reports fonts before __init__ has finished
    _layouts = Layouts()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._follow = True
        self.may_follow = True
        """Whether the view may stay at the end."""
        self._hidden = 0
        self._due: int | None = None
        """The row to scroll to once it is loaded."""
        self._widest = 0.0
        self._layouts = Layouts()
        self._columns = Columns()
        self._in_columns = False
        self._wrapped = False
        self.beside = Gutter()
        self.setAccessibleName("Log")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setFont(theme.monospace())
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().actionTriggered.connect(self._moved_by_hand)
        self.horizontalScrollBar().valueChanged.connect(self._ask_if_short)

    # content

    @property
    def total(self) -> int:
        """Rows known so far."""
        return self._shown.page.total

    @property
    def shown(self) -> Shown:
        """The loaded rows."""
        return self._shown

    @property
    def follow(self) -> bool:
        """Whether the view stays at the end of the file."""
        return self._follow

    @property
    def top(self) -> int:
        """The row at the top of the screen."""
        return self.verticalScrollBar().value()

    @property
    def page(self) -> int:
        """Whole lines that fit on the screen, at least one."""
        return max((self.viewport().height() - self._head) // self._line_height(), 1)

    @property
    def wrapped(self) -> bool:
        """Whether long lines wrap."""
        return self._wrapped

    @property
    def in_columns(self) -> bool:
        """Whether records are shown in columns."""
        return self._in_columns

    def span(self) -> tuple[int, int, bool, int]:
        """The rows to read: first, count, whether they are the last ones, and from which character on."""
        margin = MARGIN * self.page
        return max(self.top - margin, 0), 2 * margin + self.page + 1, self._follow, self._left()

    def _left(self) -> int:
        """The number of characters before the loaded part of each line."""
        across = int(self.horizontalScrollBar().value() / self._char())
        return 0 if self._wrapped or across < _LONG else across // 1_000 * 1_000 - 1_000

    def clear(self) -> None:
        """Show no file."""
        self._widest = 0
        self._hidden = 0
        self._due = None
        self._columns = Columns()
        self._shown = Shown()
        self._set_bars()
        self.viewport().update()
        self.set_follow(True)

    def show_page(self, page: LogPage) -> None:
        """Show what has been read."""
        if page.generation != self._shown.page.generation:
            self._forget()
        self._columns.see(page)
        self._shown = Shown(page, self._columns if self._in_columns else None)
        self._widest = max([self._widest, *(self._width(n) for n in range(len(page.texts)))])
        self._set_bars()
        if self._follow:
            self._go_to_end()
        elif self._due is not None and self._due < self.total:
            self.show_row(self._due)
        self._ask_if_short()
        self.viewport().update()

    def _forget(self) -> None:
        """Another file is shown."""
        self._widest = 0
        self._columns = Columns()

    def _width(self, n: int) -> float:
        """The width of a line in characters."""
        text, size = self._shown.page.texts[n], self._shown.sizes[n]
        if self._in_columns:
            cells = self._shown.page.cells[n]
            size = self._columns.indent + (len(cells[-1]) if cells and size == len(text) else size)
        if text.isascii() or size > len(text):
            return size * self._char()
        return QFontMetricsF(self.font()).horizontalAdvance(text)

    def line(self, row: int) -> str | None:
        """A loaded line, laid out."""
        found = self._shown.row(row)
        return found.text if found else None

    # appearance

    def set_wrapped(self, wrapped: bool) -> None:
        """Wrap long lines, or not."""
        self._wrapped = wrapped
        self._hidden = 0
        self._set_bars()
        self.set_follow(self._follow)
        self._ask_if_short()
        self.viewport().update()

    def set_columns(self, in_columns: bool) -> None:
        """Show record fields in columns, or lines as they are."""
        self._in_columns = in_columns
        self._widest = 0
        self.show_page(self._shown.page)

    # moving

    def set_follow(self, follow: bool) -> None:
        """Stay at the end from now on, or not."""
        follow = follow and self.may_follow
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)
        if follow:
            self._go_to_end()

    def _go_to_end(self) -> None:
        row, hidden = self._end()
        self.verticalScrollBar().setValue(row)
        self._hidden = hidden

    def _end(self) -> tuple[int, int]:
        """The scroll position with the last row at the bottom: the top row and its number of hidden lines."""
        if not self._wrapped:
            return self.verticalScrollBar().maximum(), 0
        left = self.page
        for row in range(self.total - 1, -1, -1):
            laid = self._laid(row)
            lines = laid.lines if laid else 1
            if lines >= left:
                return row, lines - left
            left -= lines
        return 0, 0

    def show_row(self, row: int) -> None:
        """Scroll to a row, not at the edge; if it is not loaded yet, as soon as it is."""
        self.set_follow(False)
        self._due = row if row >= self.total else None
        bottom = self.top + self.page - (1 if not self._wrapped else self.page // 2)
        if not self.top <= row < bottom:
            self._hidden = 0
            self.verticalScrollBar().setValue(max(row - self.page // 3, 0))
        self._ask_if_short()
        self.viewport().update()

    def _move_lines(self, lines: int) -> None:
        """Scroll by lines on the screen."""
        bar = self.verticalScrollBar()
        if not self._wrapped:
            bar.setValue(bar.value() + lines)
            return
        row, hidden = self.top, self._hidden + lines
        while hidden < 0 and row > 0:
            row -= 1
            hidden += self._lines_of(row)
        while row < self.total - 1 and hidden >= self._lines_of(row):
            hidden -= self._lines_of(row)
            row += 1
        row, hidden = min((row, max(hidden, 0)), self._end())
        bar.setValue(row)
        self._hidden = hidden
        self.viewport().update()

    def _lines_of(self, row: int) -> int:
        laid = self._laid(row) if self._wrapped else None
        return laid.lines if laid else 1

    def _set_bars(self) -> None:
        vertical, across = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setPageStep(self.page)
        most = self._end()[0] if self._wrapped else max(self.total - self.page, 0)
        vertical.setRange(0, min(most, _MOST))
        room = self._room()
        across.setPageStep(max(room, 1))
        across.setSingleStep(int(self._char() * 4))
        across.setRange(0, 0 if self._wrapped else min(max(int(self._widest) + PAD - room, 0), _MOST))

    def _ask_if_short(self) -> None:
        """Request rows if less than half a screen of them is loaded above or below."""
        spare = self.page // 2
        first, last = max(self.top - spare, 0), min(self.top + self.page + spare, self.total)
        if first < self._shown.first or last > self._shown.end or self._left() != self._shown.page.left:
            self.wanted.emit()
        self.viewport().update()

    def _scrolled(self) -> None:
        self._hidden = 0
        self._ask_if_short()
        self.scrolled.emit()

    def _moved_by_hand(self) -> None:
        bar = self.verticalScrollBar()
        at = (bar.sliderPosition(), self._hidden)
        self.set_follow(at >= self._end() if self._wrapped else bar.sliderPosition() >= bar.maximum())

    # drawing

    def rows_on_screen(self) -> Iterator[tuple[int, int, int]]:
        """Each visible row: its top, and how many lines it takes."""
        height = self._line_height()
        y, row = self._head - self._hidden * height, self.top
        while y < self.viewport().height() and row < self.total:
            lines = self._lines_of(row)
            yield row, y, lines
            y += lines * height
            row += 1

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        gutter, width = self.gutter(), self.viewport().width()
        if self.total:
            strip = QRect(0, 0, gutter, self.viewport().height())
            painter.fillRect(strip, self.palette().color(QPalette.ColorRole.AlternateBase))
        height = self._line_height()
        rows = list(self.rows_on_screen())
        for row, y, _ in rows:
            self.beside.draw(painter, self._shown, row, QRect(0, y, gutter, height))
        painter.setClipRect(gutter, 0, width - gutter, self.viewport().height())
        for row, y, lines in rows:
            self._draw_row(painter, row, QRect(gutter, y, width - gutter, lines * height))
        painter.setClipping(False)
        if self._head:
            self._draw_head(painter, gutter)
        painter.end()

    def _draw_head(self, painter: QPainter, gutter: int) -> None:
        at = QRect(0, 0, self.viewport().width(), self._head)
        painter.fillRect(at, self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.setPen(QColor(theme.colors().border))
        painter.drawLine(at.bottomLeft(), at.bottomRight())
        painter.setPen(QColor(theme.colors().muted))
        painter.setClipRect(at.adjusted(gutter, 0, 0, 0))
        x = gutter + PAD - self.horizontalScrollBar().value()
        painter.drawText(x, painter.fontMetrics().ascent() + 2, self._columns.line(TITLES))

    def _draw_row(self, painter: QPainter, number: int, at: QRect) -> None:
        row = self._shown.row(number)
        self._draw_behind(painter, number, at)
        if row is not None and (laid := self._laid(number)):
            painter.setPen(inks.of_level(row.level))
            laid.draw(painter, QPointF(self._text_x(laid), at.y()), self._marks(number, row))

    def _draw_behind(self, painter: QPainter, number: int, at: QRect) -> None:
        """Draw the background of a row."""

    def _marks(self, number: int, row: Row) -> Sequence[Mark]:
        """The parts of a row that are highlighted."""
        return ()

    # measures

    @property
    def _head(self) -> int:
        """The height of the column titles."""
        return self._line_height() + 2 if self._in_columns and self._columns.any else 0

    def _text_x(self, laid: Line) -> float:
        skipped = (laid.start + self._shown.page.left) * self._char()
        return self.gutter() + PAD - self.horizontalScrollBar().value() + skipped

    def _laid(self, number: int) -> Line | None:
        row = self._shown.row(number)
        if row is None:
            return None
        near = int(self.horizontalScrollBar().value() / self._char()) - row.left
        return self._layouts.of(row, self.font(), float(self._room()) if self._wrapped else None, near)

    def _line_height(self) -> int:
        return self._layouts.of_font(self.font()).line_height

    def _char(self) -> float:
        """The width of a character, if all have the same width."""
        return self._layouts.of_font(self.font()).char

    def _room(self) -> int:
        """The width available for text."""
        return max(self.viewport().width() - self.gutter() - 2 * PAD, 40)

    def gutter(self) -> int:
        """The width of the gutter."""
        return self.beside.width(self._highest(), self._char())

    def _highest(self) -> int:
        """The highest line number that may be shown."""
        numbers = self._shown.numbers
        return max(self.total, numbers[-1] + 1 if numbers else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_bars()
        self.set_follow(self._follow)
        self._ask_if_short()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if event.type() in kinds:
            self._layouts.clear()
        if event.type() == QEvent.Type.FontChange:
            self._widest = 0
            self.show_page(self._shown.page)

    def set_size(self, size: float) -> None:
        """Draw the text in this size."""
        font = QFont(self.font())
        font.setPointSizeF(size)
        self.setFont(font)
