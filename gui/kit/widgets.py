"""Small widgets for all panes: text labels, a check box, styled properties, a wheel guard."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QTextEdit,
    QWidget,
)

from gui.kit.tips import plain_tip


class WheelGuard(QObject):
    """Leaves the wheel to the form, so that scrolling never changes a field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class Chip(QRadioButton):
    """One of a few alternatives, clickable as a whole."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setProperty("chip", True)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)


class ElidedCheckBox(QCheckBox):
    """A check box whose text is cut to its width. QCheckBox would widen what it is in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, self).width()
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        self.setText(text.replace("&", "&&"))


def text_label(role: str = "", *, selectable: bool = False) -> QLabel:
    """A label for text from elsewhere: plain, wrapped, in one of the style's roles."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if role:
        label.setProperty(role, True)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def restyle(widget: QWidget, name: str, value: bool | str) -> None:
    """Set a property that the style sheet uses, and apply it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class WrappedText(QTextEdit):
    """Plain text to read and copy, as high as it must be. QLabel cannot break a word longer than a line."""

    def __init__(self, name: str, role: str = "") -> None:
        """`name` is for screen readers, `role` is one of the style's."""
        super().__init__()
        self.setAccessibleName(name)
        if role:
            self.setProperty(role, True)
        self.setReadOnly(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def text(self) -> str:
        """The text shown."""
        return self.toPlainText()

    def setText(self, text: str) -> None:
        """Show another text."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def _fit(self, size: QSizeF) -> None:
        self.setFixedHeight(ceil(size.height()))


class ElidedLabel(QLabel):
    """One line of plain text, elided to its width; if it is cut, the tooltip has the whole text.

    QLabel lays out its window each time its text changes, and a tab widget above repaints its whole page.
    This one draws the text itself, and asks for a new layout only if its width matters.
    """

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        if role:
            self.setProperty(role, True)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            if self.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Ignored:
                self.updateGeometry()
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(plain_tip(self.text()) if self._cut() != self._line() else "")
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), self._cut())
        painter.end()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._line()) + 2, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def _line(self) -> str:
        return self.text().replace("\n", " ")

    def _cut(self) -> str:
        return self.fontMetrics().elidedText(self._line(), Qt.TextElideMode.ElideRight, self.width())
