"""A combo box that is no wider than it must be."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

LETTERS = 8
"""Letters that fit in it at the least; what is longer is cut."""
_GAP = 4
"""Pixels between icon and text."""


class ComboBox(QComboBox):
    """As wide as `LETTERS` and an icon, whatever it lists.

    Qt can do the same (`AdjustToMinimumContentsLengthWithIcon`), but makes the list of choices to find out
    how wide that is: nine widgets for each box, before anybody opens it.
    """

    def sizeHint(self) -> QSize:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text, icon = self.fontMetrics(), self.iconSize()
        width = LETTERS * text.horizontalAdvance("X") + icon.width() + _GAP
        height = max(math.ceil(text.height()), 14, icon.height()) + 2
        return self.style().sizeFromContents(
            QStyle.ContentsType.CT_ComboBox, option, QSize(width, height), self
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
