"""Texts elided to the width of a cell: paths in the middle, others at the end."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF

MORE = "…"
VARIANT, GAP = "\x9c", "\ufffd"
"""The character that separates alternative texts in Qt, and its replacement."""
_MOST_KNOWN = 4096
"""Measured texts that are remembered: what is painted is often painted again."""
_PATH = re.compile(
    r"(?:\w*Path\()?[rb]?['\"]?"
    r"(?:(?:~?/|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\|[a-z][a-z0-9+.-]*://)\S"
    r"|[\w.-]+[/\\][^\s'\"]*\.\w{1,5}['\"]?\)?\Z)"
)


class Cutter:
    """Cuts texts of one font."""

    def __init__(self, font: QFont) -> None:
        self._metrics = QFontMetrics(font)
        self._fixed = _fixed_width(font)
        """The width of every ASCII character, if it is the same."""
        self._widest = self._metrics.maxWidth() + 1  # the width is rounded

        self._known: dict[tuple[str, int], str] = {}
        self._widths: dict[str, int] = {}

    def cut(self, text: str, width: int) -> str:
        """The text, or the part of it that fits into `width` pixels."""
        if len(text) * self._widest <= width:
            return text
        if self._fixed and text.isascii():
            return _counted(text, int(width / self._fixed))
        shown = self._known.get((text, width))
        if shown is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            shown = self._known[text, width] = self._measured(text, width)
        return shown

    def _measured(self, text: str, width: int) -> str:
        text = text.replace(VARIANT, GAP)
        if is_path(text):
            return self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
        most = max(width, 0) // 2 + 1  # no visible character is narrower than two pixels
        begin = text if len(text) <= most else text[:most] + MORE
        return self._metrics.elidedText(begin, Qt.TextElideMode.ElideRight, width)

    def width(self, text: str) -> int:
        """The width of a text."""
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > _MOST_KNOWN:
                self._widths.clear()
            found = self._widths[text] = self._metrics.horizontalAdvance(text)
        return found


def _fixed_width(font: QFont) -> float:
    """The width of an ASCII character as drawn; 0 if they differ."""
    exact, drawn = QFontMetricsF(font), QFontMetrics(font)
    if abs(exact.horizontalAdvance("i") - exact.horizontalAdvance("W")) > 0.001:
        return 0.0
    return max(exact.horizontalAdvance("W" * 64), drawn.horizontalAdvance("W" * 64)) / 64


def is_path(text: str) -> bool:
    """Whether a text begins like a path or an address."""
    return _PATH.match(text) is not None


def _counted(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    if most < 1:
        return ""
    if not is_path(text) or most < 4:
        return text[: most - 1] + MORE
    behind = most // 2
    return text[: most - 1 - behind] + MORE + text[-behind:]
