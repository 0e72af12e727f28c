"""Dialogs that ask for a name or a text and explain in place what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.kit.widgets import text_label

WIDTH = 420
_Buttons = QDialogButtonBox.StandardButton


class AskName(QDialog):
    """Asks for a name. It cannot be accepted while `fault` finds something wrong with it."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        label: str,
        start: str,
        fault: Callable[[str], str],
        *,
        may_be_empty: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._fault = fault
        self._may_be_empty = may_be_empty
        self.field = QLineEdit(start)
        self.field.selectAll()
        self.field.setAccessibleName(label)
        name = QLabel(label)
        name.setBuddy(self.field)
        self.problem = text_label("problem")
        self.problem.setMinimumHeight(self.problem.fontMetrics().height() * 2)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(_Buttons.Ok | _Buttons.Cancel, parent=self)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        for widget in (name, self.field, self.problem, self.buttons):
            whole.addWidget(widget)
        self.setMinimumWidth(WIDTH)
        self.field.textChanged.connect(self._judge)
        self._judge()

    @property
    def name(self) -> str:
        """The name without blanks at its ends."""
        return self.field.text().strip()

    @property
    def _is_fit(self) -> bool:
        return not self._fault(self.name) if self.name else self._may_be_empty

    def _judge(self) -> None:
        self.problem.setText(self._fault(self.name) if self.name else "")
        self.buttons.button(_Buttons.Ok).setEnabled(self._is_fit)

    def accept(self) -> None:
        if self._is_fit:
            super().accept()


class AskText(QDialog):
    """Asks for some lines of text."""

    def __init__(self, parent: QWidget, title: str, label: str, start: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.field = QPlainTextEdit(start)
        self.field.setObjectName("values")
        self.field.setAccessibleName(label)
        self.field.setTabChangesFocus(True)
        name = text_label()
        name.setText(label)
        buttons = QDialogButtonBox(_Buttons.Ok | _Buttons.Cancel, parent=self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addWidget(name)
        whole.addWidget(self.field, 1)
        whole.addWidget(buttons)
        self.resize(WIDTH, 220)


def name(
    parent: QWidget,
    title: str,
    label: str,
    start: str,
    fault: Callable[[str], str],
    *,
    may_be_empty: bool = False,
) -> str | None:
    """The name that the user types; None if they cancel."""
    dialog = AskName(parent, title, label, start, fault, may_be_empty=may_be_empty)
    given = dialog.name if dialog.exec() else None
    dialog.deleteLater()
    return given


def text(parent: QWidget, title: str, label: str, start: str) -> str | None:
    """The text that the user types; None if they cancel."""
    dialog = AskText(parent, title, label, start)
    given = dialog.field.toPlainText().strip() if dialog.exec() else None
    dialog.deleteLater()
    return given
