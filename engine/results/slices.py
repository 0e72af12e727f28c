"""The tasks of a run in order, about ten thousand at a time: each column an array or a list of texts.

    for tasks in slices(run):
        tasks.numbers("seconds") > 1.5

Nothing is kept from one slice to the next, and a column is read on demand. So memory is that of one slice,
and long work can pause after each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from engine.host.record import schema
from engine.host.record.rows import LATEST
from engine.results.stored import Ended, Fresh, Old
from engine.results.tasks import Slice, Waiting
from engine.results.texts import Numbers
from engine.runs import BatchRef, RunReader
from engine.runs.damaged import whole
from engine.runs.unended import Doing, at_hand, known_total

TASKS = 32_768
"""Tasks of a slice, unless one row of run.db has more,"""
ROWS = 2_000
"""or this many rows."""
LAST_ID = (1 << 63) - 1
PAGE = 10_000
"""Rows that are read at once."""


def refs_of(run: RunReader, newest: int | None = None, only_failed: bool = False) -> Iterator[BatchRef]:
    """Every row of run.db in task order, up to the one with the id `newest`.

    With `only_failed`, rows whose tasks are all ok may be left out.
    """
    query = "SELECT id, first, count FROM batch WHERE first >= ? AND id <= ?"
    if only_failed and not run.is_old:
        query += " AND statuses IS NOT NULL"
    query += " ORDER BY first LIMIT ?"
    last = LAST_ID if newest is None else newest
    if run.is_old:  # there is no index: read them once
        yield from _refs(run.select(query, (0, last, -1)))
        return
    first = 0
    while rows := run.select(query, (first, last, PAGE)):
        yield from _refs(rows)
        first = rows[-1][1] + 1


def _refs(rows: Sequence[tuple[Any, ...]]) -> Iterator[BatchRef]:
    for row in rows:
        ref = BatchRef(*row)
        with whole():
            if not 0 <= ref.first <= schema.MOST_TASKS or not 0 < ref.count <= schema.MOST_TASKS:
                raise ValueError("a row is no span of tasks")
        yield ref


def slices(
    run: RunReader, waiting: bool = False, newest: int | None = None, only_failed: bool = False
) -> Iterator[Slice]:
    """The tasks of a run in order; with `waiting` also unfinished ones.

    Rows with an id above `newest` are left out, and with `only_failed` those whose tasks are all ok.
    """
    group: list[BatchRef] = []
    kind = Old if run.is_old else Fresh
    doing = at_hand(run) if waiting else None
    position = tasks = 0
    for ref in refs_of(run, newest, only_failed):
        gap = waiting and ref.first > position
        if group and (gap or tasks + ref.count > TASKS or len(group) >= ROWS):
            yield kind(run, group)
            group, tasks = [], 0
        if gap:
            yield from _waiting(run, position, ref.first, doing)
        group.append(ref)
        tasks += ref.count
        position = max(position, ref.first + ref.count)
    if group:
        yield kind(run, group)
    if waiting:
        yield from _waiting(run, position, known_total(run, position, doing), doing)


def _waiting(run: RunReader, first: int, stop: int, doing: Doing) -> Iterator[Slice]:
    for begin in range(first, stop, TASKS):
        yield Waiting(run, np.arange(begin, min(begin + TASKS, stop), dtype=np.int64), doing)


def slice_of(run: RunReader, refs: Sequence[BatchRef]) -> Ended:
    """The tasks of rows that are consecutive in task order."""
    assert all(one.first < other.first for one, other in pairwise(refs))
    return (Old if run.is_old else Fresh)(run, refs)


def checked_times(tasks: Slice) -> tuple[Numbers, Numbers]:
    """Durations and start times of tasks. Raises `UnreadableRun` if some are invalid."""
    seconds, started = tasks.seconds, tasks.started
    with whole():
        if not (np.abs(seconds) < LATEST).all() or not (np.abs(started) < LATEST).all():
            raise ValueError("a row has times that are none")
    return np.maximum(seconds, 0), started
