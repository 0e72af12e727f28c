"""Formats whose records are objects: JSON lines and key=value pairs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.log import levels
from engine.log.exceptions import exception_in
from engine.log.formats.format import NOT_A_START, Fields, number, read_any_time
from engine.log.formats.guessed import guessed
from engine.log.known_times import find_time
from engine.log.times import Moment, from_epoch

Object = Mapping[str, Any]

TIMES = [
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "asctime",
    "when",
    "datetime",
    "date",
    "@t",
    "t",
    "created",
    "eventTime",
    "event_time",
    "Timestamp",
    "log_time",
    "logged_at",
    "created_at",
    "timeUnixNano",
    "observedTimeUnixNano",
    "instant",
    "record.time.repr",
    "meta.timestamp",
]
LEVELS = [
    "levelname",
    "level",
    "severity",
    "log.level",
    "lvl",
    "loglevel",
    "log_level",
    "level_name",
    "SeverityText",
    "severity_text",
    "severityText",
    "@l",
    "record.level.name",
    "priority",
    "levelno",
]
LOGGERS = [
    "logger",
    "logger_name",
    "name",
    "log.logger",
    "loggerName",
    "logger.name",
    "log_namespace",
    "channel",
    "component",
    "category",
    "SourceContext",
    "InstrumentationScope",
    "scope",
    "target",
    "label",
    "record.name",
]
MESSAGES = [
    "message",
    "msg",
    "event",
    "MESSAGE",
    "textPayload",
    "short_message",
    "@m",
    "@mt",
    "Body",
    "body",
    "text",
    "log",
    "jsonPayload.message",
    "record.message",
]
PROCESSES = [
    "process",
    "process_id",
    "pid",
    "process.pid",
    "processName",
    "process_name",
    "record.process.id",
]
THREADS = [
    "threadName",
    "thread_name",
    "thread",
    "thread.name",
    "process.thread.name",
    "tid",
    "record.thread.name",
]
TASKS = ["task", "task_id", "taskName"]
EXCEPTIONS = [
    "exc_type",
    "error.type",
    "exception.type",
    "exception",
    "exc_info",
    "exc_text",
    "error.stack_trace",
    "stack_trace",
    "stack",
    "traceback",
    "error",
]


@dataclass(frozen=True)
class Paths:
    """The paths of each field in an object: the first existing one counts."""

    time: Sequence[str] = field(default_factory=lambda: TIMES)
    level: Sequence[str] = field(default_factory=lambda: LEVELS)
    logger: Sequence[str] = field(default_factory=lambda: LOGGERS)
    message: Sequence[str] = field(default_factory=lambda: MESSAGES)
    process: Sequence[str] = field(default_factory=lambda: PROCESSES)
    thread: Sequence[str] = field(default_factory=lambda: THREADS)
    task: Sequence[str] = field(default_factory=lambda: TASKS)
    exception: Sequence[str] = field(default_factory=lambda: EXCEPTIONS)


def find(record: Object, paths: Sequence[str]) -> Any:
    """The value at the first existing path, which is a key or a path through objects."""
    for path in paths:
        if path in record:
            value = record[path]
        elif "." in path:
            value = _walk(record, path)
        else:
            continue
        if value is not None:
            return value
    return None


def _walk(record: Object, path: str) -> Any:
    value: Any = record
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]  # pyright: ignore[reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True)
class ObjectFormat:
    """What JSON lines and key=value pairs have in common."""

    name: str
    text: str
    rank: int = 0
    needs: tuple[str, ...] = ()
    """Paths that an object of this format has."""
    paths: Paths = field(default_factory=Paths)
    level_kind: str = "python"
    """How a number is a level: `python`, `node` or `syslog`."""
    guesses: bool = False
    """Whether names that are nearly the known ones count, too."""

    def parsed(self, line: str) -> Object | None:
        """The object in a line, None if it is not one."""
        raise NotImplementedError

    def level(self, line: str) -> int:
        record = self.parsed(line)
        if record is None or not self._fits(record):
            return NOT_A_START
        return self._level(record)[0]

    def _fits(self, record: Object) -> bool:
        return all(find(record, [path]) is not None for path in self.needs)

    def find(self, record: Object, role: str) -> Any:
        """What a record has for one of the fields."""
        names = getattr(self.paths, role)
        value = find(record, names)
        if value is None and self.guesses:
            return guessed(record, names, (*self.paths.level, *self.paths.message))
        return value

    def _level(self, record: Object) -> tuple[int, str | None]:
        value = self.find(record, "level")
        if isinstance(value, Mapping):
            value = find(value, ["name", "text", "level"])  # pyright: ignore[reportUnknownArgumentType]
        if value is None or isinstance(value, bool):
            return levels.NONE, None
        text = str(value)
        if self.level_kind == "syslog" and text.isdecimal():
            return levels.level_of_priority(text), levels.SYSLOG[int(text) & 7]
        if isinstance(value, int):
            node = self.level_kind == "node" or value == 60 or ("hostname" in record and "pid" in record)
            return levels.level_of_number(value, node=node), text
        return levels.level_of(text), text

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        record = self.parsed(lines[0])
        return Fields(message=lines[0]) if record is None else self._fields(record, today)

    def _fields(self, record: Object, today: date) -> Fields:
        made = Fields(message=self._message(record))
        made.level, made.level_text = self._level(record)
        made.time = moment(self.find(record, "time"), today)
        logger = self.find(record, "logger")
        if isinstance(logger, Mapping):
            logger = find(logger, ["name", "logger"])  # pyright: ignore[reportUnknownArgumentType]
        made.logger = logger if isinstance(logger, str) else None
        made.process = _plain(self.find(record, "process"))
        made.thread = _plain(self.find(record, "thread"))
        made.task = _plain(self.find(record, "task"))
        made.exception = _exception(self.find(record, "exception"))
        made.more = dict(record)
        return made

    def _message(self, record: Object) -> str:
        value = self.find(record, "message")
        if isinstance(value, Mapping):
            said = find(value, ["stringValue", "message", "text"])  # pyright: ignore[reportUnknownArgumentType]
            value = value if said is None else said  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, list) and all(isinstance(item, int) for item in value):  # pyright: ignore[reportUnknownVariableType]
            return _bytes(value)  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(value, str):
            return value
        return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class JsonFormat(ObjectFormat):
    """One JSON object per line."""

    def parsed(self, line: str) -> Object | None:
        if not line.startswith("{"):
            return None
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return None
        return record if isinstance(record, dict) else None  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True)
class EliotFormat(JsonFormat):
    """Eliot's actions and messages, recognized by their fields."""

    def _message(self, record: Object) -> str:
        known = {"timestamp", "task_uuid", "task_level", "action_type", "action_status", "message_type"}
        head = [str(record[key]) for key in ("action_type", "action_status", "message_type") if key in record]
        said = record.get("message")
        parts = [said] if isinstance(said, str) and said else []
        parts += [" ".join(head)] if head else []
        parts += [f"{key}={value}" for key, value in record.items() if key not in known | {"message"}]
        return " ".join(parts)


