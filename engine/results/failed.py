"""The failed tasks of a run, the next one of them, and tasks as spans."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results.packed import Order
from engine.results.slices import slices
from engine.runs import RunReader
from engine.runs.damaged import whole

PART = 16_384


def failed_tasks(run: RunReader) -> Generator[None, None, NDArray[np.int64]]:
    """The indexes of the failed tasks, in order."""
    found = [np.empty(0, np.int64)]
    for tasks in slices(run, only_failed=True):
        found.append(tasks.index[tasks.status != schema.OK])
        yield
    return np.concatenate(found)


def cancelled_tasks(run: RunReader) -> NDArray[np.int64]:
    """The tasks whose last attempt was interrupted by a stop, in order; some may have run since."""
    found = run.select(
        "SELECT task FROM failure WHERE kind = ? AND id IN (SELECT max(id) FROM failure GROUP BY task)"
        " ORDER BY task",
        (schema.CANCELLED,),
    )
    with whole():
        return np.array([int(task) for (task,) in found], np.int64)


def spans_of(tasks: Order) -> list[tuple[int, int]]:
    """Tasks in order as spans (first, stop)."""
    ends = np.flatnonzero(np.diff(tasks.astype(np.int64)) != 1) + 1
    bounds = [0, *ends.tolist(), len(tasks)] if len(tasks) else []
    return [(int(tasks[first]), int(tasks[stop - 1]) + 1) for first, stop in pairwise(bounds)]


def next_among(
    rows: Order, wanted: NDArray[np.int64], start: int, backwards: bool
) -> Generator[None, None, int]:
    """The row nearest to `start` with a wanted task, forwards or backwards; -1 if there is none."""
    begins = range(start, -1, -PART) if backwards else range(start, len(rows), PART)
    for begin in begins:
        part = rows[max(begin - PART + 1, 0) : begin + 1][::-1] if backwards else rows[begin : begin + PART]
        found = np.flatnonzero(np.isin(part, wanted))
        if len(found):
            return begin - int(found[0]) if backwards else begin + int(found[0])
        yield
    return -1
