"""The log for screen readers: the visible rows as a text that can be read line by line."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QAccessibleTextInterface,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from gui.logs.area import LogArea
from gui.logs.inks import LEVELS, SIGNS


class _Text(QAccessibleTextInterface):
    """The visible rows, one per line; errors and warnings say so first."""

    def __init__(self, area: LogArea) -> None:
        super().__init__()
        self._area = area

    def whole(self) -> str:
        return "\n".join(_said(self._area, row) for row, _, _ in self._area.rows_on_screen())

    def text(self, start: int, end: int) -> str:
        whole = self.whole()
        return whole[start : len(whole) if end < 0 else end]

    def characterCount(self) -> int:
        return len(self.whole())

    def cursorPosition(self) -> int:
        at = 0
        for row, _, _ in self._area.rows_on_screen():
            if row >= self._area.current:
                break
            at += len(_said(self._area, row)) + 1
        return at

    def setCursorPosition(self, position: int) -> None:
        nth = self.whole()[:position].count("\n")
        self._area.set_current(self._area.top + nth)

    def selectionCount(self) -> int:
        return 0

    def selection(self, nth: int) -> tuple[int, int]:
        return (0, 0)

    def addSelection(self, start: int, end: int) -> None:
        self._area.select(
            self._area.top + self.whole()[:start].count("\n"), self._area.top + self.whole()[:end].count("\n")
        )

    def removeSelection(self, nth: int) -> None:
        self._area.unselect()

    def setSelection(self, nth: int, start: int, end: int) -> None:
        self.addSelection(start, end)

    def attributes(self, offset: int) -> tuple[str, int, int]:
        return ("", offset, offset)

    def characterRect(self, offset: int) -> QRect:
        return self._area.viewport().rect()

    def offsetAtPoint(self, point: QPoint) -> int:
        return 0

    def scrollToSubstring(self, start: int, end: int) -> None:
        self._area.show_row(self._area.top + self.whole()[:start].count("\n"))


def _said(area: LogArea, row: int) -> str:
    found = area.shown.row(row)
    if found is None:
        return ""
    level = f"{LEVELS[found.level]}: " if found.starts and found.level in SIGNS else ""
    return level + found.text


class _Accessible(QAccessibleWidget):
    """The log as a read-only text."""

    def __init__(self, area: LogArea) -> None:
        super().__init__(area, QAccessible.Role.EditableText, area.accessibleName())
        self._text = _Text(area)

    def textInterface(self) -> QAccessibleTextInterface:
        return self._text

    def state(self) -> QAccessible.State:
        made = super().state()
        made.readOnly = True
        return made


_made: list[_Accessible] = []
"""The interfaces that Qt holds. It deletes each with its widget, and only after that may we drop them."""


def _factory(_name: str, thing: QObject | None) -> QAccessibleInterface | None:
    if not isinstance(thing, LogArea):
        return None
    _made[:] = [made for made in _made if isValid(made)]
    _made.append(_Accessible(thing))
    return _made[-1]


def install() -> None:
    """Make logs readable for screen readers."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_factory)


_installed: list[bool] = []
