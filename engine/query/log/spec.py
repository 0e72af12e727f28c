"""The parts of a request about a log: the files, how to read them, and which records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from engine.log.filters import Bound, Filter
from engine.log.reading import Reading
from engine.log.search import Pattern
from engine.log.zones import AS_WRITTEN, given_time, zone_named
from engine.query.codec import travels
from engine.query.request import A, Request

_FAR = 1 << 60
"""A line that no file has."""


@travels
@dataclass(frozen=True)
class LogReading:
    """The user's choices in place of detection; empty means detected."""

    encoding: str = ""
    format: str = ""
    """The name of a format, or a format string of `logging`."""

    def made(self) -> Reading:
        """The corresponding object of the reader."""
        return Reading(self.encoding or None, self.format or None)


@travels
@dataclass(frozen=True)
class LogRef:
    """Log files that are shown as one."""

    paths: tuple[Path, ...]
    reading: LogReading = LogReading()
    by_time: bool = False
    """Whether their records are merged by time; else one file follows the other."""


@dataclass(frozen=True)
class AboutLog(Request[A]):
    """A question about a log."""

    ref: LogRef

    @property
    def source(self) -> Path:
        return self.ref.paths[0]


@travels
@dataclass(frozen=True)
class LogPattern:
    """A search text."""

    text: str
    literal: bool = True
    word: bool = False
    ignore_case: bool = True

    @property
    def can_take_long(self) -> bool:
        """Whether only a kill can end the search: a regular expression can run forever on one line."""
        return not self.literal

    def made(self) -> Pattern:
        """The corresponding object of the reader. Raises ValueError for an invalid regular expression."""
        return _pattern(self)


NO_PATTERN = LogPattern("")


@lru_cache(maxsize=64)
def _pattern(given: LogPattern) -> Pattern:
    pattern = Pattern(given.text, given.literal, given.word, given.ignore_case)
    try:
        assert pattern.regex
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"Not a regular expression: {error}.") from None
    return pattern


@travels
@dataclass(frozen=True)
class LogWanted:
    """A filter as the user defines it; the empty one matches everything."""

    level: int = 0
    """The lowest level."""
    loggers: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    """Times in the syntax of `given_time`."""
    every: tuple[LogPattern, ...] = ()
    any: tuple[LogPattern, ...] = ()
    none: tuple[LogPattern, ...] = ()
    from_line: int = 0
    """Lines before this one (counted from 0) of file `from_file` are left out, and all files before that."""
    from_file: int = 0
    matching: bool = False
    """Only the matching lines of each record."""
    context: int = 0
    """Additional lines around each record."""

    @property
    def patterns(self) -> tuple[LogPattern, ...]:
        return (*self.every, *self.any, *self.none)

    @property
    def only_hits(self) -> bool:
        """Whether only lines with a hit are shown."""
        return self.matching and bool(self.every or self.any)

    @property
    def can_take_long(self) -> bool:
        """See `LogPattern.can_take_long`."""
        return any(pattern.can_take_long for pattern in self.patterns)

    @property
    def shows(self) -> tuple[LogPattern, ...]:
        """The patterns whose hits show why a record passes."""
        return (*self.every, *self.any)

    def made(self, last: datetime | None, file: int = 0) -> Filter:
        """The reader's filter for one of the files. `last` is the time of its last record.

        Raises ValueError if it is invalid.
        """
        return Filter(
            level=self.level or None,
            loggers=self.loggers,
            processes=self.processes,
            threads=self.threads,
            tasks=self.tasks,
            exceptions=self.exceptions,
            since=_bound(self.since, last),
            until=_bound(self.until, last),
            lines=self._lines(file),
            every=tuple(pattern.made() for pattern in self.every),
            any=tuple(pattern.made() for pattern in self.any),
            none=tuple(pattern.made() for pattern in self.none),
        )

    def _lines(self, file: int) -> tuple[int, int] | None:
        """The lines of a file that may pass; None for all."""
        if file < self.from_file:
            return (_FAR, _FAR)
        return (self.from_line, _FAR) if file == self.from_file and self.from_line else None


def _bound(text: str, last: datetime | None) -> Bound | None:
    return Bound(given_time(text, last, zone_named(AS_WRITTEN))) if text else None
