"""`java.util.logging`: time and class in the first line of a record, level and message in the second."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.log import levels
from engine.log.exceptions import trace_start
from engine.log.formats.format import NOT_A_START, Fields, read_any_time

_FIRST = re.compile(
    r"(?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d [AP]M"
    r"|\d{1,2}-?[A-Z][a-z]{2}-?\d{4},? \d{1,2}:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[+-]\d\d:?\d\d)?)"
    r" (?P<logger>[A-Za-z_][\w.$]*)(?: (?P<function>[\w$<>]+))?$"
)
_SECOND = re.compile(
    r"(?P<level>SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST|Level \d+): (?P<message>.*)", re.DOTALL
)


@dataclass(frozen=True)
class TwoLines:
    """The output of Java's `SimpleFormatter`."""

    name: str = "java-logging"
    text: str = "time class method, and below it LEVEL: message (java.util.logging)"
    rank: int = 13

    def level(self, line: str) -> int:
        return levels.NONE if _FIRST.match(line) else NOT_A_START

    def late_level(self, line: str, nth: int) -> int:
        """The level in line `nth` of a record, `NOT_A_START` if there is none."""
        found = _SECOND.match(line) if nth == 1 else None
        return levels.level_of(found["level"]) if found else NOT_A_START

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        first = _FIRST.match(lines[0])
        second = _SECOND.match(lines[1]) if len(lines) > 1 else None
        if first is None:
            return Fields(message="\n".join(lines))
        made = Fields(time=read_any_time(first["time"].replace("\u202f", " "), today), logger=first["logger"])
        made.whole = True
        if first["function"]:
            made.more = {"function": first["function"]}
        if second:
            made.level, made.level_text = levels.level_of(second["level"]), second["level"]
            below = lines[2:]
            made.message = "\n".join([second["message"], *below[: trace_start(below)]])
        return made
