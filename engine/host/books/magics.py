"""Finds what IPython adds to Python in a cell, and blanks it line by line."""

from __future__ import annotations

import re

from ..typed import NamedTuple

TRANSPARENT = ("time", "capture")
"""Magics whose code, after or below them, runs as if they were not there."""
_CELL = re.compile(r"\s*%%\s*(\S+)")
_TRANSPARENT = re.compile(r"(\s*)%(?:" + "|".join(TRANSPARENT) + r")\s+(?=\S)(?!-)")
_LINE = re.compile(r"\s*(?:%%?[A-Za-z_]|!|\?{1,2}\s*\S|[,;/]\s*[A-Za-z_/])")
_ASSIGNED = re.compile(r"\s*[A-Za-z_][\w.,\s]*=\s*(?:%[A-Za-z_]|!)")
_HELP = re.compile(r"\s*[\w.*\[\]()'\"]+\s*\?{1,2}\s*$")


class LeftOut(NamedTuple):
    """A line or a whole cell that does not run."""

    line: int
    text: str


def without_magics(text: str) -> tuple[str, list[LeftOut]]:
    """The Python in a cell, with lines in place, and what was left out."""
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return text, []
    left: list[LeftOut] = []
    if found := _CELL.match(lines[first]):
        left.append(LeftOut(first + 1, lines[first].strip()))
        if found[1] not in TRANSPARENT:
            return "\n" * (len(lines) - 1), left
        lines[first] = ""
    scanner = _Scanner()
    goes_on = False
    for number, line in enumerate(lines):
        if goes_on:  # the continuation of a magic
            goes_on = line.endswith("\\")
            lines[number] = ""
        elif scanner.inside or (python := _python_of(line)) == line:
            scanner.take(line)
        else:
            left.append(LeftOut(number + 1, line.strip()))
            goes_on = not python.strip() and line.endswith("\\")
            lines[number] = python
            scanner.take(python)
    return "\n".join(lines), left


def _python_of(line: str) -> str:
    """The first line of a statement, without its magic; a bare magic becomes one that does nothing."""
    if transparent := _TRANSPARENT.match(line):
        return transparent[1] + line[transparent.end() :]
    if _LINE.match(line) or _ASSIGNED.match(line) or _HELP.match(line):
        indent = line[: len(line) - len(line.lstrip())]
        return indent + "pass" if indent else ""
    return line


class _Scanner:
    """Tracks whether the next line continues a statement: in a string, a bracket, or after a backslash."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._continued = False

    @property
    def inside(self) -> bool:
        return bool(self._quote) or self._depth > 0 or self._continued

    def take(self, line: str) -> None:
        at = 0
        self._continued = False
        while at < len(line):
            char = line[at]
            if char == "\\":
                self._continued = at == len(line) - 1
                at += 2
            elif self._quote:
                at += self._in_string(line, at)
            elif char in "'\"":
                self._quote = line[at : at + 3] if line[at : at + 3] == char * 3 else char
                at += len(self._quote)
            elif char == "#":
                break
            else:
                self._depth = max(0, self._depth + (char in "([{") - (char in ")]}"))
                at += 1
        if len(self._quote) == 1 and not self._continued:  # such a string ends with its line
            self._quote = ""

    def _in_string(self, line: str, at: int) -> int:
        if line.startswith(self._quote, at):
            length, self._quote = len(self._quote), ""
            return length
        return 1
