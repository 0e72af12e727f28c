"""Writes records as text, JSON lines or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from engine.log import levels
from engine.log.filters import Filter
from engine.log.formats.format import TextFormat
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION, level_in
from engine.log.record import RawRecord, Record
from engine.log.writing import Output, dumped
from engine.log.zones import in_zone

_COLORS = {"TRACE": "2", "DEBUG": "2", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
_SEPARATOR = "--"


class Text:
    """Records as they are in the log, or parts of them."""

    def __init__(
        self,
        out: Output,
        *,
        zone: tzinfo | None = None,
        color: bool = False,
        sources: bool = False,
        message_only: bool = False,
        matching: Filter | None = None,
        context: int = 0,
    ) -> None:
        self._out = out
        self._zone = zone
        self._color = color
        self._sources = sources
        self._message_only = message_only
        self._matching = matching
        self._context = context
        self._log: Log | None = None
        """The log of the last record, and the line after the last one shown."""
        self._shown = 0

    @property
    def needs_fields(self) -> bool:
        """Whether more than the lines of a record is needed."""
        return self._message_only or self._zone is not None

    def write(self, record: Record, log: Log) -> None:
        if self._message_only:
            lines = record.message.split("\n")
        else:
            lines = (dated(record, log, self._zone) if self._zone else record.text).split("\n")
        self._write(record.line - 1, lines, record.level, log)

    def write_lines(self, raw: RawRecord, log: Log) -> None:
        """Write a record of which only the lines are needed."""
        level = levels.NAMES[level_in(raw.code)] if raw.code != CONTINUATION else None
        self._write(raw.line, raw.lines, level, log)

    def _write(self, first: int, lines: Sequence[str], level: str | None, log: Log) -> None:
        color = _COLORS.get(level or "") if self._color else None
        start, end = (f"{self._mark(log)}\x1b[{color}m", "\x1b[0m\n") if color else (self._mark(log), "\n")
        if not self._matching:
            self._before(first, log)
            self._out.write("".join([f"{start}{line}{end}" for line in lines]))
            self._shown = first + len(lines)
            return
        for n, line in enumerate(lines, first):
            if self._matching.marks(line):
                self._before(n, log)
                self._out.write(f"{start}{line}{end}")
                self._shown = n + 1

    def _mark(self, log: Log) -> str:
        return f"{log.name}: " if self._sources else ""

    def _before(self, first: int, log: Log) -> None:
        """The context lines after what was shown before, and before line `first`."""
        if not self._context:
            return
        if self._log is not None:
            if log is not self._log:
                self.end()
            else:
                self._plain(log, min(self._shown + self._context, first))
            if log is not self._log or self._shown < first - self._context:
                self._out.write(f"{_SEPARATOR}\n")
        if log is not self._log:
            self._log, self._shown = log, 0
        self._shown = max(first - self._context, self._shown)
        self._plain(log, first)

    def _plain(self, log: Log, last: int) -> None:
        """Show the lines up to `last` as they are."""
        mark = self._mark(log)
        for line in log.page(self._shown, last - self._shown) if last > self._shown else []:
            self._out.write(f"{mark}{line.text}\n")
        self._shown = max(last, self._shown)

    def end(self) -> None:
        """The context lines after the last record."""
        if self._context and self._log is not None:
            self._plain(self._log, min(self._shown + self._context, self._log.lines.count))


def dated(record: Record, log: Log, zone: tzinfo | None) -> str:
    """A record's text with its time converted to a zone, if it begins with a time."""
    form = next(
        (ranked.format for ranked in log.detection.formats if ranked.format.name == record.format), None
    )
    if zone is None or record.time is None or not isinstance(form, TextFormat):
        return record.text
    found = form.start.match(record.text)
    if not found or "time" not in found.re.groupindex or found.start("time") < 0:
        return record.text
    start, end = found.span("time")
    return record.text[:start] + in_zone(record.time, zone).text + record.text[end:]


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as aligned lines, with numbers on the right."""
    rows = list(rows)
    if not rows:
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if cell.replace(",", "").isdecimal() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def write_rows(
    out: Output, kind: str, rows: Sequence[dict[str, Any]], text: Callable[[], Iterator[str]]
) -> None:
    """Write rows in one of the three formats; `text` turns them into lines."""
    if kind == "jsonl":
        for row in rows:
            out.write(dumped(row) + "\n")
    elif kind == "csv" and rows:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        out.write(buffer.getvalue())
    elif kind == "text":
        for line in text():
            out.write(f"{line}\n")
