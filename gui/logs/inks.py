"""Colours of lines: of levels, hits and highlights, and those that a program wrote for its terminal."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QTextCharFormat

from gui.kit import theme
from gui.logs.text import Style

TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL = range(1, 7)
LEVELS = ("No level", "Trace", "Debug", "Info", "Warning", "Error", "Critical")
_INKS = {TRACE: "muted", DEBUG: "muted", WARNING: "warning", ERROR: "problem", CRITICAL: "problem"}
SIGNS = {WARNING: "triangle", ERROR: "disc", CRITICAL: "square"}
"""Levels also have shapes, for people who cannot tell the colours apart."""
_LIGHT = (
    "#000000", "#b3261e", "#1a7038", "#7d5200", "#0a5fa8", "#8a2da5", "#0a6f94", "#57626e",
    "#57626e", "#c8372d", "#1f8a45", "#946200", "#1373c4", "#a13dbf", "#0d83ae", "#1b2127",
)  # fmt: skip
_DARK = (
    "#8b97a3", "#ff9188", "#6bd08a", "#e6b450", "#7fbef5", "#d79af0", "#4cb8dc", "#e3e8ec",
    "#9caab6", "#ffa9a2", "#8fe0a8", "#f2c970", "#a3d2fa", "#e4b8f6", "#7fd0ec", "#ffffff",
)  # fmt: skip
"""The 16 terminal colours, each readable on the background."""
_BARS = {0: "border", TRACE: "border", DEBUG: "border", INFO: "accent", WARNING: "warning"}


def of_level(level: int) -> QColor:
    """The ink of a line with this level."""
    return QColor(getattr(theme.colors(), _INKS.get(level, "text")))


def bar(level: int) -> QColor:
    """The colour of a level in counts of records."""
    return QColor(getattr(theme.colors(), _BARS.get(level, "problem")))


def of_source(nth: int) -> QColor:
    """The colour of one of several files, which also has a letter: red and yellow are those of levels."""
    inks = _DARK if theme.is_dark() else _LIGHT
    return QColor(inks[(4, 5, 2, 6, 7)[nth % 5]])


def of_hit(*, current: bool = False) -> QTextCharFormat:
    """The ink of search hits."""
    made = QTextCharFormat()
    dark = theme.is_dark()
    back = ("#8a6a00" if dark else "#ffd54a") if current else ("#5c4a12" if dark else "#fff0b3")
    made.setBackground(QColor(back))
    made.setForeground(QColor(theme.colors().text))
    return made


def of_match() -> QTextCharFormat:
    """The ink of what passes the filter."""
    made = QTextCharFormat()
    made.setBackground(QColor("#1d3a47" if theme.is_dark() else "#e0f0f7"))
    made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
    made.setUnderlineColor(QColor(theme.colors().accent))
    return made


HIGHLIGHTS = (
    ("Green", "#cfe8c9", "#274d2a"), ("Violet", "#d7d4f5", "#3b3670"), ("Pink", "#f8d3e6", "#5e2d47"),
    ("Turquoise", "#c3ebe9", "#17504e"), ("Orange", "#fbdcbb", "#633a12"), ("Grey", "#dcdfe3", "#434a51"),
)  # fmt: skip
"""The backgrounds of highlights: name, light, dark."""


def highlight(nth: int) -> QColor:
    """The background of highlighted text."""
    _, light, dark = HIGHLIGHTS[nth % len(HIGHLIGHTS)]
    return QColor(dark if theme.is_dark() else light)


def of_highlight(nth: int) -> QTextCharFormat:
    """The ink of highlighted text."""
    made = QTextCharFormat()
    made.setBackground(highlight(nth))
    return made


def of_selection() -> QTextCharFormat:
    """The ink of the selection."""
    made = QTextCharFormat()
    made.setBackground(QColor(theme.colors().selection))
    return made


def of_style(style: Style) -> QTextCharFormat:
    """The ink of text that the program coloured."""
    made = QTextCharFormat()
    if style.ink >= 0:
        made.setForeground(_color(style.ink))
    if style.back >= 0:
        made.setBackground(_color(style.back))
        if style.ink < 0:
            made.setForeground(QColor(theme.colors().base))
    if style.bold:
        made.setFontWeight(QFont.Weight.Bold)
    return made


def _color(number: int) -> QColor:
    if number >= 256:
        return QColor(number - 256)
    if number < 16:
        return QColor((_DARK if theme.is_dark() else _LIGHT)[number])
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return QColor(grey, grey, grey)
    steps = (0, 95, 135, 175, 215, 255)
    cube = number - 16
    return QColor(steps[cube // 36], steps[cube // 6 % 6], steps[cube % 6])
