"""Tooltips that show a text as it is: Qt takes `<Table length=3>` for markup."""

from __future__ import annotations

from PySide6 import QtGui

LONG = 100
"""Characters that fit on one line; Qt wraps only markup."""


def plain_tip(text: str) -> str:
    """The tooltip for a text from the user: a value, a path, a message."""
    if len(text) <= LONG and not QtGui.Qt.mightBeRichText(text):
        return text
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<p style="white-space:pre-wrap">{shown}</p>'
