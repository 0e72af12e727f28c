"""The interface of formats: find where a record starts, and read its fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Protocol

from engine.log import levels
from engine.log.exceptions import trace_start
from engine.log.formats.template import Template
from engine.log.known_times import find_time
from engine.log.times import Moment, TimeFormat, from_epoch, time_format

NOT_A_START = -1
_NO_TASK = (None, "", "-", "None", "???")
"""The text for a record that was logged outside any task."""


@dataclass(slots=True)
class Fields:
    """The content of a record's first line."""

    time: Moment | None = None
    level: int = levels.NONE
    level_text: str | None = None
    logger: str | None = None
    process: str | int | None = None
    thread: str | int | None = None
    task: str | int | None = None
    message: str = ""
    exception: str | None = None
    whole: bool = False
    """Whether the message is complete, including lines below the first one."""
    more: dict[str, object] = field(default_factory=dict[str, object])


class Format(Protocol):
    """A format of log records."""

    @property
    def name(self) -> str:
        """Its name, as in `--log-format`."""
        ...

    @property
    def text(self) -> str:
        """What a user could enter as the format."""
        ...

    @property
    def rank(self) -> int:
        """Higher for more information: decides between formats that match the same lines."""
        ...

    def level(self, line: str) -> int:
        """The level of the record that starts with this line, `NOT_A_START` if none does."""
        ...

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        """The fields of a record."""
        ...


LevelReader = Callable[[str], int]


@dataclass(frozen=True)
class TextFormat:
    """A format of plain lines: one pattern for the beginning finds records, one for the line reads fields."""

    name: str
    text: str
    start: re.Pattern[str]
    whole: re.Pattern[str]
    rank: int = 0
    time: TimeFormat | None = None
    level_of: LevelReader = levels.level_of
    template: Template | None = None
    says_level: bool = False

    def level(self, line: str) -> int:
        found = self.start.match(line)
        if not found:
            return NOT_A_START
        return self.level_of(found["level"]) if self.says_level else levels.NONE

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        line = lines[0]
        found = self.whole.match(line)
        if len(lines) > 1 and self.ending and not (found and any(found.group(*self.ending))):
            joined = self.whole.match("\n".join(lines[: trace_start(lines)]))
            if joined and any(joined.group(*self.ending)):
                made = self._filled(joined.groupdict(), today)
                made.whole = True
                return made
        if found is None:
            found = self.start.match(line)
            if found is None:
                return Fields(message=line)
            return self._filled(found.groupdict() | {"message": line[found.end() :].lstrip()}, today)
        return self._filled(found.groupdict(), today)

    @cached_property
    def ending(self) -> tuple[str, ...]:
        """The fields after the message, at the end of its last line: none, or at least two."""
        names = self.whole.groupindex
        behind = [name for name in names if names[name] > names.get("message", len(names))]
        return (*behind, behind[0]) if behind else ()

    @property
    def starts_with_time(self) -> bool:
        """Whether a time identifies its records."""
        return "time" in self.start.groupindex

    @cached_property
    def tested(self) -> tuple[str, ...]:
        """The groups that conditions use, at least two, so that they come as a tuple."""
        asked = ("logger", "process", "pid", "thread", "tid", "task")
        named = [name for name in asked if name in self.whole.groupindex] or ["message"]
        return (*named, named[0])

    def _filled(self, groups: Mapping[str, str | None], today: date) -> Fields:
        made = Fields(message=groups.get("message") or "")
        if (text := groups.get("level")) is not None:
            made.level_text = text.strip()
            if self.level_of is levels.level_of_priority:
                made.level_text = levels.SYSLOG[int(text) & 7]
            made.level = self.level_of(text)
        made.time = self._time(groups, today)
        made.logger = stripped(groups.get("logger"))
        made.process = number(groups.get("process") or groups.get("pid"))
        made.thread = number(groups.get("thread") or groups.get("tid"))
        made.task = number(groups.get("task")) if groups.get("task") not in _NO_TASK else None
        known = {"message", "level", "time", "msecs", "logger", "process", "pid", "thread", "tid", "task"}
        made.more = {name: text for name, text in groups.items() if text and name not in known}
        if (name := groups.get("process")) and (pid := groups.get("pid")):
            made.process, made.more["process_name"] = int(pid), name
        if (name := groups.get("thread")) and (tid := groups.get("tid")):
            made.thread, made.more["tid"] = name, int(tid)
        return made

    def _time(self, groups: Mapping[str, str | None], today: date) -> Moment | None:
        text = groups.get("time")
        if text is None or self.time is None:
            return None
        moment = self.time.read(text, today)
        if moment and (msecs := groups.get("msecs")):
            number = int(float(msecs) * 1000) if "." in msecs else int(msecs) * 1000
            moment = replace(moment, time=moment.time.replace(microsecond=min(number, 999_999)))
        return moment

    def says_time(self, line: str, today: date) -> bool:
        """Whether the time of a first line can be read, if it has one."""
        found = self.whole.match(line)
        if self.time is None or not found or found["time"] is None:
            return True
        return self.time.read(found["time"], today) is not None


def stripped(text: str | None) -> str | None:
    """A field without padding."""
    return text.strip() if text is not None else None


def number(text: str | None) -> str | int | None:
    """A field as a number, if it is one."""
    if text is None:
        return None
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 20 else text


def read_any_time(text: str, today: date) -> Moment | None:
    """The moment in a text of any known time format."""
    text = text.strip()
    if re.fullmatch(r"\d{9,19}(?:\.\d+)?", text):
        return from_epoch(text)
    found = find_time(text, 0, today)
    return time_format(found[0]).read(text, today) if found and found[1] == len(text) else None
