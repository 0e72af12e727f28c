"""Find as you type: the text, its options, the number of hits, and buttons for the next and previous one."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from engine.query.log import NO_PATTERN, LogPattern
from gui.kit.line_edit import ClearableEdit
from gui.kit.quiet import arrow_button, close_button, quiet_button
from gui.kit.widgets import restyle

_WAIT = 150
"""Milliseconds without typing before a search begins."""


def toggle(text: str, name: str, tip: str) -> QToolButton:
    """A small toggle button with two letters."""
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setProperty("quiet", True)
    return button


class HowMeant(QWidget):
    """How a text is matched: literally, as a whole word, as a regular expression, case-sensitively."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.case = toggle("Aa", "Match case", "Match case")
        self.word = toggle("W", "Whole words", "Whole words only")
        self.regex = toggle(".*", "Regular expression", "A Python regular expression")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.case, self.word, self.regex):
            button.toggled.connect(self.changed)
            row.addWidget(button)

    def pattern(self, text: str) -> LogPattern:
        """A text with its options, as a pattern."""
        return LogPattern(text, not self.regex.isChecked(), self.word.isChecked(), not self.case.isChecked())


class FindBar(QWidget):
    """Reports the search by `pattern_changed`, after a pause in typing."""

    pattern_changed = Signal(LogPattern)
    next_asked = Signal()
    previous_asked = Signal()
    stop_asked = Signal()
    list_asked = Signal()
    only_asked = Signal()
    """Show only records with a hit."""
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = ClearableEdit("Find")
        self.text.setAccessibleName("Find")
        self.how = HowMeant()
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setProperty("muted", True)
        self.list = quiet_button("List", "List the lines with a hit below the log (Ctrl+Shift+L)")
        self.list.setAccessibleName("List of hits")
        self.list.setCheckable(True)
        self.list.clicked.connect(self.list_asked)
        self._wait = QTimer(self, singleShot=True, interval=_WAIT)
        self._said = NO_PATTERN
        self._lay_out()
        self._wait.timeout.connect(self._say)
        self.text.textChanged.connect(self._wait.start)
        self.how.changed.connect(self._say)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        row.addWidget(self.text, 2)
        row.addWidget(self.how)
        back = arrow_button(Qt.ArrowType.UpArrow, "Previous hit", "Shift+F3")
        back.clicked.connect(self.previous_asked)
        row.addWidget(back)
        on = arrow_button(Qt.ArrowType.DownArrow, "Next hit", "F3")
        on.clicked.connect(self.next_asked)
        row.addWidget(on)
        row.addWidget(self.count, 1)
        row.addWidget(self.list)
        only = quiet_button("Filter", "Show only the records with a hit")
        only.setAccessibleName("Show only records with a hit")
        only.clicked.connect(self.only_asked)
        row.addWidget(only)
        close = close_button("Close the search", "Esc")
        close.clicked.connect(self.close_bar)
        row.addWidget(close)

    @property
    def pattern(self) -> LogPattern:
        """The pattern to search for."""
        text = self.text.text()
        return self.how.pattern(text) if text else NO_PATTERN

    def begin(self, text: str = "") -> None:
        """Let the user type; `text` is searched for at once."""
        self.show()
        if text:
            self.text.setText(text)
            self._say()
        self.text.setFocus()
        self.text.selectAll()

    def close_bar(self) -> None:
        """Close the bar and end the search."""
        self.hide()
        self._wait.stop()
        self.fault("")
        self._tell(NO_PATTERN)
        self.closed.emit()

    def _say(self) -> None:
        self._wait.stop()
        if self.isVisible():
            self._tell(self.pattern)

    def _tell(self, pattern: LogPattern) -> None:
        if pattern != self._said:
            self._said = pattern
            self.count.clear()
            self.fault("")
            self.pattern_changed.emit(pattern)

    def fault(self, text: str) -> None:
        """Show what is wrong with the text; an empty message clears it."""
        restyle(self.text, "fault", bool(text))
        self.text.setToolTip(text)
        if text:
            self.count.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.stop_asked.emit()
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._say()
            (self.previous_asked if back else self.next_asked).emit()
        else:
            super().keyPressEvent(event)
