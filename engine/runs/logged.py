"""Which task wrote what into a run's log: run.db has the place of each record, whatever its format."""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.host.record import schema
from engine.host.record.rows import SPAN
from engine.host.record.wire import unpacked
from engine.log.tasks import Written
from engine.runs.database import UnreadableRun, connect, generation_of, stamp_of, stamps
from engine.runs.printed import output_files
from engine.runs.printing import PrintedTasks

_ROWS = "SELECT id, log, start FROM batch WHERE log IS NOT NULL AND id > ? ORDER BY id LIMIT 1000"
_ATTEMPTS = "SELECT id, log, time FROM failure WHERE log IS NOT NULL AND id > ? ORDER BY id LIMIT 1000"
_FAULTS = (UnreadableRun, sqlite3.Error, ValueError, TypeError, OverflowError)
"""What a damaged or forged run.db raises."""
_KEPT = 64
"""Rows whose places are cached."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """The range of a row's places in the log."""

    begin: int
    end: int
    table: str
    id: int


class LoggedTasks:
    """The places in one run.log. Damaged or unreadable ones count as unknown."""

    def __init__(self, folder: Path) -> None:
        self._db = folder / schema.DB
        self._seen: tuple[object, ...] = ()
        """Sizes and times of the database files when they were last read."""
        self._empty()

    def _empty(self) -> None:
        self._stand: tuple[object, tuple[float, ...]] = (None, ())
        """If it changes, everything read is void: the generation, and when the run was resumed."""
        self._extents: list[_Extent] = []
        self._begins: list[int] = []
        self._reach: list[int] = []
        """The furthest end of all extents so far."""
        self._last = {"batch": 0, "failure": 0}
        self._first_after: dict[int, int] = {}
        """For each resumption of the run, where its output begins."""
        self._rows: OrderedDict[_Extent, list[tuple[int, int, Written]]] = OrderedDict()

    @property
    def known(self) -> int:
        """How many rows have been read."""
        return len(self._extents)

    @property
    def resumes(self) -> frozenset[int]:
        """Where the output begins after each resumption."""
        return frozenset(self._first_after.values())

    def refresh(self) -> None:
        """Read what has been recorded since."""
        seen = stamps(self._db)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            with closing(connect(self._db)) as db:
                if _version(db) < schema.VERSION:
                    return
                stand = generation_of(db), _resumed(db)
                if stand != self._stand:
                    self._empty()
                    self._stand = stand
                found = [*self._new(db, "batch", _ROWS), *self._new(db, "failure", _ATTEMPTS)]
        except _FAULTS:
            return
        if found:
            self._extents = sorted([*self._extents, *found], key=lambda extent: extent.begin)
            self._begins = [extent.begin for extent in self._extents]
            self._reach = []
            furthest = 0
            for extent in self._extents:
                furthest = max(furthest, extent.end)
                self._reach.append(furthest)

    def _new(self, db: sqlite3.Connection, table: str, query: str) -> list[_Extent]:
        found: list[_Extent] = []
        while rows := db.execute(query, (self._last[table],)).fetchall():
            for row in rows:
                numbers = _numbers(row[1])
                places = _triples(numbers) if table == "batch" else _pairs(numbers)
                if places:
                    begin = min(place for _, place, _ in places)
                    end = max(place + length for _, place, length in places)
                    found.append(_Extent(begin, end, table, row[0]))
                    if nth := bisect_right(self._stand[1], row[2]):
                        self._first_after[nth] = min(begin, self._first_after.get(nth, begin))
            self._last[table] = rows[-1][0]
        return found

    def at(self, offset: int) -> Written | None:
        """The task that wrote what is at a place of the log, if known."""
        n = bisect_right(self._begins, offset) - 1
        while n >= 0 and self._reach[n] > offset:
            if self._extents[n].end > offset:
                places = self._places(self._extents[n])
                place = bisect_right(places, offset, key=lambda place: place[0]) - 1
                if place >= 0 and offset < places[place][1]:
                    return places[place][2]
            n -= 1
        return None

    def _places(self, extent: _Extent) -> list[tuple[int, int, Written]]:
        if extent not in self._rows:
            try:
                with closing(connect(self._db)) as db:
                    self._rows[extent] = sorted(_read(db, extent), key=lambda place: place[0])
            except _FAULTS:
                return []
            while len(self._rows) > _KEPT:
                self._rows.popitem(last=False)
        self._rows.move_to_end(extent)
        return self._rows[extent]

    def spans(self, tasks: Sequence[int]) -> list[tuple[int, int]]:
        """Where some tasks wrote: offsets and ends, in order."""
        found: list[tuple[int, int]] = []
        try:
            with closing(connect(self._db)) as db:
                if _version(db) < schema.VERSION:
                    return []
                for task in tasks:
                    found += _spans(db, task)
        except _FAULTS:
            return []
        return sorted(found)


