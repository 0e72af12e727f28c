"""Find in the source of a function: the text, the number of hits, and buttons for the next and previous."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from gui.kit.line_edit import ClearableEdit
from gui.kit.quiet import arrow_button, close_button
from gui.kit.widgets import restyle


class FindBar(QWidget):
    """Finds a text in an editor as it is typed, without regard to case."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__()
        self._editor = editor
        self.text = ClearableEdit("Find")
        self.text.setAccessibleName("Find in the source")
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setProperty("muted", True)
        back = arrow_button(Qt.ArrowType.UpArrow, "Previous hit", "Shift+F3")
        on = arrow_button(Qt.ArrowType.DownArrow, "Next hit", "F3")
        close = close_button("Close the search", "Esc")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        for widget in (back, on, self.count, close):
            row.addWidget(widget)
        self.text.textChanged.connect(self._typed)
        back.clicked.connect(self.previous)
        on.clicked.connect(self.next)
        close.clicked.connect(self.close_bar)
        self.hide()

    def begin(self) -> None:
        """Let the user type; begin with the selection if it is within a line."""
        selected = self._editor.textCursor().selectedText()
        self.show()
        if selected and "\u2029" not in selected:
            self.text.setText(selected)  # which counts its hits
        self.text.setFocus()
        self.text.selectAll()

    def next(self) -> None:
        """Select the next hit; after the last comes the first."""
        self._go(self._editor.textCursor())

    def previous(self) -> None:
        """Select the previous hit; before the first comes the last."""
        self._go(self._editor.textCursor(), back=True)

    def close_bar(self) -> None:
        """Close the bar; the hit stays selected."""
        self.hide()
        self._editor.setFocus()

    def _typed(self) -> None:
        """Stay at the hit while it is typed on."""
        cursor = self._editor.textCursor()
        cursor.setPosition(cursor.selectionStart())
        if self.text.text():
            self._go(cursor)
        else:
            self._tell("")

    def _go(self, cursor: QTextCursor, *, back: bool = False) -> None:
        """Select the first hit from a place on."""
        document, text = self._editor.document(), self.text.text()
        if not text:
            self.begin()
            return
        flag = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        found = document.find(text, cursor, flag)
        if found.isNull():
            around = QTextCursor(document)
            if back:
                around.movePosition(QTextCursor.MoveOperation.End)
            found = document.find(text, around, flag)
        if found.isNull():
            self._tell("Not found", is_fault=True)
            return
        self._editor.setTextCursor(found)
        hits = self._hits(text)
        self._tell(f"{hits.index(found.selectionStart()) + 1:,} of {len(hits):,}")

    def _hits(self, text: str) -> list[int]:
        """Where all hits begin."""
        document = self._editor.document()
        found, places = document.find(text, 0), list[int]()
        while not found.isNull():
            places.append(found.selectionStart())
            found = document.find(text, found)
        return places

    def _tell(self, said: str, *, is_fault: bool = False) -> None:
        self.count.setText(said)
        restyle(self.text, "fault", is_fault)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.previous if back else self.next)()
        else:
            super().keyPressEvent(event)
