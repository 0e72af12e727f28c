"""Completion of conditions: column names and statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter

from engine.results.conditions import FAILED
from engine.results.names import COLUMNS, NUMBERS, STATUSES
from gui.kit.line_edit import ClearableEdit

_WORD = re.compile(r"(?:^|\s)([\w.]*)$")
_BARE = re.compile(r"[^\s=!<>~\"]+")
_STATUS = re.compile(r"(?:^|\s)status\s*!?=\s*(?:\w+,)*(\w*)$")


def completions(before: str, keys: Sequence[str] = ()) -> tuple[str, list[str]]:
    """The last, unfinished word of a text, and its completions; `keys` are columns too."""
    if found := _STATUS.search(before):
        return found.group(1), [status for status in (FAILED, *STATUSES) if status.startswith(found.group(1))]
    if (found := _WORD.search(before)) and not _is_quoted(before):
        typed = found.group(1)
        return typed, [_begun(name) for name in (*COLUMNS, *keys) if name.startswith(typed) and typed]
    return "", []


def as_column(key: str) -> str:
    """The part of an input or a value, as conditions name it."""
    whole, _, name = key.partition(".")
    return key if _BARE.fullmatch(name) else f'{whole}."{name}"'


def _begun(column: str) -> str:
    """A column with its most usual operator."""
    if column == "status":
        return f"{column}="
    return f"{column}>" if column in NUMBERS else f"{column}~"


def _is_quoted(before: str) -> bool:
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1


class ConditionsEdit(ClearableEdit):
    """A field for conditions."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self)
        self.keys: Sequence[str] = ()
        """Parts of inputs and values that conditions can name."""
        self._completer.activated.connect(self._take)
        self.textEdited.connect(self._offer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._completer.popup()
        is_chosen = popup is not None and popup.isVisible() and popup.currentIndex().isValid()
        if is_chosen and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # the completer asks here first, and accepts what nobody else takes
            return
        if event.key() == Qt.Key.Key_Down:
            self._offer(self.text(), is_asked=True)
        super().keyPressEvent(event)

    def _offer(self, _text: str, is_asked: bool = False) -> None:
        """Show completions of the word before the cursor."""
        before = self.text()[: self.cursorPosition()]
        typed, found = completions(before, self.keys)
        if is_asked and not found and not typed and not _is_quoted(before):
            is_between = not before or before[-1].isspace()
            found = [_begun(column) for column in (*COLUMNS, *self.keys)] if is_between else []
        if not found or found == [typed]:
            if popup := self._completer.popup():
                popup.hide()
            return
        self._words.setStringList(found)
        self._completer.complete()

    def _take(self, word: str) -> None:
        """Replace the typed word by a completion."""
        at = self.cursorPosition()
        before = self.text()[:at]
        typed, _ = completions(before, self.keys)
        self.setText(before[: len(before) - len(typed)] + word + self.text()[at:])
        self.setCursorPosition(at - len(typed) + len(word))
        self.textEdited.emit(self.text())
