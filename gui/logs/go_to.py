"""Go to a line, a time, or a part of the log."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.kit.line_edit import ClearableEdit
from gui.kit.widgets import restyle


class GoTo(QWidget):
    """One field for everything: 1200, 50%, 11:58, 2024-03-10T11:58, -10m."""

    line_asked = Signal(int)
    """A line, counted from 1."""
    share_asked = Signal(float)
    time_asked = Signal(str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = ClearableEdit("Line, 50 %, or a time")
        self.text.setAccessibleName("Go to")
        self._said = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._said.setProperty("muted", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.addWidget(self.text, 1)
        row.addWidget(self._said, 2)
        self.text.returnPressed.connect(self._go)
        self.hide()

    def begin(self) -> None:
        """Let the user type."""
        self.fault("")
        self._said.setText("1200 is a line; 50% a part; 11:58, 2024-03-10T11:58 and -10m are times")
        self.show()
        self.text.setFocus()
        self.text.selectAll()

    def fault(self, text: str) -> None:
        """Say why there is no such place."""
        restyle(self.text, "fault", bool(text))
        self._said.setText(text)

    def _go(self) -> None:
        text = self.text.text().strip()
        number = text.replace(",", "").replace("_", "")
        if number.isdecimal() and len(number) < 16:
            self.line_asked.emit(int(number))
        elif found := re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", text):
            self.share_asked.emit(min(float(found[1]) / 100, 1.0))
        elif text:
            self.time_asked.emit(text)

    def close_bar(self) -> None:
        """Close the bar without going anywhere."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)
