"""Buttons made from commands."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QAbstractButton, QPushButton
from shiboken6 import isValid

from gui.commands.actions import Actions
from gui.commands.registry import escaped, plain

Button = TypeVar("Button", bound=QAbstractButton)


def push_button(actions: Actions, id_: str, *, icon: QIcon | None = None) -> QPushButton:
    """A button with the text of a command; `icon` replaces the command's own, in another colour."""
    return dress(QPushButton(), actions, id_, icon=icon)


def dress(button: Button, actions: Actions, id_: str, *, icon: QIcon | None = None) -> Button:
    """Tie any button to a command: it looks like the command's action and triggers it."""
    _Face(button, actions.action(id_), icon)
    return button


class _Face(QObject):
    """Keeps one button in step with the action for as long as the button lives."""

    def __init__(self, button: QAbstractButton, action: QAction, icon: QIcon | None) -> None:
        super().__init__(button)
        self._button = button
        self._action = action
        self._icon = icon
        button.setCheckable(action.isCheckable())
        action.changed.connect(self._follow)
        button.clicked.connect(self._press)
        self._follow()

    def _press(self) -> None:
        self._action.trigger()
        if isValid(self._button):  # the command may have closed the window
            self._button.setChecked(self._action.isChecked())  # Qt has already toggled it

    def _follow(self) -> None:
        button, action = self._button, self._action
        name = plain(action.text())
        button.setText(escaped(name))
        button.setIcon(self._icon or action.icon())
        button.setToolTip(action.toolTip())
        button.setAccessibleName(name.removesuffix("…"))
        button.setEnabled(action.isEnabled())
        button.setChecked(action.isChecked())
