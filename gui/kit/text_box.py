"""A read-only box of text: selectable, bounded, in the fixed-width font."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from gui.kit import theme

TEXT_LIMIT = 200_000
"""Characters of a text that are shown."""


class TextBox(QPlainTextEdit):
    """A text that can be read, selected and copied."""

    def __init__(self, name: str, lines: int) -> None:
        super().__init__()
        self._text = ""
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(theme.monospace())
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._height = QFontMetrics(self.font()).lineSpacing() * lines + 10
        self.setMinimumHeight(self._height)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height)

    def clear(self) -> None:
        """Show no text."""
        self._text = ""
        super().clear()

    def show_text(self, text: str) -> None:
        """Show a text, cut if it is too long to be read here."""
        if text == self._text:  # keep the selection
            return
        self._text = text
        left = len(text) - TEXT_LIMIT
        self.setPlainText(text if left <= 0 else f"{text[:TEXT_LIMIT]}\n… {left:,} more characters")
