"""A small editor for Python source: line numbers, highlighting, and the line of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from gui.kit import theme

if TYPE_CHECKING:
    from gui.form.highlighter import Highlighter


class _Margin(QWidget):
    """The strip with the line numbers."""

    def __init__(self, editor: SourceEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_margin(event)


class SourceEditor(QPlainTextEdit):
    """Edits Python source. Tab indents by four, or leaves the field if it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("code")
        self.setFont(theme.monospace())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.setMinimumHeight(9 * self.fontMetrics().lineSpacing())
        self._fault = 0
        self._margin = _Margin(self)
        self._highlighter: Highlighter | None = None
        self.textChanged.connect(self._colour)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scroll_margin)
        self._make_room()

    def share(self, other: SourceEditor) -> None:
        """Share the text of another editor, which must live longer than this one."""
        self.textChanged.disconnect(self._colour)
        place = other.textCursor().position()
        self.setDocument(other.document())
        self.mark(other.marked)
        cursor = self.textCursor()
        cursor.setPosition(place)
        self.setTextCursor(cursor)
        self._make_room()

    def mark(self, line: int) -> None:
        """Mark `line` (counted from 1) as faulty; 0 marks none."""
        self._fault = line
        marks: list[QTextEdit.ExtraSelection] = []
        block = self.document().findBlockByNumber(line - 1) if line else None
        if block is not None and block.isValid():
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(block)
            shape = QTextCharFormat()
            shape.setBackground(QColor(theme.colors().problem_back))
            shape.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.format = shape
            marks.append(mark)
        self.setExtraSelections(marks)
        self._margin.update()

    @property
    def marked(self) -> int:
        """The line that is marked as faulty, 0 for none."""
        return self._fault

    def margin_width(self) -> int:
        """The width that the largest line number needs."""
        digits = max(2, len(str(self.blockCount())))
        return 12 + digits * self.fontMetrics().horizontalAdvance("9")

    def paint_margin(self, event: QPaintEvent) -> None:
        """Draw the line numbers that are in view."""
        colors = theme.colors()
        painter = QPainter(self._margin)
        painter.setFont(self.font())
        painter.fillRect(event.rect(), QColor(colors.window))
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            number = block.blockNumber() + 1
            painter.setPen(QColor(colors.problem if number == self._fault else colors.muted))
            area = QRect(0, round(top), self._margin.width() - 6, self.fontMetrics().height())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight, str(number))
            top += self.blockBoundingRect(block).height()
            block = block.next()
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._margin.setGeometry(QRect(area.left(), area.top(), self.margin_width(), area.height()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            if self._highlighter is not None:
                self._highlighter.rehighlight()
            self.mark(self._fault)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        if event.key() == Qt.Key.Key_Tab and self.toPlainText() and not event.modifiers():
            cursor.insertText(" " * (4 - len(before) % 4))
        elif event.key() == Qt.Key.Key_Return and not event.modifiers():
            indent = before[: len(before) - len(before.lstrip())]
            cursor.insertText("\n" + indent + ("    " if before.rstrip().endswith(":") else ""))
            self.ensureCursorVisible()
        elif (
            event.key() == Qt.Key.Key_Backspace
            and before
            and not before.strip()
            and not cursor.hasSelection()
        ):
            for _ in range((len(before) - 1) % 4 + 1):
                cursor.deletePreviousChar()
        elif event.key() == Qt.Key.Key_Escape:
            self.window().focusNextChild()
        else:
            super().keyPressEvent(event)

    def _colour(self) -> None:
        """Highlight the first text; from then on, the highlighter follows changes."""
        if self.document().isEmpty():
            return
        from gui.form.highlighter import Highlighter

        self.textChanged.disconnect(self._colour)
        self._highlighter = Highlighter(self)
        self._highlighter.rehighlight()

    def _make_room(self) -> None:
        self.setViewportMargins(self.margin_width() + 2, 0, 0, 0)

    def _scroll_margin(self, area: QRect, moved: int) -> None:
        if moved:
            self._margin.scroll(0, moved)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())
