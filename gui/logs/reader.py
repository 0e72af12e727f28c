"""What the reader thread of the log view does: read on in the file, and give the lines near the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.log.index import LogIndex

_LEVEL = re.compile(r"\b(?:(CRITICAL|FATAL|ERROR)|(WARNING|WARN)|(DEBUG|TRACE)|(INFO|NOTICE))\b")
_PREFIX = 200
"""Characters in which a line names its level."""
COLORS = ("", "problem", "warning", "muted", "")
"""The colour of a line by its level: errors, warnings, debug; every other line has the text's."""
_TRACE = "Traceback (most recent call last):"
_LINKS = (_TRACE, "During handling of the above exception", "The above exception was the direct cause")
LOOK_BACK = 200
"""Lines above those asked for in which the beginning of their record is looked for."""


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
        self._names = (-1, False)

    def look(self, first: int, count: int, at_end: bool) -> View:
        """Read on, then give `count` lines from `first` on, or the last ones."""
        index = self._index
        total = index.extend()
        if at_end:
            first = total - count
        first = max(min(first, total - count), 0)
        above = min(first, LOOK_BACK)
        lines = index.lines(first - above, above + count)
        levels = colors(lines, self._every_record_names_its_level())
        return View(
            index.generation, len(index), index.complete, first, tuple(lines[above:]), tuple(levels[above:])
        )

    def _every_record_names_its_level(self) -> bool:
        """Whether the first line does, which always begins a record: then a line that does not belongs to
        the record above it."""
        generation = self._index.generation
        if self._names[0] != generation and (head := self._index.lines(0, 1)):
            self._names = generation, _named(head[0]) is not None
        return self._names == (generation, True)

    def text(self, first: int, count: int) -> str:
        """Lines, to be copied."""
        return "\n".join(self._index.lines(first, count))


def _named(line: str) -> int | None:
    """Which level a line names, as the place of its colour; an indented line only by its first word."""
    found = _LEVEL.search(line, 0, _PREFIX)
    if found and line[:1].isspace() and line[: found.start()].strip():
        return None
    return found.lastindex if found else None


def colors(lines: Iterable[str], each_names_its_level: bool) -> list[str]:
    """The name of the colour of each line, empty for that of text: a record has one, down to its last line.

    Where records need not name a level, only what is indented or a traceback goes on with the record above.
    """
    made: list[str] = []
    color, in_trace = "", False
    for line in lines:
        named = _named(line)
        inside = not line.strip() or line[0].isspace() or line.startswith(_LINKS)
        if named is not None:
            color = COLORS[named]
        elif not (each_names_its_level or inside or in_trace):
            color = ""
        in_trace = line.startswith(_TRACE) or (in_trace and inside)  # until the line of the exception
        made.append(color)
    return made
