"""Writes rows of a log to a file: as text, or their records as JSON lines or CSV."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar, TextIO

from engine.log.source import Replaced
from engine.log.writing import Csv, JsonLines
from engine.log.zones import AS_WRITTEN, zone_named
from engine.query.codec import travels
from engine.query.log.looking import lines_in
from engine.query.log.opened import Logs, logs_of
from engine.query.log.reading import TELL_SECONDS
from engine.query.log.rows import Rows
from engine.query.log.spec import AboutLog, LogWanted
from engine.query.log.taking import MOST_CHARACTERS
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources

STEP = 500
"""Rows that are read in a step."""
ALL = LogWanted()


@travels
@dataclass(frozen=True)
class LogSaved:
    """What has been written so far: lines of text, or records."""

    count: int
    complete: bool


@travels
@dataclass(frozen=True)
class SaveLog(AboutLog[LogSaved]):
    """Save rows `first` to `last`, or all from `first` on if that is -1. No incomplete file appears."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    wanted: LogWanted
    path: Path
    kind: str = "text"
    first: int = 0
    last: int = -1
    zone: str = AS_WRITTEN

    def steps(self, sources: Sources) -> Steps[LogSaved]:
        logs = logs_of(sources, self.ref)
        for log in self.ref.paths:
            if self.path.exists() and log.exists() and os.path.samefile(self.path, log):  # noqa: PTH121
                raise ValueError(f"{self.path.name} is the log itself: it would be lost.")
        for _ in logs.extend():
            yield
        rows = logs.rows(self.wanted)
        last = rows.total() - 1 if self.last < 0 else min(self.last, rows.total() - 1)
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8", errors="replace", newline="") as out:
                write = self._lines if self.kind == "text" else self._records
                told, count = monotonic(), 0
                for written in write(out, logs, rows, last):
                    count += written
                    if monotonic() > told + TELL_SECONDS:
                        told = monotonic()
                        yield LogSaved(count, complete=False)
                    else:
                        yield
            part.replace(self.path)
        except Replaced:
            raise ValueError("The log was replaced in the meantime: nothing was written.") from None
        finally:
            part.unlink(missing_ok=True)
        return LogSaved(count, complete=True)

    def _lines(self, out: TextIO, logs: Logs, rows: Rows, last: int) -> Iterator[int]:
        """Write lines; yields their number after each step."""
        for first in range(self.first, last + 1, STEP):
            count = 0
            for file, line, _ in lines_in(logs, rows, first, min(STEP, last + 1 - first)):
                log = logs.files[file].log
                text = log.line(line.number, 0, MOST_CHARACTERS) if line.cut and log else line.text
                out.write(f"{text}\n")
                count += 1
            yield count

    def _records(self, out: TextIO, logs: Logs, rows: Rows, last: int) -> Iterator[int]:
        """Write the records that begin in the rows."""
        zone = zone_named(self.zone)
        writer = JsonLines(out, zone) if self.kind == "jsonl" else Csv(out, zone)
        if last < self.first:
            return
        if logs.merges:
            yield from self._merged(writer, logs, rows, last)
            return
        (file, low), (end, high) = rows.places(self.first, 1)[0], rows.places(last, 1)[0]
        for n in range(file, end + 1):
            log = logs.files[n].log
            if log is None:
                continue
            begin = low if n == file else 0
            behind = high + 1 if n == end else log.records.lines
            count = 0
            for raw in log.walk(begin, behind):
                if begin <= raw.line < behind and self._is_chosen(logs, n, raw.line):
                    writer.write(log.read(raw), log)
                    count += 1
                if count >= STEP:
                    yield count
                    count = 0
            yield count

    def _merged(self, writer: JsonLines | Csv, logs: Logs, rows: Rows, last: int) -> Iterator[int]:
        """Write the records in the order in which they are shown."""
        for first in range(self.first, last + 1, STEP):
            count = 0
            for file, line in rows.places(first, min(STEP, last + 1 - first)):
                log = logs.files[file].log
                if log and log.records.start_of(line) == line and self._is_chosen(logs, file, line):
                    writer.write(log.record(line), log)
                    count += 1
            yield count

    def _is_chosen(self, logs: Logs, file: int, line: int) -> bool:
        return self.wanted == ALL or bool(logs.kept(self.wanted)[file].records.mask(line, line + 1)[0])
