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
        self._shown: tuple[str, int] = ("", 0)  # by log, the last line shown

    @property
    def needs_fields(self) -> bool:
        """Whether more than the lines of a record is needed."""
        return self._message_only or self._zone is not None

    def write(self, record: Record, log: Log) -> None:
        if self._message_only:
            lines = record.message.split("\n")
        else:
            lines = (dated(record, log, self._zone) if self._zone else record.text).split("\n")
        self._write(record.source, record.line - 1, record.lines, lines, record.level, log)

    def write_lines(self, raw: RawRecord, log: Log) -> None:
        """Write a record of which only the lines are needed."""
        level = levels.NAMES[level_in(raw.code)] if raw.code != CONTINUATION else None
        self._write(log.name, raw.line, len(raw.lines), raw.lines, level, log)

    def _write(
        self, source: str, first: int, count: int, lines: Sequence[str], level: str | None, log: Log
    ) -> None:
        if self._matching and not self._message_only:
            lines = [line for line in lines if self._matching.marks(line)]
        if self._context:
            self._before(source, first, log)
        mark = f"{source}: " if self._sources else ""
        color = _COLORS.get(level or "") if self._color else None
        start, end = (f"{mark}\x1b[{color}m", "\x1b[0m\n") if color else (mark, "\n")
        self._out.write("".join([f"{start}{line}{end}" for line in lines]))
        self._shown = (source, first + count)

    def _before(self, source: str, first: int, log: Log) -> None:
        """The context lines after the previous record and before this one."""
        last_source, shown = self._shown
        if last_source and last_source != source:
            self._out.write(f"{_SEPARATOR}\n")
            shown = 0
        elif last_source:
            after = min(shown + self._context, first)
            self._plain(log, shown, after)
            shown = after
            if shown < first - self._context:
                self._out.write(f"{_SEPARATOR}\n")
        self._plain(log, max(first - self._context, shown), first)

    def _plain(self, log: Log, first: int, last: int) -> None:
        for line in log.page(first, last - first) if last > first else []:
            self._out.write(f"{line.text}\n")

    def end(self, log: Log | None) -> None:
        """The context lines after the last record."""
        if self._context and log is not None and self._shown[0]:
            last = min(self._shown[1] + self._context, log.lines.count)
            self._plain(log, self._shown[1], last)


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
