"""Rows of a log as one text, for copying: their lines, or the records that they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from engine.query.codec import travels
from engine.query.log.looking import lines_in
from engine.query.log.opened import Logs, logs_of
from engine.query.log.rows import Rows
from engine.query.log.spec import AboutLog, LogWanted
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources

STEP = 1_000
"""Rows that are read in a step."""
LINES, RECORDS, MESSAGES = "lines", "records", "messages"
MOST_CHARACTERS = 64 << 20
"""The most bytes of a copy."""


@travels
@dataclass(frozen=True)
class LogText:
    """Rows as text."""

    text: str
    whole: bool
    """Whether it is complete."""


@travels
@dataclass(frozen=True)
class TakeFromLog(AboutLog[LogText]):
    """Rows `first` to `last`, the first one from `start` on, the last one up to `end`."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    wanted: LogWanted
    first: int
    last: int
    start: int = 0
    end: int = -1
    """-1 for the whole line."""
    what: str = LINES
    """Or `RECORDS` or `MESSAGES`: those that the rows belong to, whole."""

    def steps(self, sources: Sources) -> Steps[LogText]:
        logs = logs_of(sources, self.ref)
        rows = logs.rows(self.wanted)
        lines: list[str] = []
        size = 0
        for text in self._lines(logs, rows) if self.what == LINES else self._records(logs, rows):
            if text is None:
                yield
                continue
            lines.append(text)
            size += len(text)
            if size > MOST_CHARACTERS:
                break
        whole = size <= MOST_CHARACTERS
        if whole and lines and self.end >= 0:
            lines[-1] = lines[-1][: self.end]
        if lines:
            lines[0] = lines[0][self.start :]
        return LogText("\n".join(lines)[:MOST_CHARACTERS], whole)

    def _lines(self, logs: Logs, rows: Rows) -> Iterator[str | None]:
        """The lines; None is a chance to pause."""
        for first in range(self.first, self.last + 1, STEP):
            for file, line, _ in lines_in(logs, rows, first, min(STEP, self.last + 1 - first)):
                log = logs.files[file].log
                yield log.line(line.number, 0, MOST_CHARACTERS) if line.cut and log else line.text
            yield None

    def _records(self, logs: Logs, rows: Rows) -> Iterator[str | None]:
        """The records, or their messages; None is a chance to pause."""
        above = (-1, -1)
        for first in range(self.first, self.last + 1, STEP // 10):
            for file, line in rows.places(first, min(STEP // 10, self.last + 1 - first)):
                log = logs.files[file].log
                if log is None or line >= log.records.lines:
                    continue
                record = (file, log.records.start_of(line))
                if record != above:
                    raw = log.record_lines(line)
                    yield log.read(raw).message if self.what == MESSAGES else "\n".join(raw.lines)
                above = record
            yield None
