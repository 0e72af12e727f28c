"""The tasks of some rows, read on demand. Very quick ones share an entry with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.host.record.rows import LONGEST_STRIDE
from engine.host.record.stored import checked_statuses
from engine.results.timeline.spans import Rows
from engine.runs import RunReader, UnreadableRun
from engine.runs.damaged import whole

TASKS = 100_000
"""Tasks of rows that are read at once, unless one has more,"""
ROWS = 500
"""or this many rows."""
_READ = "SELECT id, stride, start, starts, seconds, statuses FROM batch WHERE id IN ({}) ORDER BY id"


@dataclass(frozen=True)
class Entries:
    """Tasks of some rows, one item per entry."""

    row: NDArray[np.int64]
    """The index of its row among the requested ones."""
    task: NDArray[np.int64]
    """The first task of the entry."""
    count: NDArray[np.int64]
    """How many consecutive tasks it has,"""
    seconds: NDArray[np.float64]
    """and how long each of them took."""
    start: NDArray[np.float64]
    status: NDArray[np.uint8]
    """That of a failed task, if there is one."""

    @property
    def end(self) -> NDArray[np.float64]:
        """When the last of its tasks ended."""
        return self.start + self.seconds * self.count


def entries(run: RunReader, rows: Rows) -> Iterator[Entries]:
    """The tasks of rows, which are in id order; one part at a time."""
    begin = 0
    while begin < len(rows):
        counts = np.cumsum(rows["count"][begin : begin + ROWS])
        stop = begin + max(1, int(np.searchsorted(counts, TASKS, side="right")))
        with whole():
            yield (_old if run.is_old else _fresh)(run, rows[begin:stop], begin)
        begin = stop


def _fresh(run: RunReader, rows: Rows, before: int) -> Entries:
    ids = rows["id"].tolist()
    found = run.select(_READ.format(",".join("?" * len(ids))), ids)
    if [row[0] for row in found] != ids:
        raise UnreadableRun("A part of the run was removed, to be run again.")
    counts = rows["count"]
    strides = np.array([row[1] for row in found], np.int64)
    seconds = np.frombuffer(b"".join([row[4] for row in found]), "<f4").astype(np.float64)
    sizes = np.array([len(row[4]) for row in found], np.int64) // 4
    offsets = np.frombuffer(b"".join([row[3] or bytes(4) for row in found]), "<f4")
    is_bad = (strides < 1) | (strides > LONGEST_STRIDE) | (sizes * strides != counts)
    if is_bad.any() or len(offsets) != len(seconds):
        raise ValueError("a row has times for other tasks")
    row = np.repeat(np.arange(len(rows)), sizes)
    place = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    stride = strides[row]
    starts = np.array([row[2] for row in found], np.float64)[row] + offsets
    status = np.zeros(len(row), np.uint8)
    at = 0
    for size, each, count, (*_, statuses) in zip(sizes, strides, counts, found, strict=True):
        if statuses is not None:
            known = np.frombuffer(checked_statuses(statuses, int(count)), np.uint8)
            status[at : at + size] = known.reshape(int(size), int(each)).max(axis=1)
        at += int(size)
    return Entries(before + row, rows["first"][row] + place * stride, stride, seconds, starts, status)


def _old(run: RunReader, rows: Rows, before: int) -> Entries:
    parts: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]] = []
    for row_id, count in zip(rows["id"].tolist(), rows["count"].tolist(), strict=True):
        row = run.columns(row_id)
        statuses = np.frombuffer(row.statuses or bytes(count), np.uint8)
        parts.append((np.array(row.starts(0, count)), np.array(row.seconds(0, count)), statuses))
    counts = rows["count"]
    row = np.repeat(np.arange(len(rows)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts, seconds, status = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    ones = np.ones(len(row), np.int64)
    return Entries(before + row, rows["first"][row] + place, ones, seconds, starts, status)
