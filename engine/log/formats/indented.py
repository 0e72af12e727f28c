"""JSON objects that are written over several indented lines, one after the other or in an array."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.log import levels
from engine.log.formats.format import NOT_A_START, Fields
from engine.log.formats.structured import LEVELS, LOGGERS, MESSAGES, TIMES, JsonFormat

_OPENING = re.compile(r"(?P<indent>[ \t]*)\{[ \t]*$")
_MEMBER = re.compile(r"(?P<indent>[ \t]+)(?P<pair>\"[^\"]+\": .*?),?[ \t]*$")
_KNOWN = frozenset((*TIMES, *LEVELS, *LOGGERS, *MESSAGES))


@dataclass(frozen=True)
class IndentedJson:
    """An object from its brace on, which is alone in a line; its members are indented further."""

    indent: str
    members: str
    """The indentation of the members."""
    name: str = "json-indented"
    text: str = "JSON objects over several lines"
    rank: int = 21
    reader: JsonFormat = field(default=JsonFormat("json", "JSON lines", guesses=True))

    def level(self, line: str) -> int:
        found = _OPENING.match(line)
        return levels.NONE if found and found["indent"] == self.indent else NOT_A_START

    def late_level(self, line: str, nth: int) -> int:
        """The level in line `nth` of a record, `NOT_A_START` if there is none."""
        found = _MEMBER.match(line)
        if found is None or found["indent"] != self.members:
            return NOT_A_START
        if found["pair"].split('"')[1] not in LEVELS:
            return NOT_A_START
        return self.reader.level(f"{{{found['pair']}}}")

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        text = "\n".join(lines)
        record = _object(text)
        made = self.reader.fields([json.dumps(record)], today) if record else Fields(message=text)
        made.whole = True
        return made


def infer_indented(lines: Sequence[str]) -> list[IndentedJson]:
    """The format of lines that are indented objects with the fields of a log, if they are."""
    found = [(n, match["indent"]) for n, line in enumerate(lines) if (match := _OPENING.match(line))]
    if not found:
        return []
    indent = min((indent for _, indent in found), key=len)
    starts = [n for n, own in found if own == indent]
    for n, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        member = _MEMBER.match(lines[n + 1]) if n + 1 < end else None
        record = _object("\n".join(lines[n:end])) if member else None
        if member and record and len(_KNOWN & record.keys()) > 1:
            return [IndentedJson(indent, member["indent"])]
    return []


def _object(text: str) -> dict[str, object] | None:
    """The object at the beginning of a text."""
    try:
        record, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None  # pyright: ignore[reportUnknownVariableType]
