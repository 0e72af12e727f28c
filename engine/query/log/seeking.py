"""Places in a log: the next hit or error, a line number, a time; and marks beside the scroll bar."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from engine.log import levels
from engine.log.chunk import NO_TIME
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION, LEVEL_MASK
from engine.log.source import Replaced
from engine.log.times import microseconds
from engine.log.walk import last_time
from engine.log.zones import AS_WRITTEN, given_time, zone_named
from engine.query.codec import travels
from engine.query.log.opened import Logs, logs_of
from engine.query.log.rows import Place, Rows
from engine.query.log.spec import NO_PATTERN, AboutLog, LogPattern, LogWanted
from engine.query.request import Steps, Urgency, Work
from engine.query.sources import Sources


class Target(IntEnum):
    """What to look for, from a row on."""

    LINE, TIME, NEXT_ERROR, PREVIOUS_ERROR, NEXT_HIT, PREVIOUS_HIT = range(6)


@travels
@dataclass(frozen=True)
class LogPlace:
    """A place; row -1 if there is none."""

    row: int
    file: int = 0
    line: int = 0
    nth: int = 0
    """The number of the hit, counted from 1; 0 for anything else."""


NOWHERE = LogPlace(-1)
_ZONES = 15 * 3_600_000_000
"""The largest difference between UTC and the writer's clock, in microseconds."""


@travels
@dataclass(frozen=True)
class SeekInLog(AboutLog[LogPlace]):
    """Find a place among the visible rows. Hits are those that a search has found so far."""

    urgency: ClassVar[Urgency] = Urgency.FACTS
    wanted: LogWanted
    target: int
    row: int = 0
    """For errors and hits: the row to start from, which itself is skipped."""
    line: int = 0
    file: int = 0
    time: str = ""
    pattern: LogPattern = NO_PATTERN

    def steps(self, sources: Sources) -> Steps[LogPlace]:
        logs = logs_of(sources, self.ref)
        rows = logs.rows(self.wanted)
        if self.target == Target.TIME or (self.target == Target.LINE and self.line >= logs.lines):
            for _ in logs.extend():
                yield
        if self.target == Target.LINE:
            return _at(rows, rows.row_of((self.file, self.line)))
        if self.target == Target.TIME:
            return (yield from self._by_time(logs, rows))
        if self.target in (Target.NEXT_HIT, Target.PREVIOUS_HIT):
            return self._hit(logs, rows)
        return (yield from self._error(logs, rows))

    def _error(self, logs: Logs, rows: Rows) -> Work[LogPlace]:
        """The next record at level error or worse whose first line is visible."""
        back = self.target == Target.PREVIOUS_ERROR
        if logs.merges:
            every = [list(_errors(file.log, 0, back=False)) if file.log else [] for file in logs.files]
            return (yield from self._by_row(rows, every, back=back))
        file, line = self._start(rows, back=back)
        others = range(file, -1, -1) if back else range(file, len(logs.files))
        for n in others:
            log = logs.files[n].log
            start = line if n == file else (1 << 60) if back else 0
            for tried, found in enumerate(_errors(log, start, back=back) if log else ()):
                row = rows.row_of((n, found))
                if rows.places(row, 1) == [(n, found)]:
                    return LogPlace(row, n, found)
                if not tried % 16:
                    yield
        return NOWHERE

    def _hit(self, logs: Logs, rows: Rows) -> LogPlace:
        """The next visible line with a hit, wrapping around."""
        hits = logs.hit_rows(self.wanted, self.pattern)
        total = hits.total()
        if not total:
            return NOWHERE
        here = rows.places(max(self.row, 0), 1)
        nth = hits.row_of(here[0]) if here else total
        if self.target == Target.PREVIOUS_HIT:
            nth -= 1
        elif here and self.row >= 0 and hits.places(nth, 1) == here:
            nth += 1
        place = hits.places(nth % total, 1)[0]
        return LogPlace(rows.row_of(place), *place, nth % total + 1)

    def _by_row(self, rows: Rows, every: list[list[int]], *, back: bool) -> Work[LogPlace]:
        """The next of some lines in row order, which differs from file order."""
        found: list[tuple[int, Place]] = []
        for file, lines in enumerate(every):
            for n, line in enumerate(lines):
                row = rows.row_of((file, line))
                if rows.places(row, 1) == [(file, line)]:
                    found.append((row, (file, line)))
                if not n % 16:
                    yield
        found.sort()
        at = bisect_left(found, (self.row + (not back), (-1, -1))) - back
        if not 0 <= at < len(found):
            return NOWHERE
        row, (file, line) = found[at]
        return LogPlace(row, file, line, at + 1)

    def _start(self, rows: Rows, *, back: bool) -> Place:
        """Where to count hits from: after the row, or at it when searching backwards."""
        here = rows.places(max(self.row, 0), 1)
        if not here:
            return (0, 0)
        file, line = here[0]
        return (file, line if back else line + 1) if self.row >= 0 else (file, line)

    def _by_time(self, logs: Logs, rows: Rows) -> Work[LogPlace]:
        """The first record at or after a time, as its clock showed it."""
        for n, file in enumerate(logs.files):
            log = file.log
            if log is None:
                continue
            wanted = microseconds(given_time(self.time, last_time(log), zone_named(AS_WRITTEN)))
            for found in _first_from(log, wanted):
                if found is not None:
                    row = rows.row_of((n, found))
                    return _at(rows, row)
                yield
        return NOWHERE


