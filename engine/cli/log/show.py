"""Records as they are written out: text, JSON lines, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Protocol

from engine.log.filters import Filter
from engine.log.formats.format import TextFormat
from engine.log.log import Log
from engine.log.record import KEYS, Record
from engine.log.zones import in_zone

_COLORS = {"TRACE": "2", "DEBUG": "2", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
_SEPARATOR = "--"


class Output(Protocol):
    """Where text goes."""

    def write(self, text: str, /) -> object: ...


class Writer(Protocol):
    """Writes records, one by one."""

    def write(self, record: Record, log: Log) -> None: ...


class JsonLines:
    """A JSON object a record."""

    def __init__(self, out: Output, zone: tzinfo | None) -> None:
        self._out = out
        self._zone = zone

    def write(self, record: Record, log: Log) -> None:
        self._out.write(dumped(zoned(record, self._zone).as_dict()) + "\n")


def dumped(value: Any) -> str:
    """JSON of a value; escaped if it holds what is no text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text


class Csv:
    """A row a record, below a row of names."""

    def __init__(self, out: Output, zone: tzinfo | None) -> None:
        self._zone = zone
        self._rows = csv.writer(out)
        self._rows.writerow(KEYS)

    def write(self, record: Record, log: Log) -> None:
        values = zoned(record, self._zone).as_dict()
        self._rows.writerow(["" if values[key] is None else values[key] for key in KEYS])


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
        self._shown: tuple[str, int] = ("", 0)  # of a log, up to which line

    def write(self, record: Record, log: Log) -> None:
        lines = self._lines(record, log)
        if self._context:
            self._before(record, log)
        for line in lines:
            self._line(line, record)
        self._shown = (record.source, record.line - 1 + record.lines)

    def _lines(self, record: Record, log: Log) -> Sequence[str]:
        if self._message_only:
            return record.message.split("\n")
        lines = (dated(record, log, self._zone) if self._zone else record.text).split("\n")
        return [line for line in lines if self._matching.marks(line)] if self._matching else lines

    def _line(self, line: str, record: Record) -> None:
        mark = f"{record.source}: " if self._sources else ""
        color = _COLORS.get(record.level or "") if self._color else None
        self._out.write(f"{mark}\x1b[{color}m{line}\x1b[0m\n" if color else f"{mark}{line}\n")

    def _before(self, record: Record, log: Log) -> None:
        """The lines around the record before, and those in front of this one."""
        source, shown = self._shown
        first = record.line - 1
        if source and source != record.source:
            self._out.write(f"{_SEPARATOR}\n")
            shown = 0
        elif source:
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
        """The lines behind the last record."""
        if self._context and log is not None and self._shown[0]:
            last = min(self._shown[1] + self._context, log.lines.count)
            self._plain(log, self._shown[1], last)


def zoned(record: Record, zone: tzinfo | None) -> Record:
    """A record with its time in a zone."""
    if zone is None or record.time is None:
        return record
    return replace(record, time=in_zone(record.time, zone))


def dated(record: Record, log: Log, zone: tzinfo | None) -> str:
    """The text of a record with its time in a zone, if it is a line with a time."""
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
    """Rows as lines, their columns under one another, numbers to the right."""
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
    """Rows in one of the three formats; `text` gives them as lines."""
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
