"""Which task printed what into an output file of a run, as far as it is certain."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from engine.host.record import schema
from engine.host.record.output import Cut
from engine.host.record.stored import prints_from
from engine.log.tasks import Written
from engine.runs.database import UnreadableRun, connect, generation_of, stamps

_OF_LANE = "prints IS NOT NULL AND worker IN (SELECT id FROM worker WHERE lane = ?) AND id > ? ORDER BY id"
_QUERIES = {
    "batch": f"SELECT id, first, 1, prints FROM batch WHERE {_OF_LANE}",
    "failure": f"SELECT id, task, attempt, prints FROM failure WHERE {_OF_LANE}",
}
MOST_PLACES = 2_000_000
"""Places that are kept; the tasks of later ones are not known."""
_FAULTS = (UnreadableRun, sqlite3.Error, OSError, ValueError, TypeError, OverflowError)
"""What a damaged or forged run.db raises."""


class PrintedTasks:
    """The places in one output file. Damaged or unreadable ones count as unknown."""

    resumes: frozenset[int] = frozenset()

    def __init__(self, file: Path, folder: Path, lane: int) -> None:
        self._file, self._lane = file, lane
        self._db = folder / schema.DB
        self._seen: object = None
        self._generation: object = None
        self._empty()

    def _empty(self) -> None:
        self._last = dict.fromkeys(_QUERIES, 0)
        self._places: list[array[int]] = [array("q") for _ in range(4)]
        """In order of the first: begin, end, task, attempt."""
        self._cut = Cut(0, 0, 0)

    @property
    def known(self) -> int:
        """How many places are known."""
        return len(self._places[0])

    def refresh(self) -> None:
        """Read what has been recorded since."""
        seen = stamps(self._db)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            with closing(connect(self._db)) as db:
                if (generation := generation_of(db)) != self._generation:
                    self._empty()
                    self._generation = generation
                found = list(islice(self._new(db), MOST_PLACES - self.known))
            with self._file.open("rb") as file:
                self._cut = Cut.of(file)
        except _FAULTS:
            return
        if found:
            self._add(sorted(found))

    def _add(self, found: list[tuple[int, int, int, int]]) -> None:
        """Add places in their order: they follow those that are known, unless one was recorded late."""
        begins = self._places[0]
        if begins and found[0][0] <= begins[-1]:
            found = sorted([*zip(*self._places, strict=True), *found])
            self._places = [array("q") for _ in self._places]
        for column, new in zip(self._places, zip(*found, strict=True), strict=True):
            column.extend(new)

    def _new(self, db: sqlite3.Connection) -> Iterator[tuple[int, int, int, int]]:
        for table, query in _QUERIES.items():
            for row, first, attempt, prints in db.execute(query, (self._lane, self._last[table])):
                self._last[table] = row
                for task, count, begin, length in prints_from(prints, first):
                    if count == 1:
                        yield begin, begin + length, task, attempt

    def at(self, offset: int) -> Written | None:
        """The task that printed what is at an offset of the file, if known."""
        place = self._cut.place(offset)
        begins, ends, tasks, attempts = self._places
        nth = bisect_right(begins, place) - 1
        return Written(tasks[nth], attempts[nth]) if nth >= 0 and place < ends[nth] else None

    def spans(self, tasks: Sequence[int]) -> list[tuple[int, int]]:
        """Where some tasks printed: offsets and ends, in order."""
        wanted = set(tasks)
        return [
            part
            for begin, end, task, _ in zip(*self._places, strict=True)
            if task in wanted
            for part in self._cut.parts(begin, end)
        ]
