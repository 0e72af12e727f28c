"""The context menu of the log."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gui.logs.area import LogArea
from gui.logs.belonging import Belonging
from gui.logs.bookmarks import Bookmarks
from gui.logs.narrowing import Narrowing
from gui.logs.taking import Taking

_Item = tuple[str, Callable[[], object]]


def show_menu(
    at: QPoint,
    area: LogArea,
    taking: Taking,
    narrowing: Narrowing,
    bookmarks: Bookmarks,
    belonging: Belonging,
    parent: QWidget,
) -> None:
    """Open the menu; it deletes itself when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    copy = QAction("Copy", menu, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
    copy.setEnabled(area.selection is not None)
    copy.triggered.connect(taking.copy)
    every = QAction("Select all", menu, shortcut=QKeySequence(QKeySequence.StandardKey.SelectAll))
    every.triggered.connect(lambda: area.select(0, area.total - 1))
    menu.addAction(copy)
    _add(menu, ("Copy records", taking.copy_records), ("Copy messages", taking.copy_messages))
    menu.addAction(every)
    menu.addSeparator()
    if belonging.of_run:
        _add(menu, ("Show the task of this line", belonging.show_task))
    _add(
        menu,
        ("Find this", narrowing.find_text),
        ("Only records with this", narrowing.include_text),
        ("Without records with this", narrowing.exclude_text),
        ("Highlight this", narrowing.toggle_highlight),
    )
    menu.addSeparator()
    _add(
        menu,
        ("Bookmark", bookmarks.toggle),
        ("Write a note…", bookmarks.write),
        ("Open the file that it names", taking.open_place),
        ("Hide everything above", narrowing.clear_to_here),
        ("Save…", taking.save),
    )
    menu.popup(at)


def _add(menu: QMenu, *items: _Item) -> None:
    for text, do in items:
        menu.addAction(text).triggered.connect(lambda _=False, do=do: do())