_KEY = r"[A-Za-z_@][\w.@/-]*"
_PAIR = re.compile(
    rf"(?P<key>{_KEY})=(?P<value>\"(?:[^\"\\]|\\.)*\"(?=\s|$)|'(?:[^'\\]|\\.)*'(?=\s|$)"
    rf"|\S*(?:\s+(?!{_KEY}=)\S+)*)"
)
_PAIRS_START = re.compile(rf"{_KEY}=(?:\S|\s|$)")
_HEAD_OF_PAIRS = re.compile(
    r"([\[(<]?)(?=[\w]).{4,60}?\b(?:level|lvl|severity|loglevel|log_level|levelname)="
)
"""How a line begins that has a time in front of its pairs."""
_AFTER_TIME = re.compile(rf"[\])>]?[ \t,:|-]+(?={_KEY}=)")
_KNOWN_KEYS = frozenset((*TIMES, *LEVELS, *MESSAGES, "at"))


@dataclass(frozen=True)
class PairsFormat(ObjectFormat):
    """key=value pairs, as in logfmt and structlog's KeyValueRenderer."""

    def parsed(self, line: str) -> Object | None:
        if _PAIRS_START.match(line):
            pairs = dict(_pairs(line))
        elif (head := _HEAD_OF_PAIRS.match(line)) and (found := find_time(line, head.end(1), date.today())):
            behind = _AFTER_TIME.match(line, found[1])
            if behind is None:
                return None
            pairs = {"time": line[head.end(1) : found[1]], **dict(_pairs(line, behind.end()))}
        else:
            return None
        return pairs if len(pairs) > 1 and len(_KNOWN_KEYS & pairs.keys()) > 1 else None


def _pairs(line: str, at: int = 0) -> Iterator[tuple[str, str]]:
    while found := _PAIR.match(line, at):
        yield found["key"], _unquoted(found["value"])
        at = found.end()
        while at < len(line) and line[at].isspace():
            at += 1


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] not in "\"'" or text[-1] != text[0]:
        return text
    if "\\" not in text:
        return text[1:-1]
    try:
        return json.loads(text) if text[0] == '"' else str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text[1:-1]


def moment(value: Any, today: date) -> Moment | None:
    """The moment in a value: a text in any known format, or a number since 1970."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        if isinstance(value, int | float):
            return from_epoch(repr(value)) if abs(value) >= 1e8 else None
        if isinstance(value, Mapping):
            return _moment_in(value, today)  # pyright: ignore[reportUnknownArgumentType]
        return read_any_time(str(value), today)
    except (ValueError, OverflowError):
        return None


def _moment_in(value: Object, today: date) -> Moment | None:
    seconds, nanos = find(value, ["seconds", "epochSecond"]), find(value, ["nanos", "nanoOfSecond"])
    if seconds is not None:
        return from_epoch(int(seconds) * 10**9 + int(nanos or 0))
    return moment(find(value, ["repr", "timestamp", "iso", "$date"]), today)


def _plain(value: Any) -> str | int | None:
    if isinstance(value, Mapping):
        value = find(value, ["name", "id", "pid"])  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, str):
        return number(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bytes(values: list[int]) -> str:
    try:
        data = bytes(values)
    except ValueError:
        return str(values)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _exception(value: Any) -> str | None:
    if isinstance(value, list) and value:
        first = isinstance(value[0], Mapping) and "is_cause" in value[0]  # structlog begins with the last one
        value = value[0 if first else -1]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Mapping):
        value = find(value, ["type", "exc_type", "name", "class"])  # pyright: ignore[reportUnknownArgumentType]
        return value if isinstance(value, str) else None
    if not isinstance(value, str):
        return None
    if "\n" in value:
        return exception_in(value.split("\n"))
    found = re.match(r"(?:<class ')?([A-Za-z_][\w.]*)(?:'>)?(?:[:(,]|$)", value)
    return (
        found[1]
        if found and re.search(r"(?:Error|Exception|Exit|Interrupt|Warning|Group)$|\.", found[1])
        else None
    )
