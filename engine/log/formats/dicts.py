"""Lines that are the `repr` of a dict, as they come from `print(record)` or a renderer that was left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.log.formats.structured import LEVELS, MESSAGES, TIMES, Object, ObjectFormat

_STRING = r"[rb]?'(?:[^'\\]|\\.)*'|[rb]?\"(?:[^\"\\]|\\.)*\""
_KEY = re.compile(rf"\s*(?P<key>{_STRING})\s*:\s*")
_PART = re.compile(rf"{_STRING}|[^'\"\[\](){{}},]+|.")
_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d*)?(?:e[+-]?\d{1,3})?")
_DATETIME = re.compile(r"(?:datetime\.)?datetime\((?P<numbers>\d+(?:, \d+){2,6})(?P<rest>.*)\)")
_CONSTANTS = {"None": None, "True": True, "False": False}
_DEEPEST = 5
_KNOWN_KEYS = frozenset((*TIMES, *LEVELS, *MESSAGES))


@dataclass(frozen=True)
class DictFormat(ObjectFormat):
    """One dict a line. Values that are no literals, such as objects, stay as they are written."""

    def parsed(self, line: str) -> Object | None:
        if not line.startswith(("{'", '{"')) or not line.rstrip().endswith("}"):
            return None
        record = _dict(line.strip(), 0)
        return record if record and _KNOWN_KEYS & record.keys() else None


def _dict(text: str, depth: int) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    at = 1
    while found := _KEY.match(text, at):
        end = _end_of_value(text, found.end())
        made[str(_value(found["key"], depth))] = _value(text[found.end() : end].strip(), depth)
        at = end + 1
    return made if text[at - 1 :].strip() in ("}", "") else None


def _end_of_value(text: str, at: int) -> int:
    """Where the comma or the brace is that ends a value."""
    open_brackets = 0
    for found in _parts(text, at):
        part = found[0]
        if open_brackets == 0 and part in (",", "}"):
            return found.start()
        open_brackets += (part in ("(", "[", "{")) - (part in (")", "]", "}"))
    return len(text)


def _parts(text: str, at: int) -> Iterator[re.Match[str]]:
    while found := _PART.match(text, at):
        yield found
        at = found.end()


def _value(text: str, depth: int) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if re.fullmatch(_STRING, text, re.DOTALL):
        return _string(text)
    if _NUMBER.fullmatch(text):
        return float(text) if re.search(r"[.e]", text) else int(text)
    if text.startswith("{") and depth < _DEEPEST:
        nested = _dict(text, depth + 1)
        return text if nested is None else nested
    if found := _DATETIME.fullmatch(text):
        return _moment(found)
    return text.lstrip("(")  # of exc_info: the class of the exception is what counts


def _string(text: str) -> str:
    if "\\" not in text:
        return text.lstrip("rb")[1:-1]
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text.lstrip("rb")[1:-1]


def _moment(found: re.Match[str]) -> str:
    try:
        time = datetime(*map(int, found["numbers"].split(", ")))  # pyright: ignore[reportArgumentType]
    except ValueError:
        return found[0]
    return time.isoformat() + ("Z" if "utc" in found["rest"].lower() else "")
