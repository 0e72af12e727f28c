"""The sentence in a view that is empty."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QLabel


class EmptyNote(QLabel):
    """A quiet sentence in the middle of a scroll area; hidden if it is empty."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setMargin(24)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._follows = False
        self.hide()

    def say(self, text: str) -> None:
        """Show this sentence, or none."""
        if text == self.text() and self.isHidden() == (not text):
            return
        self.setText(text)
        self.setVisible(bool(text))
        if text:
            self._follow()

    def _follow(self) -> None:
        """Cover the viewport."""
        if not self._follows:
            self._follows = True
            self._area.viewport().installEventFilter(self)
        self.setGeometry(self._area.viewport().geometry())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.setGeometry(self._area.viewport().geometry())
        return super().eventFilter(watched, event)
