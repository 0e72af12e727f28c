"""The zone in which times are shown, and times as users type them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.log.times import Moment

AS_WRITTEN = "as-written"
_AGO = re.compile(r"-(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h|d|w)?$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def zone_named(name: str) -> tzinfo | None:
    """The zone with this name; None leaves times as they are written. Raises ValueError if it is unknown."""
    if name == AS_WRITTEN:
        return None
    if name.lower() == "utc":
        return UTC
    if name == "local":
        zone = datetime.now().astimezone().tzinfo
        assert zone is not None
        return _Local()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone. Use local, utc, as-written or a name such as Europe/Berlin."
        ) from None


class _Local(tzinfo):
    """The zone of this machine, including daylight saving time."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return dt.replace(tzinfo=None).astimezone().utcoffset() if dt else None

    def dst(self, dt: datetime | None) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return dt.replace(tzinfo=None).astimezone().tzname() if dt else None

    def fromutc(self, dt: datetime) -> datetime:
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def in_zone(moment: Moment, zone: tzinfo | None) -> Moment:
    """A moment in a zone; one without an offset counts as local time of this machine."""
    if zone is None:
        return moment
    return replace(moment, time=moment.time.astimezone(zone))


def given_time(text: str, last: datetime | None, zone: tzinfo | None) -> datetime:
    """The time that a user types: ISO, a time on the last record's day, or `-10m` before the last record.

    Raises ValueError, which says what is accepted.
    """
    if found := _AGO.match(text):
        if last is None:
            raise ValueError(f"{text!r} counts from the last record, but no record has a time.")
        return last - timedelta(seconds=float(found["number"]) * _SECONDS[found["unit"] or "s"])
    try:
        if re.fullmatch(r"\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?", text):
            if last is None:
                raise ValueError
            clock = datetime.fromisoformat(f"2000-01-01T{text.zfill(5) if len(text) < 6 else text}").time()
            return last.replace(
                hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond
            )
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a time. Give it as 2024-03-10T11:58, 11:58, or -10m before the last record."
        ) from None
    return time.replace(tzinfo=zone) if time.tzinfo is None and zone is not None else time
