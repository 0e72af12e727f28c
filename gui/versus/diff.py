"""Differences in code, with coloured lines."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit

from gui.kit import theme


class DiffText(QPlainTextEdit):
    """Shows a unified diff, for reading and copying."""

    def __init__(self) -> None:
        super().__init__(readOnly=True)
        self.setAccessibleName("Differences of the code")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(theme.monospace())
        self._inks = _Inks(self.document())


class _Inks(QSyntaxHighlighter):
    """Colours of removed and added lines, and of their positions. The signs say the same without colours."""

    def highlightBlock(self, text: str) -> None:
        colors = theme.colors()
        ink = QTextCharFormat()
        if text.startswith(("---", "+++", "@@")):
            ink.setForeground(QColor(colors.muted))
            ink.setFontWeight(QFont.Weight.DemiBold)
        elif text.startswith("-"):
            ink.setForeground(QColor(colors.problem))
        elif text.startswith("+"):
            ink.setForeground(QColor(colors.good))
        self.setFormat(0, len(text), ink)
