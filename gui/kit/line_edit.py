"""A line of text with a button that clears it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit


class ClearableEdit(QLineEdit):
    """A `QLineEdit` whose clear button has a name; Qt gives it none."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholderText=placeholder, clearButtonEnabled=True)
        for action in self.findChildren(QAction):
            action.setText("Clear")
