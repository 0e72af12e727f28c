"""Rows of the table `batch`: consecutive tasks that ended together, as they are written and read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from operator import sub
from typing import Any, NamedTuple, cast

from . import packs, schema
from .objects import Place, part_of
from .pieces import PIECE, Pieces
from .values import FLOATS, INTEGERS, NONES, ValueColumns, Values
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
        return [kept.partition(":")[0] for kept in (self.vals, self.objects) if isinstance(kept, str)]


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

    @classmethod
    def of(cls, row: Stored, task: int) -> Left:
        """What a task of a row left."""
        log, prints = array("q"), array("q")
        for at, *place in row.log():
            if at == task:
                log.extend(place)
        for first, tasks, begin, length in row.prints():
            if first <= task < first + tasks:
                prints.extend((first - task, tasks, begin, length))
        return cls(log, prints)


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


READ = (
    "id, first, count, stage, worker, statuses, stride, start, starts, seconds, form, vals, objects,"
    " inputs, log, prints"
)
"""The columns that `Stored` is made of."""


class Stored:
    """A row of run.db. Its content is read on demand; `folder` is that of the files.

    A run.db may come from anybody: raises `ValueError`, `TypeError`, `OSError` or `pickle.UnpicklingError`
    if something is wrong with it.
    """

    id: int
    first: int
    count: int
    stage: int
    worker: int

    def __init__(self, columns: Sequence[Any], folder: str) -> None:
        self.id, self.first, self.count, self.stage, self.worker, statuses, *rest = columns
        self._stride, self._start, self._starts, self._seconds, self._form, *rest = rest
        self._vals, self._objects, self._kept_inputs, self._log, self._prints = rest
        check_span(self.first, self.count)
        if type(self.worker) is not int or type(self.stage) is not int:
            raise ValueError("a row has no worker, or no stage")
        if not abs(float(self._start)) < LATEST:
            raise ValueError("a row has no time")
        if (
            type(self._stride) is not int
            or not 0 < self._stride <= LONGEST_STRIDE
            or self.count % self._stride
        ):
            raise ValueError("a row has times for other tasks")
        if self._starts is None and self._entries > 1:
            raise ValueError("a row has no starts")
        self.statuses: bytes | None = None if statuses is None else checked_statuses(statuses, self.count)
        """One byte per task; None if all are ok."""
        self._folder = folder
        self._pieces = Pieces(self._vals, folder) if self._form is None else None
        self._pickles = None if self._objects is None else Pieces(self._objects, folder)
        self._inputs = None if self._kept_inputs is None else packs.Kept(folder, self._kept_inputs)
        self._kept: tuple[int, list[bytes | Place | None]] = -1, []
        """For the last piece: how many pickles precede each of its items."""

    @property
    def files(self) -> list[str]:
        """The files of `objects/` that it uses."""
        kept = (self._vals, self._objects, self._kept_inputs)
        return [column.partition(":")[0] for column in kept if isinstance(column, str)]

    def starts(self, begin: int, stop: int) -> array[float]:
        """When some tasks began, by offset, in seconds since the epoch."""
        start, stride = float(self._start), self._stride
        first, last = begin // stride, (stop - 1) // stride + 1
        if self._starts is None:
            starts = [start]
        else:
            starts = [start + offset for offset in _floats(self._starts, first, last, self._entries)]
        if stride == 1:
            return array("d", starts)
        steps, seconds = range(stride), self._entry_seconds(first, last)
        times = array("d", [at + each * step for at, each in zip(starts, seconds) for step in steps])
        return times[begin - first * stride : stop - first * stride]

    def seconds(self, begin: int, stop: int) -> array[float]:
        """How long some tasks took, by offset."""
        stride = self._stride
        first, last = begin // stride, (stop - 1) // stride + 1
        seconds = self._entry_seconds(first, last)
        if stride == 1:
            return seconds
        expanded = array("f", [each for each in seconds for _ in range(stride)])
        return expanded[begin - first * stride : stop - first * stride]

    def _entry_seconds(self, first: int, last: int) -> array[float]:
        return _floats(self._seconds, first, last, self._entries)

    @property
    def _entries(self) -> int:
        """The number of entries of its times."""
        return self.count // self._stride

    def values(self, begin: int, stop: int) -> list[Any]:
        """The values of some tasks, by offset: scalars and texts, others as display text in a tuple."""
        if self._pieces is not None:
            return self._pieces.items(begin, stop)
        if self._form == NONES:
            return [None] * (stop - begin)
        return self._numbers(begin, stop).tolist()

    def _numbers(self, begin: int, stop: int) -> array[Any]:
        code = {INTEGERS: "q", FLOATS: "d"}.get(self._form if isinstance(self._form, str) else "")
        if code is None:
            raise ValueError(f"a row has values of an unknown form: {self._form!r}")
        data = part_of(self._folder, self._vals, NUMBER * self.count, NUMBER * begin, NUMBER * stop)
        return unpacked(code, data)

    def pickle(self, offset: int) -> bytes | Place | None:
        """The pickle of a value, or its location; None if the value itself is kept."""
        return self._piece_of_pickles(offset // PIECE)[offset % PIECE]

    def pickles(self, begin: int, stop: int) -> list[bytes | Place | None]:
        """The same for some values, by offset."""
        numbers = range(begin // PIECE, (stop - 1) // PIECE + 1)
        found = list(chain.from_iterable(map(self._piece_of_pickles, numbers)))
        return found[begin % PIECE : begin % PIECE + stop - begin]

    def raw_pickles(self, begin: int, stop: int) -> bytes | None:
        """What the pickles of some values are in, by offset, as it is kept; None if that cannot be told."""
        number = begin // PIECE
        if self._pickles is None or (stop - 1) // PIECE != number:
            return None
        return self._pickles.raw(number)

    def _piece_of_pickles(self, number: int) -> list[bytes | Place | None]:
        if self._pieces is None or self._pickles is None:
            return [None] * PIECE
        if self._kept[0] != number:
            self._kept = number, _beside(self._pieces.piece(number), self._pickles.piece(number))
        return self._kept[1]

    def inputs(self, begin: int, stop: int) -> list[Any] | None:
        """The inputs of some tasks in the form of `values`; None if the job file has them."""
        return None if self._inputs is None else self._inputs.items(begin, stop)

    def log(self) -> list[tuple[int, int, int]]:
        """Where tasks wrote into run.log: the task, and the offset and length of some of its lines."""
        numbers = unpacked("q", self._log or b"")
        if len(numbers) % SPAN or min(numbers, default=0) < 0:
            raise ValueError("a row has parts of places, or one before the beginning")
        first = self.first
        return [
            (first + at, *place) for at, *place in zip(numbers[::SPAN], numbers[1::SPAN], numbers[2::SPAN])
        ]

    def prints(self) -> list[tuple[int, int, int, int]]:
        """What tasks printed: the first of some, how many they are, and the location in their lane's file."""
        return prints_from(self._prints, self.first)

    def part(self, begin: int, stop: int, values: Values) -> tuple[Row, bytes | str | None]:
        """Some of its tasks, by offset, as a row of their own, and its column of inputs.

        `values` is an empty object for building the columns of their values.
        """
        items = self.values(begin, stop)
        pickles = [kept for kept in self.pickles(begin, stop) if kept is not None]
        starts, seconds = self.starts(begin, stop), self.seconds(begin, stop)
        statuses = None if self.statuses is None else self.statuses[begin:stop]
        inside = self.first + begin, self.first + stop
        log, prints = array("q"), array("q")
        for task, *place in self.log():
            if inside[0] <= task < inside[1]:
                log.extend((task - inside[0], *place))
        for task, tasks, *place in self.prints():
            if task < inside[1] and task + tasks > inside[0]:
                prints.extend((task - inside[0], tasks, *place))
        row = pack(
            inside[0],
            statuses if statuses and any(statuses) else None,
            Times(1, starts, seconds, max(map(float.__add__, starts, seconds))),
            values.columns_of(items, pickles),
            log,
            prints=prints,
        )
        inputs = self.inputs(begin, stop)
        return row, None if inputs is None else values.kept_inputs(inputs)


