"""Times as logs write them: patterns made from strftime formats, and how to read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property, lru_cache

from engine.log.calendar_names import DAY, LONG_DAY, LONG_MONTH, MONTH, month_number
from engine.log.levels import UPPER_WORDS

_ZONE = r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d(?::?\d\d)?)"

DIRECTIVES: Mapping[str, tuple[str, str]] = {
    "Y": ("year", r"\d{4}"),
    "y": ("short_year", r"\d\d"),
    "m": ("month", r"\d\d?"),
    "d": ("day", r"[ \d]?\d"),
    "e": ("day", r"[ \d]?\d"),
    "b": ("month_name", MONTH),
    "h": ("month_name", MONTH),
    "B": ("month_name", LONG_MONTH),
    "a": ("", DAY),
    "A": ("", LONG_DAY),
    "H": ("hour", r"[ \d]?\d"),
    "I": ("hour", r"[ \d]?\d"),
    "M": ("minute", r"\d\d"),
    "S": ("second", r"\d\d"),
    "f": ("fraction", r"\d{1,9}"),
    "p": ("half", r"(?:[AaPp]\.?[Mm]\b\.?)"),
    "z": ("zone", _ZONE),
    "Z": ("zone_name", rf"(?!(?:{UPPER_WORDS})\b)[A-Z][A-Z0-9+-]{{0,5}}(?![A-Za-z0-9])"),
    "j": ("year_day", r"\d{1,3}"),
    "u": ("", r"\d"),
    "w": ("", r"\d"),
    "U": ("", r"\d\d"),
    "W": ("", r"\d\d"),
    "s": ("epoch", r"\d{9,19}(?:\.\d+)?"),
}
"""For each directive of strftime, the part of the time and its pattern."""
_COMPOSED = {
    "T": "%H:%M:%S",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "n": " ",
    "t": "\t",
}
ISO = "iso"
"""The name of the format that takes any date and time in the order of ISO 8601."""
ZONE_NAMES = (
    "UTC|GMT|WET|WEST|CET|CEST|MEZ|MESZ|EET|EEST|MSK|BST|IST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|AKST|AKDT|HST"
    "|JST|KST|SGT|HKT|AEST|AEDT|ACST|ACDT|AWST|NZST|NZDT|SAST|BRT|ART"
)
"""Names of zones, as opposed to other words in capitals. Only the first two certainly mean an offset."""
_ISO_PATTERN = (
    r"\d{4}(?P<sep>[-/.])\d\d(?P=sep)\d\d(?:[T_]| {1,2}|[-:])\d\d:\d\d(?::\d\d(?:[.,]\d{1,9}|:\d{3}(?!\d))?)?"
    rf"(?:Z\b| (?:{ZONE_NAMES})\b| ?[+-](?:0\d|1[0-4]):?[0-5]\d(?!\d)|[+-](?:0\d|1[0-4])(?![\d-]))?"
)
_COMPACT_ISO = r"\d{8}T\d{6}(?:[.,]\d{1,9})?(?:Z\b|[+-]\d\d:?\d\d)?"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as in a log: aware only if the log has an offset."""

    time: datetime
    guessed: bool = False
    """Whether the log omits the year or the date."""

    @property
    def text(self) -> str:
        return self.time.isoformat()

    @property
    def wall(self) -> int:
        """Microseconds since 1970 on the writer's clock."""
        return microseconds(self.time)

    @property
    def instant(self) -> int:
        """Microseconds since 1970 in UTC; a time without an offset counts as local time of this machine."""
        aware = self.time if self.time.tzinfo else self.time.astimezone()
        return microseconds(aware.astimezone(UTC))


