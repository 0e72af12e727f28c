"""Highlights Python source. Pygments takes a while to load, so this is imported with the first source."""

from __future__ import annotations

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit

from gui.kit import theme

LONGEST = 100_000
"""Characters up to which source is highlighted."""
STYLES = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Decorator, "keyword"),
    (Name.Function, "accent"),
    (Name.Class, "accent"),
)


class Highlighter(QSyntaxHighlighter):
    """Highlights a document with Pygments, which reads the whole document once for each revision."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._lexer = PythonLexer(stripnl=False, ensurenl=False)
        self._stale = True
        self._lines: list[list[tuple[int, int, str]]] = []
        self._open: list[bool] = []
        editor.document().contentsChange.connect(self._forget)  # before Qt asks about the changed lines
        self.setDocument(editor.document())

    def _forget(self) -> None:
        self._stale = True

    def highlightBlock(self, text: str) -> None:
        if self._stale:
            self._read()
        line = self.currentBlock().blockNumber()
        if line >= len(self._lines):
            return
        colors = theme.colors()
        for start, length, role in self._lines[line]:
            shape = QTextCharFormat()
            shape.setForeground(QColor(getattr(colors, role)))
            self.setFormat(start, length, shape)
        self.setCurrentBlockState(int(self._open[line]))

    def _read(self) -> None:
        """Distribute the tokens over the lines; a line whose last token continues is marked as open."""
        self._stale = False
        self._lines, self._open = [[]], [False]
        text = self.document().toPlainText()
        if len(text) > LONGEST:
            return
        column = 0
        for kind, value in self._lexer.get_tokens(text):
            role = next((role for group, role in STYLES if kind in group), "")
            for nth, part in enumerate(value.split("\n")):
                if nth:
                    self._open[-1] = kind in String
                    self._lines.append([])
                    self._open.append(False)
                    column = 0
                if part:
                    units = len(part.encode("utf-16-le", "surrogatepass")) // 2
                    if role:
                        self._lines[-1].append((column, units, role))
                    column += units
