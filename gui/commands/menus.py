"""Menus made from commands: the menu bar and context menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QMenuBar, QWidget

from gui.commands.actions import Actions
from gui.commands.registry import Command
from gui.commands.when import read

SEPARATOR = "-"


@dataclass(frozen=True)
class Submenu:
    """A menu in a menu."""

    text: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Listing:
    """A submenu whose entries are known only when it opens, such as recent files."""

    text: str
    entries: Callable[[], Sequence[Command | str]]
    """Commands that need not be registered, ids of registered ones, and separators."""
    when: str = ""


Item = str | Submenu | Listing
"""The id of a command, a `SEPARATOR`, or a submenu."""


def fill_bar(bar: QMenuBar, actions: Actions, menus: Sequence[Submenu]) -> None:
    """Add menus to a menu bar."""
    for menu in menus:
        bar.addMenu(build(actions, menu.items, bar, menu.text))


def build(actions: Actions, items: Sequence[Item], parent: QWidget, text: str = "") -> QMenu:
    """A menu of these items."""
    menu = QMenu(text, parent)
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(actions.registry.context.flush)
    for item in items:
        if item == SEPARATOR:
            menu.addSeparator()
        elif isinstance(item, str):
            menu.addAction(actions.action(item))
        elif isinstance(item, Submenu):
            menu.addMenu(build(actions, item.items, menu, item.text))
        else:
            _add_listing(menu, actions, item)
    return menu


def _add_listing(menu: QMenu, actions: Actions, listing: Listing) -> None:
    inner = QMenu(listing.text, menu)
    inner.setToolTipsVisible(True)
    menu.addMenu(inner)
    condition, context = read(listing.when), actions.registry.context

    def fill() -> None:
        inner.clear()
        for entry in listing.entries():
            if isinstance(entry, Command):
                inner.addAction(actions.loose(entry, inner))
            elif entry == SEPARATOR:
                inner.addSeparator()
            else:
                inner.addAction(actions.action(entry))

    inner.aboutToShow.connect(fill)
    menu.aboutToShow.connect(lambda: inner.setEnabled(condition.holds(context.on)))


def offer_at_pointer(widget: QWidget, actions: Actions, items: Sequence[Item]) -> None:
    """Give a widget a context menu. The pane says by its flags what is selected."""
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    menu = build(actions, items, widget)
    widget.customContextMenuRequested.connect(lambda at: _pop_up(widget, menu, at))


def _pop_up(widget: QWidget, menu: QMenu, at: QPoint) -> None:
    over = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    menu.popup(over.mapToGlobal(at))
