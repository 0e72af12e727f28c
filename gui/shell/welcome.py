"""Shown instead of results before there are any: how to begin."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.kit import icons
from gui.kit.mark import Mark
from gui.kit.resources import examples
from gui.kit.widgets import text_label


class Welcome(QFrame):
    """Ways to begin for new users; a word about Run once there is a function."""

    open_asked = Signal()
    example_asked = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._mark = Mark(44)
        self.title = text_label("heading")
        self.text = text_label("muted")
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.begin = QWidget()
        ways = QVBoxLayout(self.begin)
        ways.setContentsMargins(0, 6, 0, 0)
        ways.setSpacing(4)
        self.open = QPushButton(icons.icon("open"), "Open a file…")
        self.open.clicked.connect(self.open_asked)
        ways.addWidget(self.open, 0, Qt.AlignmentFlag.AlignHCenter)
        if found := examples():
            ways.addSpacing(10)
            caption = QLabel("Or begin with an example:", alignment=Qt.AlignmentFlag.AlignCenter)
            caption.setProperty("muted", True)
            ways.addWidget(caption)
            for path in found:
                button = QPushButton(
                    icons.icon("function", "accent"), path.stem.replace("_", " ").capitalize()
                )
                button.setProperty("quiet", True)
                button.clicked.connect(lambda _on=False, path=path: self.example_asked.emit(path))
                ways.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        middle = QVBoxLayout()
        middle.setSpacing(6)
        middle.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.title, self.text, self.begin):
            middle.addWidget(widget)
        box = QVBoxLayout(self)
        box.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(middle, 6)
        row.addStretch(1)
        box.addLayout(row)
        box.addStretch(3)
        self.show_for(newcomer=True)

    def show_for(self, *, newcomer: bool, chosen: bool = False) -> None:
        """Show the text for somebody without a source, with a source but no function, or ready to run."""
        mark, title, text = _NEWCOMER if newcomer else _READY if chosen else _UNDECIDED
        self._mark.show_icon(mark, "accent")
        self.title.setText(title)
        self.text.setText(text)
        self.begin.setVisible(newcomer)


_NEWCOMER = (
    "drop",
    "Drop a Python file anywhere here",
    "Pick a function in it, say what to call it with, and it runs on every core.",
)
_UNDECIDED = ("function", "Choose a function", "Then say under Inputs what to call it with, and press Run.")
_READY = ("run", "Press Run, or F5", "Results and log appear here while the tasks run.")
