"""The highlighted texts as a list: their colours, how they are meant, and further ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.kit.line_edit import ClearableEdit
from gui.kit.quiet import close_button
from gui.kit.widgets import WheelGuard
from gui.logs import inks
from gui.logs.find_bar import toggle
from gui.logs.highlights import Highlight, free_color

_SWATCH = QSize(28, 14)


class _Line(QWidget):
    """One highlighted text."""

    changed = Signal()

    def __init__(self, shown: Highlight) -> None:
        super().__init__()
        self.color = QComboBox()
        self.color.setAccessibleName("Colour")
        self.color.setIconSize(_SWATCH)
        for n, (name, *_) in enumerate(inks.HIGHLIGHTS):
            swatch = QPixmap(_SWATCH)
            swatch.fill(inks.highlight(n))
            self.color.addItem(QIcon(swatch), name)
        self.color.setCurrentIndex(shown.color % len(inks.HIGHLIGHTS))
        self.color.installEventFilter(WheelGuard(self.color))
        self.text = ClearableEdit("Text")
        self.text.setAccessibleName("Highlighted text")
        self.text.setText(shown.text)
        self.case = toggle("Aa", "Match case", "Match case")
        self.word = toggle("W", "Whole words", "Whole words only")
        self.case.setChecked(shown.case)
        self.word.setChecked(shown.word)
        self.remove = close_button("Do not highlight this")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self.color, 0), (self.text, 1), (self.case, 0), (self.word, 0), (self.remove, 0)
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        self.color.currentIndexChanged.connect(self.changed)
        self.text.textChanged.connect(self.changed)
        self.case.toggled.connect(self.changed)
        self.word.toggled.connect(self.changed)

    @property
    def highlight(self) -> Highlight:
        """What the fields say."""
        return Highlight(
            self.text.text(), self.color.currentIndex(), self.case.isChecked(), self.word.isChecked()
        )


class HighlightDialog(QDialog):
    """What is changed here is seen in the log at once."""

    changed = Signal(list)

    def __init__(self, shown: Sequence[Highlight], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Highlights")
        self.setMinimumWidth(520)
        self.lines: list[_Line] = []
        self._room = QVBoxLayout()
        self._none = QLabel("Texts that are highlighted in every log.", textFormat=Qt.TextFormat.PlainText)
        self._none.setProperty("muted", True)
        add = QPushButton("Add")
        add.clicked.connect(self.add)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=self)
        buttons.addButton(add, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addWidget(self._none)
        whole.addLayout(self._room)
        whole.addStretch(1)
        whole.addWidget(buttons)
        for one in shown:
            self._put(one)
        if not shown:
            self.add()

    @property
    def highlights(self) -> list[Highlight]:
        """All that have a text."""
        return [line.highlight for line in self.lines if line.text.text()]

    def add(self) -> None:
        """Add a line, in a colour that is free."""
        self._put(Highlight("", free_color([line.highlight for line in self.lines]), case=False))
        self.lines[-1].text.setFocus()

    def _put(self, shown: Highlight) -> None:
        line = _Line(shown)
        line.changed.connect(self._tell)
        line.remove.clicked.connect(partial(self._remove, line))
        self.lines.append(line)
        self._room.addWidget(line)

    def _remove(self, line: _Line) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.highlights)
