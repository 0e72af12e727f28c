"""The tasks of a run in input order, some hundred at a time, with a list for each field."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pickle import UnpicklingError
from typing import Any

from engine.host.record import schema
from engine.host.record.objects import Place
from engine.host.record.pieces import PIECE
from engine.host.record.stored import Stored
from engine.runs.database import UnreadableRun
from engine.runs.failures import Failure
from engine.runs.reader import RunReader
from engine.runs.shown import shown
from engine.runs.unended import AtHand, Doing, known_total, status_of

MISSING = schema.MISSING
"""Status of a task that has not run."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Block:
    """Consecutive tasks, with one entry per task in each list."""

    indexes: Sequence[int]
    kept_inputs: Sequence[Any]
    """Values; what is not plain data is its display text in a tuple of one."""
    statuses: list[str] | None
    """None if all are ok without a failed attempt."""
    values: list[Any]
    """Scalars and texts; anything else is its display text in a tuple of one."""
    value_of: Callable[[int], Any]
    """The value of a task with such a tuple, if it is plain data; else its display text."""
    pickles: Callable[[], Sequence[bytes | Place | None]]
    """The pickle of each task with such a tuple, or its location; None for other tasks."""
    errors: list[str]
    """Message of the last failed attempt of a task without a result."""
    seconds: Sequence[float | None]
    workers: list[int | None]
    attempts: list[int]
    starts: array[float] | None
    """Seconds since the epoch; None if the tasks have not run."""
    are_inputs_kept: bool = False
    """From run.db; otherwise the job determines them."""
    raw_pickles: Callable[[], bytes | None] = _nothing
    """What the pickles are in, and maybe those of other tasks; None if that cannot be told."""

    def picked(self, places: Sequence[int]) -> Block:
        """Some of its tasks."""

        def pick(column: Any) -> Any:
            return None if column is None else [column[at] for at in places]

        known: Any = self.seconds
        seconds: Any = pick(known)
        if type(known) is array:
            seconds = array("f" if known.typecode == "f" else "d", seconds)
        starts = self.starts
        return Block(
            pick(self.indexes),
            pick(self.kept_inputs),
            pick(self.statuses),
            pick(self.values),
            lambda at: self.value_of(places[at]),
            lambda: pick(self.pickles()),
            pick(self.errors),
            seconds,
            pick(self.workers),
            pick(self.attempts),
            None if starts is None else array("d", pick(starts)),
            self.are_inputs_kept,
            self.raw_pickles,
        )

    @cached_property
    def inputs(self) -> Sequence[Any]:
        """Values if they are plain data, else display text."""
        if not self.are_inputs_kept or tuple not in set(map(type, self.kept_inputs)):
            return self.kept_inputs
        return [shown(item) if type(item) is tuple else item for item in self.kept_inputs]

    @property
    def started(self) -> list[str]:
        """ISO 8601 in UTC; empty if the task has not run."""
        return [""] * len(self) if self.starts is None else iso(self.starts)

    def __len__(self) -> int:
        return len(self.values)


def blocks(run: RunReader, doing: Doing = None) -> Iterator[Block]:
    """All tasks of `run`, using the memory of one piece of a row. Without `doing`, none runs or waits."""
    position = 0
    for row in run.rows():
        yield from missing(run, position, row.first, doing)
        for begin in range(0, row.count, PIECE):
            yield ended(run, row, begin, min(begin + PIECE, row.count))
        position = row.first + row.count
    yield from missing(run, position, known_total(run, position, doing), doing)


def ended(run: RunReader, row: Stored, begin: int, stop: int) -> Block:
    """The tasks `begin .. stop - 1` of a row, by index in the row."""
    first, count = row.first + begin, stop - begin
    failures = run.failures_between(first, first + count)
    statuses: bytes | None = None if row.statuses is None else row.statuses[begin:stop]
    errors = [""] * count
    attempts = [1] * count
    for task, failed in failures.items():
        status: int = statuses[task - first] if statuses else schema.OK
        attempts[task - first] = len(failed) + (status == schema.OK)
        errors[task - first] = failed[-1].message if status else ""
    starts, seconds = run.times_of(row, begin, stop)
    kept_inputs = run.kept_inputs_of(row, begin, stop)
    return Block(
        range(first, first + count),
        run.inputs_between(first, first + count) if kept_inputs is None else kept_inputs,
        None if statuses is None and not failures else [schema.STATUSES[s] for s in statuses or bytes(count)],
        run.values_of(row, begin, stop),
        partial(_value, run, row, begin),
        partial(run.pickles_of, row, begin, stop),
        errors,
        seconds,
        [row.worker] * count,
        attempts,
        starts,
        kept_inputs is not None,
        partial(run.raw_pickles_of, row, begin, stop),
    )


def _value(run: RunReader, row: Stored, begin: int, place: int) -> Any:
    try:
        return run.plain_value(row, begin + place)
    except (UnpicklingError, OSError, UnreadableRun):  # it needs a global, or is gone
        (value,) = run.values_of(row, begin + place, begin + place + 1)
        return shown(value)


def iso(times: array[float]) -> list[str]:
    """Times since the epoch in ISO 8601, as `isoformat` writes them."""
    parts = iso_parts(times)
    if parts is None:
        return [datetime.fromtimestamp(time, UTC).isoformat() for time in times]
    return list(map(parts[0].__mod__, parts[1]))


def iso_parts(times: array[float]) -> tuple[str, list[int]] | None:
    """A format of such texts and its values, if all are within one second and none at its start."""
    import numpy as np  # loaded when needed

    second = int(times[0])
    micros = np.rint((np.array(times) - second) * 1e6)
    if not (micros.min() > 0 and micros.max() < 1e6):
        return None
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", ".%06d+00:00"), micros.astype(
        np.int64
    ).tolist()


def missing(run: RunReader, first: int, stop: int, doing: Doing = None) -> Iterator[Block]:
    """The tasks `first .. stop - 1`, which are unfinished."""
    for begin in range(first, stop, PIECE):
        yield _without_outcome(run, begin, min(stop, begin + PIECE), doing)


def _without_outcome(run: RunReader, first: int, stop: int, doing: Doing) -> Block:
    failures = run.failures_between(first, stop)
    last: list[Failure | None] = [
        failures[task][-1] if task in failures else None for task in range(first, stop)
    ]
    count = stop - first
    return Block(
        range(first, stop),
        run.inputs_between(first, stop),
        [status_of(task, f.kind if f else None, doing) for task, f in enumerate(last, first)],
        [None] * count,
        lambda _place: None,
        lambda: [None] * count,
        [f.message if f else "" for f in last],
        [None] * count,
        [_worker(doing.get(task) if doing else None, f) for task, f in enumerate(last, first)],
        [len(failures.get(task, ())) for task in range(first, stop)],
        None,
    )


def _worker(now: AtHand | None, last: Failure | None) -> int | None:
    """The worker that is on a task, else the last one that tried it."""
    return now.worker if now else last.worker if last else None
