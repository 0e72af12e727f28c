"""The current row: the results of a worker's tasks since its last report, as columns of run.db."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import time
from array import array
from collections.abc import Sequence
from operator import is_, sub

from ...record import rows, schema
from ...record.display import MAX_TEXT, display
from ...record.objects import LONG_COLUMN, ObjectFile, told
from ...record.previews import Previews
from ...record.rows import Times
from ...record.values import (
    FLOATS,
    INTEGERS,
    NONE,
    NONES,
    NUMBERS,
    SHORT_INTEGERS,
    ValueColumns,
    Values,
    all_scalars,
    is_scalar,
)
from ...record.wire import flat, packed, unpacked
from ...typed import Any
from ...work.failures import describe, format_trace
from . import logs
from .kinds import are_fixed, kinds_of, pickles_of, shown_fixed, text_size, tuples_among
from .prints import Prints

CODES: dict[Any, str] = {int: "i", float: "g", NONE: "N"}
"""The code of each type in `wire.FLAT`."""


def is_number(value: object) -> bool:
    """Whether `Numbers` can hold it: by its true type."""
    kind = type(value)
    return kind is int or kind is float or kind is NONE


class Numbers:
    """Values of quick tasks as they accumulate, all int, all float or all None, without lists of them."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self._parts: list[bytes] = []
        """Them, packed,"""
        self._long: array[int] | None = None
        """or once some need more than 32 bits, all of them."""

    def takes(self, values: list[Any]) -> bool:
        """Add values; False if some are not of the kind, or too large."""
        found = flat(values) if self._long is None else None
        if found is None:
            if not self._takes_long(values):
                return False
        elif found[0] == CODES[self._kind]:
            self._parts.append(found[1])
        else:
            return False
        return True

    def _takes_long(self, values: list[Any]) -> bool:
        if self._kind is not int or list(map(type, values)).count(int) != len(values):
            return False
        try:
            fresh = array("q", values)
        except (OverflowError, TypeError):  # TypeError: a class claims to be int
            return False
        if self._long is None:
            self._long = array("q", unpacked("i", b"".join(self._parts)))
        self._long += fresh
        return True

    def columns(self, file: ObjectFile) -> ValueColumns:
        if self._kind is NONE:
            return ValueColumns(NONES, None, None, None, None, None)
        form = FLOATS if self._kind is float else SHORT_INTEGERS if self._long is None else INTEGERS
        data = b"".join(self._parts) if self._long is None else packed(self._long)
        place = file.keep(data) if len(data) > LONG_COLUMN else None
        return ValueColumns(form, data if place is None else told(place), None, None, None, None)


class RowAtHand:
    """Finished tasks, from `first` on."""

    def __init__(self, file: ObjectFile, folder: str, prints: Prints) -> None:
        """`folder` is that of the run."""
        self._prints = prints
        self.file = file
        self._previews = Previews(folder)
        self.values = Values(file)
        self._epoch = time.time() - time.perf_counter()
        self.failed: list[tuple[Any, ...]] = []
        self.starts: list[float] = []
        self.seconds: list[float] = []
        self.first = 0
        self.end = 0.0
        self.begin(0)

    def begin(self, first: int, stride: int = 1, numbers: Numbers | None = None) -> None:
        """Start a row in which `stride` tasks share a time; with `numbers`, that has their values."""
        self.first, self.stride, self.numbers = first, stride, numbers
        self.inputs: list[Any] = []
        self.column: bytes | str = b""
        """The inputs, if they are not in a list."""
        self.failed = []
        self.values.clear()
        self.starts.clear()
        self.seconds.clear()

    @property
    def tasks(self) -> int:
        return len(self.seconds) * self.stride

    def time(self, start: float, end: float) -> None:
        self.starts.append(start)
        self.seconds.append(end - start)
        self.end = end

    def add(self, given: Sequence[Any], starts: list[float], ends: list[float]) -> None:
        """Add tasks whose results are there."""
        self.starts += starts
        self.seconds += map(sub, ends, starts)
        self.end = ends[-1]
        self.inputs += given

    def add_values(self, values: Sequence[Any]) -> None:
        """Add immutable results."""
        if all_scalars(values):
            self.values.items += values
        else:
            self.values.items += [v if is_scalar(v) else self.values.encode(v) for v in values]

    def add_snapshot(self, text: str, pickled: bytes) -> None:
        """Add a result that may change."""
        self.values.items.append((text,))
        self.values.keep([pickled])

    def takes(self, fresh: list[Any], items: Sequence[Any], given: Sequence[Any]) -> bool:
        """Add results without their times, if all are immutable and short.

        `given` shows the inputs `items`, which are immutable: if these are the results, it shows them too.
        """
        kinds, are_inputs = kinds_of(fresh), all(map(is_, fresh, items))
        size = text_size(fresh, kinds)
        if size < 0 or not (are_inputs or are_fixed(fresh, kinds)):
            return False
        shown = given if are_inputs else shown_fixed(fresh, kinds)
        if shown is None:
            return False
        values = self.values
        values.items += shown
        values.add_size(size)
        if tuple in kinds:
            values.keep(pickles_of(tuples_among(fresh, kinds)))
        if kinds.isdisjoint(NUMBERS):
            values.no_numbers += len(fresh)
        return True

    def preview(self, task: int, value: object) -> None:
        """Save a picture of a task's result, if there can be one."""
        if make := self._previews.maker(value):
            self._previews.keep(task, make)

    def add_failed(self, task: int, given: Any, start: float, error: BaseException) -> None:
        status = schema.MEMORY if isinstance(error, MemoryError) else schema.ERROR
        self.time(start, time.perf_counter())
        self.inputs.append(given)
        self.values.items.append(None)
        self.failed.append((task, status, describe(error), format_trace(error), time.time()))

    def add_unpicklable(self, task: int, value: Any, error: BaseException) -> None:
        """The result of a task cannot be pickled; its input and time are already there."""
        shown = display(value)
        self.values.items.append(shown if len(shown) <= MAX_TEXT else shown[:MAX_TEXT])
        self.failed.append((task, schema.UNPICKLABLE, describe(error), format_trace(error), time.time()))

    def packed(self) -> tuple[bytes | str, rows.Row]:
        """The columns `inputs`, and all others."""
        statuses = None
        if self.failed:
            marks = bytearray(self.tasks)
            for failed in self.failed:
                marks[failed[0] - self.first] = failed[1]
            statuses = bytes(marks)
        columns = self.values.columns() if self.numbers is None else self.numbers.columns(self.file)
        differ = list(map(type, self.inputs)).count(tuple) == len(self.inputs)  # each has its own text
        inputs = self.column or self.values.kept_inputs(self.inputs, differ)
        if isinstance(inputs, bytes) and len(inputs) > LONG_COLUMN and (place := self.file.keep(inputs)):
            inputs = told(place)
        log = logs.handler().written(self.first, self.tasks) if logs.is_in_use() else None
        times = Times(self.stride, self.starts, self.seconds, self.end)
        return inputs, rows.pack(
            self.first, statuses, times, columns, log, self._epoch, self._prints.of(self.first)
        )
