"""What the reader thread of the log view does: read on in the file, and give the lines near the screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from engine.log.index import LogIndex

_LEVEL = re.compile(r"\b(?:(CRITICAL|FATAL|ERROR)|(WARNING|WARN)|(DEBUG))\b")
_PREFIX = 200
"""Characters in which a line names its level."""
LEVELS = ("", "problem", "warning", "muted")
"""The colour of a line by its level: errors, warnings, debug; every other line has the text's."""


@dataclass(frozen=True, slots=True)
class View:
    """The lines near the screen and the state of the file they are from."""

    generation: int
    total: int
    complete: bool
    first: int
    lines: tuple[str, ...]
    levels: tuple[str, ...]


class LogReader:
    """One log file, read in one thread."""

    def __init__(self, path: Path) -> None:
        self._index = LogIndex(path)

    def look(self, first: int, count: int, at_end: bool) -> View:
        """Read on, then give `count` lines from `first` on, or the last ones."""
        index = self._index
        total = index.extend()
        if at_end:
            first = total - count
        first = max(min(first, total - count), 0)
        lines = tuple(index.lines(first, count))
        levels = tuple(map(level, lines))
        return View(index.generation, len(index), index.complete, first, lines, levels)

    def text(self, first: int, count: int) -> str:
        """Lines, to be copied."""
        return "\n".join(self._index.lines(first, count))


def level(line: str) -> str:
    """The name of the colour that stands for the line's level; empty where it names none of weight."""
    found = _LEVEL.search(line, 0, _PREFIX)
    return LEVELS[found.lastindex or 0] if found else ""
