"""Times that are searched for in lines: the listed formats, and any date followed by any clock time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from engine.log.calendar_names import DAY, MONTH, in_english
from engine.log.times import ISO, ZONE_NAMES, time_format

TEXTS = (
    "%Y-%m-%d %I:%M:%S %p",
    "%Y/%m/%d %I:%M:%S %p",
    ISO,
    "%d/%b/%Y:%H:%M:%S %z",
    "%A, %d %B %Y %H:%M:%S",
    "%A, %B %d, %Y %H:%M:%S",
    "%a %b %d %H:%M:%S.%f %Y",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %Z %Y",
    "%a %Y-%m-%d %H:%M:%S %Z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%a, %d %b %Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S",
    "%b %d %Y %H:%M:%S",
    "%b %d %H:%M:%S.%f",
    "%b %d %H:%M:%S",
    "%d %b %Y %H:%M:%S,%f",
    "%d %b %Y %H:%M:%S.%f",
    "%d %b %Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S.%f",
    "%d-%b-%Y %H:%M:%S",
    "%d/%b/%Y %H:%M:%S",
    "%d %B %Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S,%f",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S.%f",
    "%d/%m/%Y %H:%M:%S,%f",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m-%d %H:%M:%S.%f",
    "%m-%d %H:%M:%S",
    "%m/%d %H:%M:%S",
    "%d/%m %H:%M:%S",
    "%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S,%f",
    "%d.%m.%Y %H:%M:%S.%f",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%d %b %H:%M:%S",
    "%d-%m-%Y %H:%M:%S,%f",
    "%d-%m-%Y %H:%M:%S",
    "%Y-%m-%d %H:%M.%S",
    "%Y-%m-%d %H.%M.%S",
    "%Y.%m.%d-%H.%M.%S",
    "%y-%m-%d %H:%M:%S,%f",
    "%y-%m-%d %H:%M:%S.%f",
    "%y-%m-%d %H:%M:%S",
    "%y/%m/%d %H:%M:%S",
    "%d/%m/%y %H:%M:%S",
    "%Y%m%d %H:%M:%S.%f",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d-%H:%M:%S",
    "%Y%m%d-%H%M%S",
    "%y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y %b %d %H:%M:%S",
    "%H:%M:%S,%f",
    "%H:%M:%S.%f",
    "%I:%M:%S %p",
    "%I:%M%p",
    "%a %H:%M:%S",
    "%A %H:%M:%S",
    "%H:%M:%S",
    "%H:%M",
    "%Y%m%d%H%M%S.%f",
    "%Y%m%d%H%M%S,%f",
    "%Y%m%d%H%M%S",
    "%s",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
"""The formats that are tried if none is given, the more specific ones first."""

_WEEKDAYS = ("%a, ", "%A, ", "%a ", "%A ", "")
_DATES = (
    *(
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y-%j",
        "%d-%b-%Y",
        "%d-%b-%y",
        "%d/%b/%Y",
        "%d/%b/%y",
        "%d.%b.%Y",
    ),
    *("%d %b %Y", "%d %B %Y", "%d %b, %Y", "%d %B, %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y"),
    *("%d.%m.%Y", "%d.%m.%y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y"),
    *("%Y %b %d", "%Y-%b-%d", "%d. %b %Y", "%d. %B %Y", "%Y年%m月%d日"),
)
_COMPACT_DATES = ("%Y%m%d", "%y%m%d")
_BETWEEN = (" at ", " - ", " > ", " | ", ", ", " ", ",", "T", ":", "_", "-", "/")
_CLOCKS = (
    *("%I:%M:%S.%f %p", "%I:%M:%S %p", "%I:%M:%S%p", "%I:%M %p", "%I:%M%p"),
    *(
        "%H:%M:%S.%f",
        "%H:%M:%S,%f",
        "%H:%M:%S:%f",
        "%H:%M:%S",
        "%H.%M.%S.%f",
        "%H.%M.%S",
        "%H-%M-%S",
        "%H:%M",
    ),
)
_COMPACT_CLOCKS = ("%H%M%S.%f", "%H%M%S,%f", "%H%M%S")
_ZONES = (" %z", "%z", " %Z", "")

_EPOCH = re.compile(r"[1-3]\d{9}(?:\d{3}){0,3}(?!\d)")
"""Seconds, milliseconds, microseconds or nanoseconds since 1970 of a year from 2001 to 2096."""
_MAY_BEGIN = re.compile(rf"\d| \d|{in_english(DAY)}|{in_english(MONTH)}")
"""What any time begins with."""
_DATE_AHEAD = 30
"""Characters in which the name of a month is looked for."""


@lru_cache(maxsize=2)
def any_time(any_language: bool = False) -> re.Pattern[str]:
    """Matches a time of any of `TEXTS`; the group that matched says which: `t0`, `t1`, ..."""
    known = [f"(?P<t{n}>{_pattern(text, any_language)})" for n, text in enumerate(TEXTS)]
    return re.compile(rf"(?:{'|'.join(known)})(?!\d|:\d)")


@lru_cache(maxsize=1)
def _foreign_date() -> re.Pattern[str]:
    """A date whose month has a name that is not English: patterns of all languages take long to compile."""
    month = rf"(?!{in_english(MONTH)}){MONTH}"
    return re.compile(rf"\d(?:\.? |[-/.]){month}[-/ ,]|\b{month} +\d|\d{{4}}年")


def find_time(text: str, at: int, today: date) -> tuple[str, int] | None:
    """The format and the end of the time that begins at a place, if one does."""
    foreign = _foreign_date().search(text, at, at + _DATE_AHEAD) is not None
    if not foreign and not _MAY_BEGIN.match(text, at):
        return None
    listed = _listed_time(text, at, today, foreign)
    return _composed_time(text, at, today, listed[1] if listed else at, foreign) or listed


def _composed_time(text: str, at: int, today: date, least: int, foreign: bool) -> tuple[str, int] | None:
    """A time that is put together from a date and a clock, if it goes on after `least`."""
    found = _composed(foreign).match(text, at)
    if not found or found.end() <= least:
        return None
    groups = (_WEEKDAYS, (*_DATES, *_COMPACT_DATES), _BETWEEN, (*_CLOCKS, *_COMPACT_CLOCKS), _ZONES)
    form = "".join(
        next(part for n, part in enumerate(parts) if found[f"{kind}{n}"] is not None)
        for kind, parts in zip("wdbcz", groups, strict=True)
    )
    for meant in (form, form.replace("%m/%d/", "%d/%m/")):
        if time_format(meant).read(found[0], today):
            return meant, found.end()
    return None


@lru_cache(maxsize=2)
def _composed(any_language: bool) -> re.Pattern[str]:
    """Matches a date and a clock; the groups say which parts they are: `w0`, `d3`, `b1`, `c5`, `z3`."""

    def one_of(kind: str, parts: Sequence[str], first: int = 0) -> str:
        patterns = (_pattern(part, any_language) for part in parts)
        return "|".join(f"(?P<{kind}{n}>{pattern})" for n, pattern in enumerate(patterns, first))

    dates, clocks = one_of("d", _DATES), one_of("c", _CLOCKS)
    compact = one_of("d", _COMPACT_DATES, len(_DATES))
    tight = one_of("c", _COMPACT_CLOCKS, len(_CLOCKS))
    head = rf"(?:{one_of('w', _WEEKDAYS)})(?:(?:{dates})(?!\d)|(?P<compact>{compact})(?!\d))"
    clock = rf"(?:(?:{clocks})|(?(compact)(?:{tight})|(?!)))"
    zones = one_of("z", _ZONES).replace(_pattern("%Z"), rf"(?:{ZONE_NAMES})\b")
    return re.compile(rf"{head}(?:{one_of('b', _BETWEEN)}){clock}(?:{zones})(?!\d|:\d)")


def _pattern(form: str, any_language: bool = False) -> str:
    pattern = time_format(form).pattern
    return pattern if any_language else in_english(pattern)


def _listed_time(text: str, at: int, today: date, foreign: bool) -> tuple[str, int] | None:
    found = any_time(foreign).match(text, at)
    if not found or not found.lastgroup:
        return None
    first = int(found.lastgroup[1:])
    for known in TEXTS[first:]:
        form = time_format(known)
        match = re.compile(rf"{form.pattern}(?!\d|:\d)").match(text, at)
        if match and form.read(match[0], today) and (known != "%s" or _EPOCH.match(match[0])):
            return known, match.end()
    return None
