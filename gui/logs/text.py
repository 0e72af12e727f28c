"""Lines as they are drawn: visible control characters, ANSI colours, positions in Qt's text."""

from __future__ import annotations

import re
from dataclasses import dataclass

PRINTABLE = {code: chr(0x2400 + code) for code in range(32)} | {9: "\t", 127: "\u2421"}
"""Visible replacements of invisible characters, such as a picture of escape."""
PRINTABLE |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
"""Likewise for characters that reverse the text direction."""
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_OTHER = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[()*+][0-9A-B]|[78=>\\])"
)
_WORD = re.compile(r"\w+|[^\w\s]+|\s+")


def printable(line: str) -> str:
    """A line in which every character is visible; its length stays the same."""
    return line.translate(PRINTABLE)


@dataclass(frozen=True, slots=True)
class Style:
    """How a terminal would show a part of a line; colours by number, -1 for the default."""

    ink: int = -1
    back: int = -1
    bold: bool = False


PLAIN = Style()


def colored(line: str) -> tuple[str, list[tuple[int, int, Style]]]:
    """A line without escape sequences, and the parts that these colour: begin, end, style."""
    if "\x1b" not in line:
        return line, []
    text = ""
    parts: list[tuple[int, int, Style]] = []
    style, at = PLAIN, 0
    for found in [*_SGR.finditer(line), None]:
        piece = _OTHER.sub("", line[at : found.start() if found else len(line)])
        if piece and style != PLAIN:
            parts.append((len(text), len(text) + len(piece), style))
        text += piece
        if found:
            style, at = _after(style, found[1]), found.end()
    return text, parts


def _after(style: Style, codes: str) -> Style:
    """The style after a sequence of codes."""
    ink, back, bold = style.ink, style.back, style.bold
    numbers = [int(code) if code.isdecimal() else 0 for code in re.split("[;:]", codes)]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            ink, back, bold = -1, -1, False
        elif code in (1, 22):
            bold = code == 1
        elif 30 <= code <= 37 or 90 <= code <= 97:
            ink = code - 30 if code < 40 else code - 82
        elif 40 <= code <= 47 or 100 <= code <= 107:
            back = code - 40 if code < 50 else code - 92
        elif code in (38, 48):
            color = _extended(numbers)
            ink, back = (color, back) if code == 38 else (ink, color)
        elif code == 39:
            ink = -1
        elif code == 49:
            back = -1
    return Style(ink, back, bold)


def _extended(numbers: list[int]) -> int:
    """A colour of 256, or an RGB colour, which counts from 256."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        return min(numbers.pop(0), 255)
    if kind == 2 and len(numbers) >= 3:
        red, green, blue = (min(number, 255) for number in (numbers.pop(0), numbers.pop(0), numbers.pop(0)))
        return 256 + (red << 16 | green << 8 | blue)
    return -1


class Units:
    """Positions in a text as Qt counts them: characters outside the basic plane count twice."""

    def __init__(self, text: str) -> None:
        self._wide = [] if text.isascii() else [at for at, char in enumerate(text) if char > "\uffff"]
        self._size = len(text)

    def to_qt(self, at: int) -> int:
        """A position for Qt."""
        return at + sum(wide < at for wide in self._wide)

    def from_qt(self, at: int) -> int:
        """A position from Qt."""
        for wide in self._wide:
            if wide >= at:
                break
            at -= 1
        return min(at, self._size)


def word_at(text: str, at: int) -> tuple[int, int]:
    """The word at a position of a line, or the punctuation or blanks there."""
    for found in _WORD.finditer(text):
        if found.start() <= at < found.end():
            return found.span()
    return (len(text), len(text))
