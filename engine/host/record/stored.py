"""The rows of run.db as they are read, with nothing in them trusted."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain

from ..typed import Any, cast
from . import packs, schema
from .objects import Place, file_of, part_of
from .pieces import PIECE, Pieces
from .rows import FLOAT, LATEST, LONGEST_STRIDE, NUMBER, PRINTED, SPAN, Left, Row, Times, pack
from .values import FLOATS, INTEGERS, NONES, SHORT_INTEGERS, Values
from .wire import unpacked

READ = (
    "id, first, count, stage, worker, statuses, stride, start, starts, seconds, form, vals, objects,"
    " inputs, log, prints"
)
"""The columns that `Stored` is made of."""
CODES = {INTEGERS: "q", SHORT_INTEGERS: "i", FLOATS: "d"}
SIZES = {"q": NUMBER, "i": NUMBER // 2, "d": NUMBER}


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
        return [file for column in kept if (file := file_of(column))]

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
        code = CODES.get(self._form if isinstance(self._form, str) else "")
        if code is None:
            raise ValueError(f"a row has values of an unknown form: {self._form!r}")
        size = SIZES[code]
        data = part_of(self._folder, self._vals, size * self.count, size * begin, size * stop)
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

    def left_by(self, task: int) -> Left:
        """What one of its tasks left."""
        log, prints = array("q"), array("q")
        for at, *place in self.log():
            if at == task:
                log.extend(place)
        for first, tasks, begin, length in self.prints():
            if first <= task < first + tasks:
                prints.extend((first - task, tasks, begin, length))
        return Left(log, prints)

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
