"""A line of text with a clear button."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit


class ClearableEdit(QLineEdit):
    """A `QLineEdit` whose clear button has an accessible name; Qt gives it none."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholderText=placeholder, clearButtonEnabled=True)
        for action in self.findChildren(QAction):
            action.setText("Clear")
