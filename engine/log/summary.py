"""Totals of many records: statistics, a histogram over time, and groups by the shape of their messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.log import levels
from engine.log.record import Record

MOST_GROUPS = 10_000
"""The most shapes that are distinguished; further ones are counted together."""
_MOST_NAMES = 20
_SHAPE = re.compile(
    r"(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<text>\"[^\"]{0,200}\"|(?<!\w)'[^']{0,200}'(?!\w))"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b)"
    r"|(?P<number>(?<![A-Za-z_])[-+]?\d+(?:[.,:]\d+)*)"
)
_STANDS_FOR = {"uuid": "<id>", "text": "<text>", "hex": "<hex>", "number": "<n>"}


def shape_of(message: str) -> str:
    """A message in which everything that varies between records is replaced."""
    return _SHAPE.sub(lambda found: _STANDS_FOR[found.lastgroup or "number"], message.split("\n", 1)[0][:500])


@dataclass
class Statistics:
    """Counts over records."""

    records: int = 0
    lines: int = 0
    levels: Counter[str] = field(default_factory=Counter[str])
    loggers: Counter[str] = field(default_factory=Counter[str])
    exceptions: Counter[str] = field(default_factory=Counter[str])
    formats: Counter[str] = field(default_factory=Counter[str])
    first: Record | None = None
    last: Record | None = None

    def add(self, record: Record) -> None:
        if record.format is None:
            return
        self.records += 1
        self.lines += record.lines
        self.levels[record.level or "none"] += 1
        self.formats[record.format] += 1
        if record.logger:
            self._count(self.loggers, record.logger)
        if record.exception:
            self._count(self.exceptions, record.exception)
        if record.time:
            at = record.time.instant
            if self.first is None or (self.first.time and at < self.first.time.instant):
                self.first = record
            if self.last is None or (self.last.time and at >= self.last.time.instant):
                self.last = record

    def _count(self, names: Counter[str], name: str) -> None:
        if name in names or len(names) < MOST_GROUPS:
            names[name] += 1

    def as_dict(self) -> dict[str, Any]:
        """The content for JSON."""
        first = self.first.time if self.first else None
        last = self.last.time if self.last else None
        span = (last.instant - first.instant) / 1e6 if first and last else None
        known = [name for name in levels.NAMES if name] + ["none"]
        return {
            "records": self.records,
            "lines": self.lines,
            "levels": {name: self.levels[name] for name in known if self.levels[name]},
            "first": first.text if first else None,
            "last": last.text if last else None,
            "seconds": span,
            "loggers": dict(self.loggers.most_common(_MOST_NAMES)),
            "exceptions": dict(self.exceptions.most_common(_MOST_NAMES)),
            "formats": dict(self.formats.most_common()),
        }


@dataclass(frozen=True, slots=True)
class Bucket:
    """The records of a time span."""

    start: datetime
    end: datetime
    by_level: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.by_level)

    def as_dict(self) -> dict[str, Any]:
        named = {(name or "none"): count for name, count in zip(levels.NAMES, self.by_level, strict=True)}
        return {"from": self.start.isoformat(), "to": self.end.isoformat(), "total": self.total, **named}


def histogram(moments: Iterable[tuple[int, int]], buckets: int) -> list[Bucket]:
    """Records by equal time spans; `moments` are pairs of microseconds and level."""
    import numpy as np

    pairs = np.fromiter((value for pair in moments for value in pair), np.int64).reshape(-1, 2)
    if not len(pairs):
        return []
    times, ranks = pairs[:, 0], pairs[:, 1]
    low, high = int(times.min()), int(times.max())
    step = max((high - low) / buckets, 1.0)
    place = np.minimum(((times - low) / step).astype(np.int64), buckets - 1)
    counts = np.bincount(place * 7 + ranks, minlength=buckets * 7).reshape(buckets, 7)
    return [
        Bucket(_clock(low + n * step), _clock(low + (n + 1) * step), tuple(row.tolist()))
        for n, row in enumerate(counts)
    ]


def _clock(microseconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(microseconds=int(microseconds))


@dataclass
class Group:
    """Records whose messages have the same shape."""

    shape: str
    level: str | None
    count: int
    first: Record
    last: Record

    def as_dict(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "level": self.level,
            "shape": self.shape,
            "example": self.first.message.split("\n", 1)[0],
            "first_line": self.first.line,
            "last_line": self.last.line,
            "first": self.first.time.text if self.first.time else None,
            "last": self.last.time.text if self.last.time else None,
        }


@dataclass
class Grouping:
    """Groups the records that it is given."""

    found: dict[tuple[str | None, str], Group] = field(default_factory=dict[tuple[str | None, str], Group])

    def add(self, record: Record) -> None:
        key = (record.level, shape_of(record.message))
        group = self.found.get(key)
        if group is None and len(self.found) >= MOST_GROUPS:
            key = (None, "(other messages)")
            group = self.found.get(key)
        if group is None:
            self.found[key] = Group(key[1], key[0], 1, record, record)
        else:
            group.count += 1
            group.last = record

    def largest(self) -> list[Group]:
        """All groups, in descending order of size."""
        return sorted(self.found.values(), key=lambda group: -group.count)


def groups(records: Iterable[Record]) -> list[Group]:
    """The groups of records, in descending order of size."""
    grouping = Grouping()
    for record in records:
        grouping.add(record)
    return grouping.largest()


def moments(records: Iterable[Record]) -> Iterator[tuple[int, int]]:
    """The time on the writers' clocks and the level of each record with a time."""
    return ((record.time.wall, record.rank) for record in records if record.time)
