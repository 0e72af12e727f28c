"""The selected records of one or more logs: in file order, or merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from engine.log.log import Log
from engine.log.record import RawRecord, Record
from engine.log.selection import Selection
from engine.log.tasks import Clock

REORDERED = 4_096
"""Within this many records, the times of one file may be out of order and are sorted by a merge."""

LOOK_BACK = 10_000
"""Records at the end of a log that are searched for one with a time."""


def chosen(log: Log, selection: Selection, skip: int = 0) -> Iterator[Record]:
    """The records of a selection, from position `skip` on."""
    return (log.read(raw) for raw in chosen_lines(log, selection, skip))


def chosen_lines(log: Log, selection: Selection, skip: int = 0) -> Iterator[RawRecord]:
    """The same as unread lines."""
    passed = 0
    for first, mask in selection.spans():
        lines = (mask.nonzero()[0] + first).tolist()
        if passed + len(lines) <= skip:
            passed += len(lines)
            continue
        lines = lines[max(skip - passed, 0) :]
        passed = max(passed, skip)
        wanted = set(lines)
        for raw in log.walk(lines[0], lines[-1] + 1):
            if raw.line in wanted:
                yield raw
        passed += len(lines)


def last_time(log: Log) -> datetime | None:
    """The last known time among the last records."""
    line = log.records.lines
    for _ in range(LOOK_BACK):
        if line <= 0:
            return None
        record = log.record(line - 1)
        if record.time:
            return record.time.time
        line = record.line - 1
    return None


def merged(logs: Sequence[Iterator[Record]], clocks: Sequence[Clock | None] = ()) -> Iterator[Record]:
    """The records of several logs by time. A record without a time stays after the one above it.

    The clock of a log, if it has one, knows the times of what has none.
    """
    by_number = dict(enumerate(clocks))
    streams = [_in_order(n, records, by_number.get(n)) for n, records in enumerate(logs)]
    return (record for _, _, _, record in heapq.merge(*streams, key=lambda item: item[:3]))


_Keyed = tuple[int, int, int, Record]


def _in_order(source: int, records: Iterator[Record], clock: Clock | None) -> Iterator[_Keyed]:
    """The records of one log with their sort keys, with slightly late ones put in order."""
    keyed = _keyed(source, records, clock)
    heap: list[tuple[int, int, int, Record]] = list(islice(keyed, REORDERED))
    heap.sort(key=lambda item: item[:3])
    waiting = [_Waiting(item) for item in heap]
    for item in keyed:
        yield heapq.heappushpop(waiting, _Waiting(item)).item
    while waiting:
        yield heapq.heappop(waiting).item


class _Waiting:
    """A record that waits for earlier ones."""

    __slots__ = ("item",)

    def __init__(self, item: _Keyed) -> None:
        self.item = item

    def __lt__(self, other: _Waiting) -> bool:
        return self.item[:3] < other.item[:3]


def _keyed(source: int, records: Iterator[Record], clock: Clock | None) -> Iterator[_Keyed]:
    last = 0
    for record in records:
        if record.time is not None:
            last = record.time.instant
        elif clock and (moment := clock.at(record.offset)) is not None:
            last = moment
        yield last, source, record.line, record