def _at(rows: Rows, row: int) -> LogPlace:
    """The place of a row, or of the last one if there is no such row."""
    total = rows.total()
    if not total:
        return NOWHERE
    row = max(min(row, total - 1), 0)
    file, line = rows.places(row, 1)[0]
    return LogPlace(row, file, line)


def _errors(log: Log, line: int, *, back: bool) -> Iterator[int]:
    """The lines from `line` on that start an error or worse; with `back`, those before it."""
    chunks = list(log.records.chunks)
    for chunk in reversed(chunks) if back else chunks:
        if not sum(chunk.by_level[levels.ERROR :]):
            continue
        codes = log.records.codes_of(chunk)
        starts = (codes != CONTINUATION) & ((codes & LEVEL_MASK) >= levels.ERROR)
        found = [chunk.first + n for n in starts.nonzero()[0].tolist()]
        if back:
            yield from (at for at in reversed(found) if at < line)
        else:
            yield from (at for at in found if at >= line)


def _first_from(log: Log, wanted: int) -> Iterator[int | None]:
    """The first line whose record is at `wanted` or later; None is a chance to pause."""
    for chunk in list(log.records.chunks):
        if chunk.latest == NO_TIME or chunk.latest < wanted - _ZONES:
            continue
        lines = [chunk.first + int(n) for n in (log.records.codes_of(chunk) != CONTINUATION).nonzero()[0]]
        try:
            for line in lines:
                moment = log.record(line).time
                if moment and moment.wall >= wanted:
                    yield line
                    return
        except Replaced:
            return
        yield None


@travels
@dataclass(frozen=True)
class LogMarks:
    """What is where in all rows, divided into equal parts: a bit each for hits and for errors."""

    generation: int
    slots: int
    hits: bytes
    errors: bytes


@travels
@dataclass(frozen=True)
class MarkLog(AboutLog[LogMarks]):
    """Find which parts of the rows have hits or errors, for marks beside the scroll bar."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    wanted: LogWanted
    slots: int
    pattern: LogPattern = NO_PATTERN

    def steps(self, sources: Sources) -> Steps[LogMarks]:
        logs = logs_of(sources, self.ref)
        rows = logs.rows(self.wanted)
        total = rows.total()
        slots = max(min(self.slots, total), 1)
        hits, errors = bytearray(slots), bytearray(slots)
        if total:
            kept = logs.kept(self.pattern) if self.pattern.text else []
            for slot in range(slots):
                first, last = slot * total // slots, (slot + 1) * total // slots
                for file, low, high in _spans(rows, first, last):
                    log = logs.files[file].log
                    hits[slot] |= bool(kept) and _any_between(kept[file].records.after(low), high)
                    errors[slot] |= log is not None and _has_error(log, low, high)
                if not slot % 16:
                    yield
        return LogMarks(logs.generation, slots, bytes(hits), bytes(errors))


def _any_between(found: int | None, last: int) -> bool:
    return found is not None and found <= last


def _spans(rows: Rows, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """The files that some rows come from, with the first and last line in each."""
    begin, end = rows.places(first, 1), rows.places(last - 1, 1)
    if not begin or not end:
        return
    (file, low), (other, high) = begin[0], end[0]
    if file == other:
        yield file, low, high
        return
    yield file, low, 1 << 60
    yield from ((between, 0, 1 << 60) for between in range(file + 1, other))
    yield other, 0, high


def _has_error(log: Log, first: int, last: int) -> bool:
    """Whether an error or worse starts between two lines."""
    records = log.records
    firsts = [chunk.first for chunk in records.chunks]
    place = max(bisect_left(firsts, first + 1) - 1, 0)
    for chunk in records.chunks[place:]:
        if chunk.first > last:
            return False
        if not sum(chunk.by_level[levels.ERROR :]):
            continue
        if chunk.first >= first and chunk.first + chunk.count <= last + 1:
            return True
        low, high = max(first - chunk.first, 0), last + 1 - chunk.first
        codes = records.codes_of(chunk)[low:high]
        if ((codes != CONTINUATION) & (codes & LEVEL_MASK >= levels.ERROR)).any():
            return True
    return False
