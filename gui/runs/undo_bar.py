"""The line below the list that says what was trashed, and offers to undo it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from gui.kit.quiet import close_button
from gui.kit.widgets import ElidedLabel


class UndoBar(QFrame):
    """One line, shown until it is closed, used or replaced."""

    undone = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("elsewhere")
        self.text = ElidedLabel()
        self.button = QPushButton("&Undo")
        self.button.setProperty("quiet", True)
        close = close_button("Close this message")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        row.addWidget(close)
        self.button.clicked.connect(self.undone)
        close.clicked.connect(self.hide)
        self.hide()

    def offer(self, what: str, *, can_undo: bool) -> None:
        """Show what was done."""
        self.text.setText(what)
        self.button.setVisible(can_undo)
        self.show()
