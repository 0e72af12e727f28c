"""A QAction for each command. It follows the context, and menus, buttons and shortcuts are made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QIcon
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gui.commands import keys
from gui.commands.context import Later
from gui.commands.registry import Command, Registry


def in_a_moment(owner: QObject) -> Later:
    """For a `Context`: report changes at the next turn of the event loop, while `owner` lives."""
    return lambda call: QTimer.singleShot(0, owner, call)


class Actions(QObject):
    """Makes the action of a command when it is first asked for, and keeps it."""

    _ROLES: ClassVar = {
        "": QAction.MenuRole.NoRole,
        "quit": QAction.MenuRole.QuitRole,
        "about": QAction.MenuRole.AboutRole,
        "preferences": QAction.MenuRole.PreferencesRole,
    }

    def __init__(self, registry: Registry, window: QWidget, icon: Callable[[str], QIcon]) -> None:
        super().__init__(window)
        self.registry = registry
        self.icon = icon
        self._window = window
        self._made: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        end = registry.context.watch(self._follow)
        self.destroyed.connect(end)

    def install(self) -> None:
        """Make the keys of all commands work, even of those in no menu. Call it once all are registered."""
        for command in self.registry:
            if not command.scope:
                self._window.addAction(self.action(command.id))

    def bind(self, scope: str, pane: QWidget) -> None:
        """Make the keys of the commands of `scope` work while the focus is in `pane`."""
        for command in self.registry:
            if command.scope == scope:
                pane.addAction(self.action(command.id))

    def action(self, id_: str) -> QAction:
        """The action of a command. All its menu entries and buttons share it."""
        if id_ not in self._made:
            self._made[id_] = self._make(self.registry[id_])
        return self._made[id_]

    def loose(self, command: Command, parent: QObject) -> QAction:
        """An action for a command that is not registered, such as an entry in a list of recent files."""
        action = self._dressed(command, parent)
        action.setEnabled(command.condition.holds(self.registry.context.on))
        action.triggered.connect(lambda _checked=False: command.do())
        return action

    def _make(self, command: Command) -> QAction:
        action = self._dressed(command, self._window)
        if command.group:
            self._group(command.group).addAction(action)
        action.triggered.connect(lambda _checked=False: self._run(command.id))
        self._show(command, action)
        return action

    def _dressed(self, command: Command, parent: QObject) -> QAction:
        action = QAction(command.text, parent)
        action.setObjectName(command.id)
        if command.icon:
            action.setIcon(self.icon(command.icon))
        action.setShortcuts(keys.all_of(command))
        if command.scope:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setMenuRole(self._ROLES[command.role])
        action.setCheckable(command.ticked is not None)
        action.setToolTip(_tip(command))
        return action

    def _group(self, name: str) -> QActionGroup:
        if name not in self._groups:
            self._groups[name] = QActionGroup(self._window)
        return self._groups[name]

    def _run(self, id_: str) -> None:
        self.registry.run(id_)
        if isValid(self):  # the command may have closed the window
            self._show(self.registry[id_], self._made[id_])  # Qt has already toggled the tick

    def _follow(self) -> None:
        if isValid(self):
            for id_, action in self._made.items():
                self._show(self.registry[id_], action)

    def _show(self, command: Command, action: QAction) -> None:
        action.setEnabled(self.registry.can(command.id))
        if command.ticked is not None:
            action.setChecked(self.registry.is_checked(command.id))


def _tip(command: Command) -> str:
    tip = command.tip or command.name.removesuffix("…")
    shown = keys.shown(command)
    return f"{tip} ({shown})" if shown else tip