def tasks_of(path: Path) -> LoggedTasks | PrintedTasks | None:
    """The places in a log, if it is that of a run or what its workers printed."""
    if is_log_of_run(path):
        return LoggedTasks(path.parent)
    lane = lane_of(path)
    return None if lane is None else PrintedTasks(path, path.parent.parent, lane)


def lane_of(path: Path) -> int | None:
    """The lane whose workers printed into a file; None if it is not an output file of a run."""
    folder = path.parent.parent
    is_lane = path.parent.name == schema.LANES and path.suffix == ".txt" and path.stem.isdecimal()
    return int(path.stem) if is_lane and (folder / schema.DB).is_file() else None


def is_log_of_run(path: Path) -> bool:
    """Whether a file is the log of a run, beside its run.db."""
    return path.name == schema.LOG and path.with_name(schema.DB).is_file()


def printed_beside(path: Path) -> list[Path]:
    """What workers printed in the run of a log: the files with any content."""
    if not is_log_of_run(path):
        return []
    return [file for file in output_files(path.parent) if (stamp := stamp_of(file)) and stamp[0]]


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _resumed(db: sqlite3.Connection) -> tuple[float, ...]:
    """When the run was resumed, in order."""
    try:
        rows = db.execute(
            "SELECT time FROM event WHERE kind = ? ORDER BY time", (schema.LAUNCHED,)
        ).fetchall()
    except sqlite3.OperationalError:  # a run from before events were recorded
        rows = []
    if len(rows) > 1:
        return tuple(float(time) for (time,) in rows[1:])
    query = "SELECT name, value FROM fact WHERE name IN ('started', 'launched')"
    times = {name: json.loads(value) for name, value in db.execute(query)}
    started, launched = times.get("started"), times.get("launched")
    if not isinstance(started, int | float) or not isinstance(launched, int | float):
        return ()
    return (float(launched),) if launched > started else ()


def _numbers(column: object) -> array[int]:
    return unpacked("q", column) if isinstance(column, bytes) and len(column) % 8 == 0 else array("q")


def _triples(numbers: array[int]) -> list[tuple[int, int, int]]:
    return list(zip(numbers[::SPAN], numbers[1::SPAN], numbers[2::SPAN], strict=False))


def _pairs(numbers: array[int]) -> list[tuple[int, int, int]]:
    return [(0, begin, length) for begin, length in zip(numbers[::2], numbers[1::2], strict=False)]


def _read(db: sqlite3.Connection, extent: _Extent) -> list[tuple[int, int, Written]]:
    if extent.table == "failure":
        row = db.execute("SELECT task, attempt, log FROM failure WHERE id = ?", (extent.id,)).fetchone()
        if row is None:
            return []
        written = Written(row[0], row[1])
        return [(begin, begin + length, written) for _, begin, length in _pairs(_numbers(row[2]))]
    row = db.execute("SELECT first, log, statuses, count FROM batch WHERE id = ?", (extent.id,)).fetchone()
    if row is None:
        return []
    first, log, statuses, count = row
    attempts = dict(
        db.execute(
            "SELECT task, max(attempt) FROM failure WHERE task >= ? AND task < ? GROUP BY task",
            (first, first + count),
        ).fetchall()
    )
    found: list[tuple[int, int, Written]] = []
    for at, begin, length in _triples(_numbers(log)):
        failed = isinstance(statuses, bytes) and at < len(statuses) and statuses[at] != schema.OK
        attempt = attempts.get(first + at, 0) + (0 if failed else 1)
        found.append((begin, begin + length, Written(first + at, max(attempt, 1))))
    return found


def _spans(db: sqlite3.Connection, task: int) -> list[tuple[int, int]]:
    row = db.execute(
        "SELECT first, log FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1", (task,)
    ).fetchone()
    found = (
        [(begin, begin + length) for at, begin, length in _triples(_numbers(row[1])) if row[0] + at == task]
        if row
        else []
    )
    for (log,) in db.execute("SELECT log FROM failure WHERE task = ?", (task,)):
        found += [(begin, begin + length) for _, begin, length in _pairs(_numbers(log))]
    return found
