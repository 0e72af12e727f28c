"""A complete record: the content of its first line, its message, and its exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.log import levels
from engine.log.exceptions import exception_in, trace_start
from engine.log.formats.format import Fields, Format, TextFormat
from engine.log.formats.plain import PlainFormat
from engine.log.times import Moment


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The lines of a record, or those before the first one, which have no format."""

    source: str
    line: int
    """The number of its first line, counted from 0."""
    offset: int
    """The offset of that line in the file."""
    code: int
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is shown and exported."""

    source: str
    line: int
    """The number of its first line, counted from 1."""
    lines: int
    offset: int
    time: Moment | None
    level: str | None
    level_text: str | None
    logger: str | None
    process: str | int | None
    thread: str | int | None
    task: str | int | None
    message: str
    text: str
    exception: str | None
    format: str | None
    encoding: str
    fields: Mapping[str, object]

    @property
    def rank(self) -> int:
        """Its level as a number."""
        return levels.NAMES.index(self.level)

    def as_dict(self) -> dict[str, Any]:
        """Its content for JSON lines."""
        made = {name: getattr(self, name, None) for name in KEYS}
        made["time"] = self.time.text if self.time else None
        made["time_guessed"] = bool(self.time and self.time.guessed)
        return made


KEYS = (
    "source",
    "line",
    "lines",
    "offset",
    "time",
    "time_guessed",
    "level",
    "level_text",
    "logger",
    "process",
    "thread",
    "task",
    "message",
    "text",
    "exception",
    "format",
    "encoding",
)


def read(raw: RawRecord, form: Format | None, encoding: str, today: date) -> Record:
    """The record in these lines."""
    fields = form.fields(raw.lines, today) if form else Fields(message="\n".join(raw.lines))
    return Record(
        source=raw.source,
        line=raw.line + 1,
        lines=len(raw.lines),
        offset=raw.offset,
        time=fields.time,
        level=levels.NAMES[fields.level],
        level_text=fields.level_text,
        logger=fields.logger,
        process=fields.process,
        thread=fields.thread,
        task=fields.task,
        message=_message(raw.lines, fields, form),
        text="\n".join(raw.lines),
        exception=exception_of(raw.lines, fields, form),
        format=form.name if form else None,
        encoding=encoding,
        fields=fields.more,
    )


def exception_of(lines: Sequence[str], fields: Fields, form: Format | None) -> str | None:
    """The class of a record's exception."""
    if form is None or fields.exception:
        return fields.exception
    if isinstance(form, PlainFormat):
        return exception_in(lines)
    return exception_in([fields.message.split("\n")[-1], *lines[1:]] if len(lines) > 1 else lines[1:])


def _message(lines: Sequence[str], fields: Fields, form: Format | None) -> str:
    """The message with the following lines that belong to it, up to a traceback, a dump or final blanks."""
    if len(lines) < 2 or fields.whole or not isinstance(form, TextFormat | PlainFormat):
        return fields.message
    return "\n".join([fields.message, *lines[1 : 1 + trace_start(lines[1:])]]).rstrip("\n")
