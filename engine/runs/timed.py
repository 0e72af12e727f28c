"""When a task wrote what has no time in the files of a run, from run.db."""

from __future__ import annotations

import math
import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any

from engine.host.record import schema
from engine.host.record.output import Cut
from engine.host.record.rows import LATEST, PRINTED, SPAN
from engine.host.record.wire import unpacked
from engine.runs.database import UnreadableRun, connect, generation_of, stamps
from engine.runs.logged import is_log_of_run, lane_of

_ROWS = "SELECT id, {column}, start, stride, starts FROM batch WHERE {column} IS NOT NULL{lane} AND id > ?"
_ATTEMPTS = "SELECT id, {column}, time FROM failure WHERE {column} IS NOT NULL{lane} AND id > ?"
_OF_LANE = " AND worker IN (SELECT id FROM worker WHERE lane = {})"
MOST_PLACES = 4_000_000
"""Places that are kept, 16 bytes each; anything after them gets the time of the last one."""
_FAULTS = (UnreadableRun, sqlite3.Error, OSError, ValueError, TypeError, OverflowError)
"""What a damaged or forged run.db raises."""


class WrittenTimes:
    """Places in a file of a run, and when the tasks that wrote there began, in microseconds.

    It reads run.db only on demand: the records of most logs have times.
    """

    def __init__(self, file: Path, folder: Path, lane: int | None) -> None:
        """`lane` is the one whose workers printed the file; None for the run's log."""
        self._file, self._lane = file, lane
        self._db = folder / schema.DB
        self._seen: object = None
        self._generation: object = None
        self._stale = True
        self._empty()

    def _empty(self) -> None:
        self._last = {"batch": 0, "failure": 0}
        self._begins: array[int] = array("q")
        self._times: array[int] = array("q")
        self._cut = Cut(0, 0, 0)

    @property
    def known(self) -> int:
        """How many places are known."""
        self._look()
        return len(self._begins)

    def at(self, offset: int) -> int | None:
        """When the text at an offset of the file was written, in microseconds since 1970; None if unknown."""
        self._look()
        place = offset if self._lane is None else self._cut.place(offset)
        nth = bisect_right(self._begins, place) - 1
        return self._times[nth] if nth >= 0 else None

    def refresh(self) -> None:
        """Check whether more has been recorded since."""
        seen = stamps(self._db)
        self._stale = self._stale or seen != self._seen
        self._seen = seen

    def _look(self) -> None:
        """Read what has been recorded. Damaged parts count as unknown."""
        if not self._stale:
            return
        self._stale = False
        try:
            with closing(connect(self._db)) as db:
                generation = generation_of(db)
                if generation != self._generation:
                    self._generation = generation
                    self._empty()
                most = MOST_PLACES - len(self._begins)
                found = list(islice(chain(self._batches(db), self._attempts(db)), max(most, 0)))
            with self._file.open("rb") as file:
                self._cut = Cut.of(file)
        except _FAULTS:
            return
        if found:
            every = sorted(chain(zip(self._begins, self._times, strict=True), found))
            self._begins = array("q", [begin for begin, _ in every])
            self._times = array("q", [time for _, time in every])

    def _rows(self, db: sqlite3.Connection, table: str, query: str) -> Iterator[tuple[Any, ...]]:
        of_lane = "" if self._lane is None else _OF_LANE.format(self._lane)
        query = query.format(column="log" if self._lane is None else "prints", lane=of_lane)
        for row, *columns in db.execute(f"{query} ORDER BY id", (self._last[table],)):
            self._last[table] = row
            yield tuple(columns)

    def _batches(self, db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
        for places, start, stride, starts in self._rows(db, "batch", _ROWS):
            offsets = unpacked("f", starts) if isinstance(starts, bytes) else array("f", [0.0])
            step = SPAN if self._lane is None else PRINTED
            numbers = _numbers(places)
            for task, begin in zip(numbers[::step], numbers[step - 2 :: step], strict=False):
                nth = max(task, 0) // max(int(stride), 1)
                yield begin, _microseconds(float(start) + offsets[min(nth, len(offsets) - 1)])

    def _attempts(self, db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
        for places, time in self._rows(db, "failure", _ATTEMPTS):
            numbers = _numbers(places)
            begins = numbers[::2] if self._lane is None else numbers[PRINTED - 2 :: PRINTED]
            for begin in begins:
                yield begin, _microseconds(float(time))


def _numbers(column: object) -> array[int]:
    if not isinstance(column, bytes) or len(column) % 8:
        raise ValueError("a row has parts of places")
    return unpacked("q", column)


def _microseconds(time: float) -> int:
    if not math.isfinite(time) or not abs(time) < LATEST:
        raise ValueError("a row has no time")
    return int(time * 1_000_000)


def clock_of(path: Path) -> WrittenTimes | None:
    """When the lines of a file were written, if it is the log or an output file of a run."""
    if is_log_of_run(path):
        return WrittenTimes(path, path.parent, None)
    lane = lane_of(path)
    return None if lane is None else WrittenTimes(path, path.parent.parent, lane)
