"""The rows of run.db by time: all of them in memory, about fifty bytes each."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results.timeline.lanes import Lanes
from engine.results.timeline.stages import Stages
from engine.runs import RunReader
from engine.runs.damaged import whole

CHUNK = 4_000
"""Rows that are read at once; of an earlier version,"""
OLD_CHUNK = 50
"""whose times are in pickles."""
KIND = np.dtype(
    [
        ("id", "i8"),
        ("first", "i8"),
        ("count", "i8"),
        ("start", "f8"),
        ("end", "f8"),
        ("worker", "i8"),
        ("lane", "i4"),
        ("status", "u1"),
        ("group", "u1"),
        ("failed", "f4"),
    ]
)
"""A row. Its status is that of most of its failed tasks; `failed` is their share. Its group
is that of its stage."""
Rows = NDArray[np.void]
_FAILED = ", ".join(schema.STATUSES[status] for status in schema.FAILURES)
_READ = (
    f"SELECT id, first, count, worker, start, end, stage, {_FAILED} FROM batch"
    " WHERE id > ? ORDER BY id LIMIT ?"
)


class Spans:
    """All rows so far, in the order in which they were committed."""

    def __init__(self) -> None:
        self._room = np.zeros(1024, KIND)
        self._size = 0

    @property
    def rows(self) -> Rows:
        """The rows, as a view that is valid until more are read."""
        return self._room[: self._size]

    def extend(self, run: RunReader, lanes: Lanes, stages: Stages) -> Generator[None]:
        """Read the rows that are new."""
        while True:
            last = int(self._room["id"][self._size - 1]) if self._size else 0
            with whole():
                read = _read_old(run, last) if run.is_old else _read(run, last)
            if read is None:
                return
            yield from stages.extend(run)  # a stage is recorded no later than its rows
            with whole():
                self._append(_checked(read, last, lanes, stages))
            yield

    def _append(self, rows: Rows) -> None:
        size = self._size + len(rows)
        if size > len(self._room):
            room = np.zeros(max(size, 2 * len(self._room)), KIND)
            room[: self._size] = self.rows
            self._room = room
        self._room[self._size : size] = rows
        self._size = size


def _read(run: RunReader, last: int) -> NDArray[np.float64] | None:
    rows = run.select(_READ, (last, CHUNK))
    return np.array(rows, np.float64) if rows else None


def _read_old(run: RunReader, last: int) -> NDArray[np.float64] | None:
    rows: list[tuple[Any, ...]] = []
    for ref in run.batches(last, OLD_CHUNK):
        row = run.columns(ref.id)
        starts, seconds = row.starts(0, row.count), row.seconds(0, row.count)
        end = max(map(float.__add__, starts, seconds))
        failed = [row.statuses.count(status) if row.statuses else 0 for status in schema.FAILURES]
        rows.append((row.id, row.first, row.count, row.worker, min(starts), end, 1, *failed))
    return np.array(rows, np.float64) if rows else None


def _checked(read: NDArray[np.float64], last: int, lanes: Lanes, stages: Stages) -> Rows:
    """Rows in storage format. A run.db may come from anybody."""
    number, first, count, worker, start, end, stage = read[:, :7].T
    failed = read[:, 7:]
    if not np.isfinite(read).all() or (np.abs(read) > schema.MOST_TASKS).any():
        raise ValueError("a row has numbers that cannot be")
    if number[0] <= last or (np.diff(number) <= 0).any():
        raise ValueError("its rows are out of order")
    if (first < 0).any() or (count < 1).any():
        raise ValueError("a row is no span of tasks")
    rows = np.zeros(len(read), KIND)
    rows["id"], rows["first"], rows["count"], rows["worker"] = number, first, count, worker
    rows["start"], rows["end"] = start, np.maximum(start, end)
    rows["lane"] = lanes.of(rows["worker"])
    rows["group"] = stages.take_in(stage.astype(np.int64), rows["end"], rows["count"])
    rows["status"] = np.where((failed > 0).any(axis=1), 1 + failed.argmax(axis=1), schema.OK)
    rows["failed"] = failed.sum(axis=1) / count
    return rows