def prints_from(column: bytes | None, task: int) -> list[tuple[int, int, int, int]]:
    """The content of a column `prints`, whose offsets count from `task`. Raises `ValueError`."""
    numbers = unpacked("q", column or b"")
    if len(numbers) % PRINTED:
        raise ValueError("a row has parts of places")
    places, *others = (numbers[at::PRINTED] for at in range(PRINTED))
    if any(min(column, default=0) < 0 for column in others):
        raise ValueError("a row has a place before the beginning")
    return list(zip([task + place for place in places], *others))


def _floats(data: object, first: int, last: int, entries: int) -> array[float]:
    """Some float32 values of a column with this many entries."""
    if not isinstance(data, bytes) or len(data) != FLOAT * entries:
        raise ValueError("a row has times for other tasks")
    floats = unpacked("f", data[FLOAT * first : FLOAT * last])
    if not abs(sum(floats)) < LATEST:
        raise ValueError("a row has times that are none")
    return floats


def check_span(first: object, count: object) -> None:
    """Raise `ValueError` unless these can be the first task of a row and its number of tasks."""
    if not (isinstance(first, int) and isinstance(count, int)):
        raise ValueError("a row is no span of tasks")
    if not (0 <= first <= schema.MOST_TASKS and 0 < count <= schema.MOST_TASKS):
        raise ValueError("a row is no span of tasks")


def checked_statuses(statuses: object, count: int) -> bytes:
    """The statuses of a row of `count` tasks. Raises `ValueError`."""
    if not isinstance(statuses, bytes) or len(statuses) != count:
        raise ValueError("a row has statuses of other tasks")
    if statuses.translate(None, schema.KNOWN_STATUSES):
        raise ValueError("a row has an unknown status")
    return statuses


def _beside(items: list[Any], pickles: list[Any]) -> list[bytes | Place | None]:
    """The pickles beside their items; None beside an item that is kept itself. Raises `ValueError`."""
    if len(items) == len(pickles) and set(map(type, items)) == {tuple} and set(map(type, pickles)) == {bytes}:
        return pickles
    rest = iter(pickles)
    return [checked_pickle(next(rest, None)) if type(item) is tuple else None for item in items]


def checked_pickle(kept: object) -> bytes | Place:
    """A pickle, or its location. Raises `ValueError`."""
    if isinstance(kept, bytes):
        return kept
    if isinstance(kept, tuple):
        place = cast("tuple[Any, ...]", kept)
        if len(place) == 3 and all(map(isinstance, place, (str, int, int))):
            return cast("Place", place)
    raise ValueError("a row has something else in place of a pickle")


def ordered_spans(rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ordered spans (first, stop), with adjacent ones merged."""
    spans: list[tuple[int, int]] = []
    for first, stop in rows:
        if spans and spans[-1][1] == first:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((first, stop))
    return spans
