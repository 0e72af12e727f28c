"""Parses conditions on tasks, such as `seconds>1.5 status=error,died input~2024`.

    COLUMN OP VALUE      OP is one of  =  !=  <  <=  >  >=  ~

Conditions are separated by spaces, and all must hold. A value extends to the next condition, so it may
contain spaces. In quotes it may contain anything, and is a text even if it looks like a number. `~` finds a
text, or `/PATTERN/` a regular expression (`/PATTERN/i` ignores case). `!=` holds wherever `=` does not. A
number also equals a text that is written like it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.results.names import COLUMNS, NUMBERS, SPREAD, STATUSES

ALIASES = {"result": "value"}
FAILED = "failed"
"""Means every status of a failed task."""
LISTED = ("index", "status", "worker", "attempts", "stage")
"""Columns that can have several values, separated by commas."""

_COLUMN = re.compile(r"[A-Za-z_]\w*(?:\.(?:\"[^\"]*\"|[^\s=!<>~\"]+))?")
_OPERATOR = re.compile(r"\s*(!=|<=|>=|=|<|>|~)\s*")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/(i?)(?=\s|$)")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)")
_PLAIN = re.compile(r"\S+")
_BEGUN = re.compile(rf"{_COLUMN.pattern}(?:!=|<=|>=|=|<|>|~)")
"""The beginning of a condition; spaces before the operator are only allowed after an existing column."""
_ESCAPED = re.compile(r"\\([\"'\\])")


class ConditionError(ValueError):
    """An invalid condition. `position` is where, in characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Condition:
    """A single condition."""

    column: str
    op: str
    value: str
    is_text: bool = False
    """Whether the value was in quotes."""
    is_regex: bool = False
    any_case: bool = False


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions in a text. Raises ConditionError."""
    found: list[Condition] = []
    at = _behind_blanks(text, 0)
    while at < len(text):
        condition, at = _read(text, at)
        found.append(condition)
        at = _behind_blanks(text, at)
    return tuple(found)


def conditions_of(texts: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions of repeated options. Raises ConditionError."""
    return tuple(condition for text in texts for condition in parse(text))


def _behind_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _read(text: str, at: int) -> tuple[Condition, int]:
    named = _COLUMN.match(text, at)
    sign = _OPERATOR.match(text, named.end()) if named else None
    if named is None or sign is None:
        word = _PLAIN.match(text, at)
        said = word.group() if word else ""
        raise ConditionError(
            f"“{said}” is not a condition: write COLUMN OP VALUE, for example seconds>1.5. Put quotes around"
            " a value that looks like more than one condition.",
            at,
        )
    column, op = column_named(named.group(), at), sign.group(1)
    value_at = sign.end()
    if op == "~" and (regex := _REGEX.match(text, value_at)):
        pattern = regex.group(1).replace(r"\/", "/")
        condition = Condition(column, op, pattern, True, True, bool(regex.group(2)))
        _check_regex(condition, value_at)
        return condition, regex.end()
    if quoted := _QUOTED.match(text, value_at):
        value = _ESCAPED.sub(r"\1", quoted.group(1) if quoted.group(1) is not None else quoted.group(2))
        return _checked(Condition(column, op, value, True), value_at), quoted.end()
    if text[value_at : value_at + 1] in ('"', "'"):
        raise ConditionError("The quote is not closed, or something follows it without a space.", value_at)
    end = _end_of_value(text, value_at)
    if end == value_at:
        raise ConditionError(f"There is no value after {named.group()}{op}.", value_at)
    return _checked(Condition(column, op, text[value_at:end]), value_at), end


def _end_of_value(text: str, at: int) -> int:
    """The end of an unquoted value: before the next condition."""
    end = at
    while word := _PLAIN.match(text, at):
        end = word.end()
        at = _behind_blanks(text, end)
        if _begins_condition(text, at):
            break
    return end


