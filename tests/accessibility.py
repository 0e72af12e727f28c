"""What a screen reader gets from a window: a name for everything that can be used, and texts as shown."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTextEdit,
    QWidget,
)

FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox, QAbstractSlider, QProgressBar)
INNER = (QComboBox, QAbstractSpinBox)
"""Their parts are skipped: a reader says the name of the whole."""
RADIO = QAccessible.Role.RadioButton
OF_QT = ("qt_", "ScrollLeftButton", "ScrollRightButton")


def faults(window: QWidget) -> list[str]:
    """What is wrong with the widgets of a window, shown or not; one line each."""
    widgets = [window, *window.findChildren(QWidget)]
    return [f"{_described(widget)}: {fault}" for widget in widgets if (fault := _fault(widget))]


def name(widget: QWidget) -> str:
    """The name that a screen reader says."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip() if interface else ""


def _fault(widget: QWidget) -> str:
    if isinstance(widget, QLabel):
        return _fault_of_label(widget)
    if isinstance(widget, QAbstractButton) and _is_one_of_several(widget) and _role(widget) != RADIO:
        return "is one of several choices, and no radio button"
    if _has_to_have_a_name(widget):
        said = name(widget)
        if not said:
            return "has no name"
        if re.search(r"&(?!&)\w", said):
            return f"is called {said!r}, with the mark of a menu"
    return ""


def _fault_of_label(label: QLabel) -> str:
    """An accessible name would be read instead of the text."""
    own, text = label.accessibleName(), label.text()
    if not own or not text or own in (text, QTextDocumentFragment.fromHtml(text).toPlainText()):
        return ""
    return f"is read as {own!r} in place of {text!r}"


def _is_one_of_several(button: QAbstractButton) -> bool:
    group = button.group()
    return group is not None and group.exclusive() and button.isCheckable() and len(group.buttons()) > 1


def _role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def _has_to_have_a_name(widget: QWidget) -> bool:
    if widget.objectName().startswith(OF_QT) or isinstance(widget, (QScrollBar, QHeaderView)):
        return False
    if isinstance(widget, QAbstractButton) and not (widget.isVisible() or widget.text()):
        return not widget.icon().isNull()  # it gets its text when it is first shown
    if not isinstance(widget, INNER) and _is_within(widget, INNER):
        return False
    if isinstance(widget, (QAbstractButton, QAbstractItemView, *FIELDS)):
        return True
    takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return isinstance(widget, QAbstractScrollArea) and bool(takes_keys)


def _is_within(widget: QWidget, kinds: tuple[type[QWidget], ...]) -> bool:
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, kinds) or _is_within(parent, kinds))


def _described(widget: QWidget) -> str:
    steps: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(steps) < 4:
        steps.append(type(at).__name__ + (f"#{at.objectName()}" if at.objectName() else ""))
        at = at.parentWidget()
    text = getattr(widget, "text", None)
    return " < ".join(steps) + (f" {text()!r}" if callable(text) else "")
