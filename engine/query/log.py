"""The lines of a log file near the screen, and how much of it has been read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.log import LogIndex
from engine.query.codec import travels
from engine.query.request import Request, Steps, Urgency
from engine.query.sources import Sources

ERROR, WARNING, DEBUG, OTHER = "error", "warning", "debug", ""
"""The levels that a line can be told by."""
_NAMED = re.compile(r"\b(?:(CRITICAL|FATAL|ERROR)|(WARNING|WARN)|(DEBUG|TRACE)|(INFO|NOTICE))\b")
_LEVELS = (OTHER, ERROR, WARNING, DEBUG, OTHER)
"""By the number of the group that matches."""
_PREFIX = 200
"""Characters in which a line names its level."""
_TRACE = "Traceback (most recent call last):"
_LINKS = (_TRACE, "During handling of the above exception", "The above exception was the direct cause")
LOOK_BACK = 200
"""Lines above those asked for in which the beginning of their record is looked for."""
STEP_BYTES = 4 << 20
"""Bytes of a file that are indexed at once."""


class Log:
    """One log file and where its lines are."""

    def __init__(self, path: Path) -> None:
        self.index = LogIndex(path, read_limit=STEP_BYTES)
        self._names = (-1, False)

    def close(self) -> None:
        """The file is open only while it is read."""

    def every_record_names_its_level(self) -> bool:
        """Whether the first line does, which always begins a record.

        Then a line that does not belongs to the record above it.
        """
        generation = self.index.generation
        if self._names[0] != generation and (head := self.index.lines(0, 1)):
            self._names = generation, _named(head[0]) is not None
        return self._names == (generation, True)

    def view(self, first: int, count: int, at_end: bool) -> LogPage:
        """`count` lines from `first` on, or the last ones, of what is known."""
        total = len(self.index)
        if at_end:
            first = total - count
        first = max(min(first, total - count), 0)
        above = min(first, LOOK_BACK)
        lines = self.index.lines(first - above, above + count)
        found = levels(lines, self.every_record_names_its_level())
        index = self.index
        return LogPage(
            index.generation, len(index), index.complete, first, tuple(lines[above:]), tuple(found[above:])
        )


@travels
@dataclass(frozen=True)
class LogPage:
    """The lines near the screen and the state of the file they are from."""

    generation: int
    """Another number: another file, whose lines have nothing to do with those before."""
    total: int
    """Lines that are known."""
    complete: bool
    """Whether the file has been read to its end."""
    first: int
    lines: tuple[str, ...]
    levels: tuple[str, ...]


@travels
@dataclass(frozen=True)
class Lines(Request[LogPage]):
    """Read on, and give `count` lines from `first` on, or the last ones. What is there comes first."""

    urgency: ClassVar[Urgency] = Urgency.ROWS
    path: Path
    first: int
    count: int
    at_end: bool = False

    @property
    def source(self) -> Path:
        return self.path

    def steps(self, sources: Sources) -> Steps[LogPage]:
        log = sources.get(Log, self.path)
        yield
        log.index.extend()
        return log.view(self.first, self.count, self.at_end)


@travels
@dataclass(frozen=True)
class LogText(Request[str]):
    """Lines as one text, to be copied."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    path: Path
    first: int
    count: int

    @property
    def source(self) -> Path:
        return self.path

    def steps(self, sources: Sources) -> Steps[str]:
        log = sources.get(Log, self.path)
        while not log.index.complete and len(log.index) < self.first + self.count:
            log.index.extend()
            yield
        lines: list[str] = []
        for first in range(self.first, self.first + self.count, 1_000):
            lines += log.index.lines(first, min(1_000, self.first + self.count - first))
            yield
        return "\n".join(lines)


def _named(line: str) -> int | None:
    """Which level a line names, as its place in `_LEVELS`; an indented line only by its first word."""
    found = _NAMED.search(line, 0, _PREFIX)
    if found and line[:1].isspace() and line[: found.start()].strip():
        return None
    return found.lastindex if found else None


def levels(lines: Iterable[str], each_names_its_level: bool) -> list[str]:
    """The level of each line: a record has one, down to its last line.

    If records need not name a level, only what is indented or a traceback goes on with the record above.
    """
    made: list[str] = []
    level, in_trace = OTHER, False
    for line in lines:
        named = _named(line)
        inside = not line.strip() or line[0].isspace() or line.startswith(_LINKS)
        if named is not None:
            level = _LEVELS[named]
        elif not (each_names_its_level or inside or in_trace):
            level = OTHER
        in_trace = line.startswith(_TRACE) or (in_trace and inside)  # until the line of the exception
        made.append(level)
    return made
