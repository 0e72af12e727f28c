"""Rows of the table `batch`: consecutive tasks that ended together, as they are written and read."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import repeat
from operator import sub

from ..typed import Any, NamedTuple
from . import schema
from .objects import file_of
from .values import ValueColumns, Values
from .wire import packed, unpacked

SPAN = 3
"""Numbers that say where a task wrote into run.log: its offset in the row, and the location in bytes."""
PRINTED = 4
"""Numbers that say what tasks printed: the offset of the first one in the row, how many, and the location."""

NUMBER = 8
"""Bytes of an int64 or a float64,"""
FLOAT = 4
"""and of a float32."""
LATEST = 1e11
"""No time of a run is later, in seconds since the epoch, nor does a task last longer."""
LONGEST_STRIDE = 1024
"""At most this many tasks of a row share a time."""


class Row(NamedTuple):
    """Finished tasks, as reported by a worker: the columns of `batch` from `worker` to `inputs`, in order."""

    first: int
    tasks: int
    """The column `count`."""
    error: int
    timeout: int
    died: int
    memory: int
    unpicklable: int
    statuses: bytes | None
    stride: int
    start: float
    last_start: float
    end: float
    starts: bytes | None
    seconds: bytes
    shortest: float
    longest: float
    longest_task: int
    form: str | None
    vals: bytes | str | None
    least: float | None
    greatest: float | None
    numbers: bytes | None
    objects: bytes | str | None
    log: bytes | None
    prints: bytes | None = None
    cpu: float | None = None

    @property
    def failures(self) -> tuple[int, ...]:
        """The number of failed tasks, by status."""
        return self.error, self.timeout, self.died, self.memory, self.unpicklable

    @property
    def files(self) -> list[str]:
        """The files of `objects/` with its columns."""
        return [file for kept in (self.vals, self.objects) if (file := file_of(kept))]


class Left(NamedTuple):
    """What one task left: where it wrote into run.log, in pairs; what it printed, in fours as in a row."""

    log: array[int] = array("q")
    prints: array[int] = array("q")

    def columns(self) -> tuple[bytes | None, bytes | None]:
        """The columns `log` and `prints` of the table `failure`."""
        return packed(self.log) if self.log else None, packed(self.prints) if self.prints else None

    def told_by(self, row: Row) -> Row:
        """The row of just this task, to report it."""
        log = array("q")
        for place in zip(self.log[::2], self.log[1::2]):
            log.extend((0, *place))
        return row._replace(log=packed(log) if log else None, prints=self.columns()[1])

    @classmethod
    def told_of(cls, row: Row) -> Left:
        """What the only task of a row left."""
        log = unpacked("q", row.log or b"")
        del log[::SPAN]
        return cls(log, unpacked("q", row.prints or b""))


NOTHING = Left()


class Times(NamedTuple):
    """When tasks ran: an entry for each `stride` tasks. For a group, `seconds` is what one of them took."""

    stride: int
    starts: Sequence[float]
    """In order; seconds since the epoch, or since `epoch` in `pack`."""
    seconds: Sequence[float]
    end: float
    """When everything was over, and stored."""


def pack(
    first: int,
    statuses: bytes | None,
    times: Times,
    values: ValueColumns,
    log: array[int] | None = None,
    epoch: float = 0.0,
    prints: array[int] | None = None,
    cpu: float | None = None,
) -> Row:
    """A row of tasks from index `first` on, all ok without `statuses`. Starts and end count from `epoch`."""
    stride, starts, seconds, end = times
    start, longest = starts[0], max(seconds)
    offsets = array("f", [*map(sub, starts, repeat(start))])  # of a list it takes half the time
    extremes = array("f", (min(seconds), longest))  # as those in the column are
    counts = [0] * len(schema.FAILURES) if statuses is None else list(map(statuses.count, schema.FAILURES))
    columns: list[Any] = [
        first,
        len(seconds) * stride,
        *counts,
        statuses,
        stride,
        epoch + start,
        epoch + start + offsets[-1],
        epoch + end,
        packed(offsets) if len(offsets) > 1 else None,
        packed(array("f", seconds)),
        *extremes,
        first + seconds.index(longest) * stride,
        *values,
        packed(log) if log else None,
        packed(prints) if prints else None,
        cpu,
    ]
    return Row(*columns)


def without_result(task: int, status: int, start: float, end: float, left: Left = NOTHING) -> Row:
    """The row of one task without a storable result."""
    times = Times(1, [start], [end - start], end)
    statuses = None if status == schema.OK else bytes([status])
    return left.told_by(pack(task, statuses, times, Values().columns_of([None])))
