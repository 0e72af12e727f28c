"""The menu of a chart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget


def offer(
    chart: QWidget, at: QPoint, see_all: Callable[[], None], save: SignalInstance, csv: Callable[[], str]
) -> None:
    """Open the menu of a chart at a place of the screen; `csv` has its numbers."""
    menu = QMenu(chart)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    whole = QAction("See all", menu)
    whole.triggered.connect(see_all)
    saving = QAction("Save chart…", menu)
    saving.triggered.connect(save)
    copy = QAction("Copy as CSV", menu)
    copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(csv()))
    menu.addActions([whole, saving, copy])
    menu.popup(at)