def microseconds(time: datetime) -> int:
    """Microseconds from 1970 to what the clock shows, whatever its zone."""
    return (time.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(microseconds=1)


@dataclass(frozen=True)
class TimeFormat:
    """How a log writes its times: `iso`, or a format of strftime."""

    text: str

    @cached_property
    def pattern(self) -> str:
        """A regular expression without named groups."""
        if self.text == ISO:
            iso = _ISO_PATTERN.replace("(?P<sep>[-/.])\\d\\d(?P=sep)", "(?:-\\d\\d-|/\\d\\d/|\\.\\d\\d\\.)")
            return f"(?:{iso}|{_COMPACT_ISO})"
        return "".join(part for part, _ in parts_of(self.text))

    @cached_property
    def _named(self) -> re.Pattern[str]:
        parts: list[str] = []
        for pattern, field in parts_of(self.text):
            known = field and not any(f"(?P<{field}>" in part for part in parts)
            parts.append(f"(?P<{field}>{pattern})" if known else pattern)
        return re.compile("".join(parts))

    def read(self, text: str, today: date) -> Moment | None:
        """The moment in a text; `today` replaces a date that it omits."""
        try:
            if self.text == ISO:
                return Moment(_iso(text))
            found = self._named.fullmatch(text)
            return _moment(found.groupdict(), today) if found else None
        except (ValueError, OverflowError):
            return None


@lru_cache(maxsize=256)
def time_format(text: str) -> TimeFormat:
    """The format of this text, compiled once."""
    return TimeFormat(text)


def parts_of(text: str) -> list[tuple[str, str]]:
    """Pairs of pattern and field for each piece of a strftime format."""
    parts: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char != "%" or at + 1 >= len(text):
            parts.append((r"\ +" if char == " " else re.escape(char), ""))
            at += 1
            continue
        directive = text[at + 1]
        at += 2
        if directive in "-#" and at < len(text):  # %-d of Unix, %#d of Windows: not padded
            directive = text[at]
            at += 1
        if directive in _COMPOSED:
            parts += parts_of(_COMPOSED[directive])
        elif directive in DIRECTIVES:
            field, pattern = DIRECTIVES[directive]
            close = text[at : at + 1] == "%" or bool(parts and parts[-1][1])
            parts.append((r"\d\d" if close and directive in "mdHI" else pattern, field))
        else:
            parts.append((re.escape(directive), ""))
    return parts


def _iso(text: str) -> datetime:
    if text[-1].isupper() and (name := text.rpartition(" ")[2]).isalpha():
        text = text[: -len(name)] + ("Z" if name in ("UTC", "GMT") else "")
    if "T" not in text[:11] and len(text) > 10 and text[10] in "_-: ":
        text = text[:10] + "T" + text[11:].lstrip()
    if text[4] in "/.":
        text = text[:10].replace(text[4], "-") + text[10:]
    text = text.replace(" ", "")
    if len(text) > 19 and text[19] == ":":
        text = f"{text[:19]}.{text[20:]}"
    return datetime.fromisoformat(text)


def _moment(fields: Mapping[str, str | None], today: date) -> Moment:
    if epoch := fields.get("epoch"):
        return from_epoch(epoch)
    hour = int(fields.get("hour") or 0)
    if half := fields.get("half"):
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    fraction = (fields.get("fraction") or "0")[:6].ljust(6, "0")
    minute = int(fields.get("minute") or 0)
    second = min(int(fields.get("second") or 0), 59)
    day, guessed = _date(fields, today, (hour, minute, second))
    zone = _zone(fields.get("zone"), fields.get("zone_name"))
    time = datetime(day.year, day.month, day.day, hour, minute, second, int(fraction), zone)
    return Moment(time, guessed)


def _date(fields: Mapping[str, str | None], today: date, clock: tuple[int, int, int]) -> tuple[date, bool]:
    """The date in the fields, and whether any of it is a guess."""
    month = int(fields.get("month") or 0)
    if name := fields.get("month_name"):
        month = month_number(name)
    day = int(fields.get("day") or 0)
    year = int(fields.get("year") or 0)
    if short := fields.get("short_year"):
        year = 2000 + int(short) if int(short) < 69 else 1900 + int(short)
    if year and (nth := fields.get("year_day")):
        return date(year, 1, 1) + timedelta(int(nth) - 1), False
    if year and month and day:
        return date(year, month, day), False
    if month and day:
        return _latest_before(today, month, day), True
    now = isinstance(today, datetime) and (today.hour, today.minute, today.second)
    late = now and clock > now
    return date(today.year, today.month, today.day) - timedelta(1 if late else 0), True


def _latest_before(today: date, month: int, day: int) -> date:
    """The last such day up to the day after `today`."""
    limit = date(today.year, today.month, today.day) + timedelta(1)
    for year in range(limit.year, limit.year - 9, -1):
        try:
            found = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if found <= limit:
            return found
    raise ValueError(f"There is no day {day} of month {month}.")


def _zone(offset: str | None, name: str | None) -> timezone | None:
    if (offset or name) in ("Z", "UTC", "GMT"):
        return UTC
    if not offset:
        return None
    digits = offset[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return timezone(-span if offset[0] == "-" else span)


def from_epoch(text: str | float) -> Moment:
    """The moment of a number of seconds, milliseconds, microseconds or nanoseconds since 1970."""
    whole, _, fraction = str(text).partition(".")
    number = int(whole)
    micro = int((fraction + "000000")[:6]) if fraction and fraction.isdigit() else 0
    size = abs(number)
    if size >= 10**17:
        total = number // 1000
    elif size >= 10**14:
        total = number
    elif size >= 10**11:
        total = number * 1000 + micro // 1000
    else:
        total = number * 1_000_000 + micro
    return Moment(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=total))