def _begins_condition(text: str, at: int) -> bool:
    if _BEGUN.match(text, at):
        return True
    named = _COLUMN.match(text, at)
    if named is None or _OPERATOR.match(text, named.end()) is None:
        return False
    base = named.group().partition(".")[0]
    return ALIASES.get(base, base) in COLUMNS


def column_named(name: str, position: int = 0) -> str:
    """The column with that name. Raises ConditionError."""
    base, dot, path = name.partition(".")
    column = ALIASES.get(base, base)
    if column not in COLUMNS:
        known = ", ".join(COLUMNS)
        raise ConditionError(f"There is no column “{base}”. There are: {known}.", position)
    if dot and column not in SPREAD:
        raise ConditionError(f"Only {' and '.join(SPREAD)} have parts, as in value.score.", position)
    path = path.strip('"')
    if dot and not path:
        raise ConditionError(f"There is no name after {base}.", position)
    return f"{column}.{path}" if dot else column


def _check_regex(condition: Condition, position: int) -> None:
    try:
        re.compile(condition.value)
    except (re.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None) or 0
        raise ConditionError(f"The regular expression is not valid: {error}.", position + 1 + at) from error


def _checked(condition: Condition, position: int) -> Condition:
    column, op, value = condition.column, condition.op, condition.value
    if op == "~":
        return condition
    if column == "status":
        _check_status(op, value, position)
    elif column == "started":
        if _span_or_none(value) is None:
            raise ConditionError(f"started needs a time, as in 2026-11-26T14:30, not “{value}”.", position)
    elif column in NUMBERS:
        for each in listed(value) if column in LISTED and op in ("=", "!=") else [value]:
            if as_number(each) is None:
                raise ConditionError(f"{column} needs a number, not “{each}”.", position)
    return condition


def _check_status(op: str, value: str, position: int) -> None:
    if op not in ("=", "!="):
        raise ConditionError(f"A status has no order: use =, != or ~ instead of {op}.", position)
    for each in value.split(","):
        if each.strip() not in (*STATUSES, FAILED):
            known = ", ".join((*STATUSES, FAILED))
            raise ConditionError(f"There is no status “{each.strip()}”. There are: {known}.", position)
        position += len(each) + 1


def listed(value: str) -> list[str]:
    """Several values, separated by commas."""
    return [each.strip() for each in value.split(",")]


def as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) or "_" in text else number


_SPANS = (
    (re.compile(r"\d{4}-\d\d-\d\d"), timedelta(days=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d"), timedelta(hours=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), timedelta(minutes=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"), timedelta(seconds=1)),
)


def span(text: str) -> tuple[float, float]:
    """The begin and end of the period that a text names. Raises ValueError.

    A time without a zone is local.
    """
    begin = datetime.fromisoformat(text)
    bare = re.sub(r"(?<=[\d])(Z|[+-]\d\d:?\d\d)$", "", text) if "T" in text or " " in text else text
    length = next((length for form, length in _SPANS if form.fullmatch(bare)), timedelta(microseconds=1))
    return _told(begin), _told(begin + length)


def _told(time: datetime) -> float:
    """Seconds since the epoch, the same for the same microsecond however it was written."""
    return round(time.timestamp() * 1e6) / 1e6


def _span_or_none(text: str) -> tuple[float, float] | None:
    try:
        return span(text)
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class Sort:
    """A column to sort by. Tasks without a value come last either way."""

    column: str
    descending: bool = False

    @classmethod
    def read(cls, text: str) -> Sort:
        """`COLUMN`, `COLUMN:asc` or `COLUMN:desc`. Raises ConditionError."""
        column, colon, way = text.rpartition(":")
        if way not in ("asc", "desc") and (not colon or "." in text):  # a key may contain a colon
            column, way = text, "asc"
        if way not in ("", "asc", "desc"):
            raise ConditionError(
                f"“{way}” is not an order: write {column}:asc or {column}:desc.", len(column) + 1
            )
        return cls(column_named(column), way == "desc")
