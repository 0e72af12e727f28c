"""Some tasks in order: each column an array or a list of texts, read on demand."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.host.record.display import display
from engine.results.attempts import Attempts
from engine.results.exact import told_times
from engine.results.fields import field, fields_of, fields_of_input
from engine.results.names import CANCELLED, MISSING, NUMBERS, RUNNING, SPREAD, STATUSES, WAITING
from engine.results.texts import Numbers, numbers_of, texts_of
from engine.results.utf8 import Utf8
from engine.runs import RunReader
from engine.runs.blocks import iso
from engine.runs.damaged import whole
from engine.runs.unended import AtHand, Doing


class Slice:
    """Tasks in order."""

    def __init__(self, run: RunReader, index: NDArray[np.int64]) -> None:
        self.run = run
        self.index = index
        self._fields: dict[str, list[dict[str, Any]]] = {}

    def __len__(self) -> int:
        return len(self.index)

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        """For each task the index of its status in `STATUSES`."""
        raise NotImplementedError

    def numbers(self, column: str) -> Numbers:
        """A column as float64; NaN for a task without a number."""
        if column in NUMBERS:
            return self._number_columns[column]()
        if column in SPREAD:
            return self._value_numbers if column == "value" else numbers_of(self.items("input"))
        if "." in column:
            return numbers_of(self.items(column))
        return np.full(len(self), np.nan)

    def texts(self, column: str) -> list[str]:
        """A column as texts, as they are exported; empty if there is no value."""
        if column == "status":
            return [STATUSES[status] for status in self.status]
        if column == "error":
            return self.errors
        if column in NUMBERS:
            return number_texts(column, self.numbers(column))
        texts = texts_of(self.items(column))
        has_nothing = self.has_nothing(column)
        if has_nothing.any():
            return ["" if nothing else text for nothing, text in zip(has_nothing, texts, strict=True)]
        return texts

    def utf8(self, _column: str) -> Utf8 | None:
        """A column as bytes, if each task has a text there and they need not be read one by one."""
        return None

    def has_nothing(self, column: str) -> NDArray[np.bool_]:
        """Which tasks have no value at all: None is a value."""
        if "." in column:
            return np.array([item is None for item in self.items(column)], np.bool_)
        if column == "value":
            return (self.status != schema.OK) & (self.status != schema.UNPICKLABLE)
        return np.zeros(len(self), np.bool_)

    def items(self, column: str) -> Sequence[Any]:
        """Values, or what is stored of them: display text in a tuple of one."""
        if column in SPREAD:
            return self._kept_inputs if column == "input" else self._kept_values
        base, _, path = column.partition(".")
        if base not in self._fields:
            self._fields[base] = self.fields(base)
        return [field(fields, path) if fields else None for fields in self._fields[base]]

    def fields(self, column: str) -> list[dict[str, Any]]:
        """The named parts of each input or value; empty if it has no names."""
        if column == "input":
            names = self.run.input_names
            return [fields_of_input(item, names) for item in self.items(column)]
        return [fields_of(item) for item in self.items(column)]

    @cached_property
    def errors(self) -> list[str]:
        """The last message of each task without a result."""
        errors = [""] * len(self)
        if not self.attempts.last:
            return errors
        for at in np.flatnonzero(self.status != schema.OK):
            last = self.attempts.last.get(int(self.index[at]))
            errors[at] = last.message if last else ""
        return errors

    @cached_property
    def attempts(self) -> Attempts:
        """The failed attempts at the tasks."""
        if not len(self):
            return Attempts({}, {})
        return Attempts.between(self.run, int(self.index[0]), int(self.index[-1]) + 1)

    def _attempt_numbers(self) -> Numbers:
        made = (self.status < CANCELLED).astype(np.float64)
        for task, count in self.attempts.counts.items():
            at = int(np.searchsorted(self.index, task))
            if at < len(self) and self.index[at] == task:
                made[at] = count + (self.status[at] == schema.OK)
        return made

    @cached_property
    def _number_columns(self) -> dict[str, Callable[[], Numbers]]:
        return {
            "index": lambda: self.index.astype(np.float64),
            "seconds": lambda: self.seconds,
            "started": lambda: told_times(self.started),
            "worker": lambda: self.worker,
            "stage": lambda: self.stage,
            "attempts": self._attempt_numbers,
        }

    @property
    def seconds(self) -> Numbers:
        """Seconds that each task took."""
        return np.full(len(self), np.nan)

    @property
    def started(self) -> Numbers:
        """When each began, in seconds since the epoch."""
        return np.full(len(self), np.nan)

    @property
    def worker(self) -> Numbers:
        """The worker that finished each."""
        return np.full(len(self), np.nan)

    @property
    def stage(self) -> Numbers:
        """The stage of each."""
        return np.full(len(self), np.nan)

    @property
    def _value_numbers(self) -> Numbers:
        return np.full(len(self), np.nan)

    @cached_property
    def _kept_values(self) -> Sequence[Any]:
        return [None] * len(self)

    @cached_property
    def _kept_inputs(self) -> Sequence[Any]:
        return self._told_inputs(int(self.index[0]), int(self.index[-1]) + 1)

    def _told_inputs(self, first: int, stop: int) -> Sequence[Any]:
        """The inputs from the job file."""
        inputs = self.run.inputs_between(first, stop)
        if isinstance(inputs, range) or tuple not in set(map(type, inputs)):
            return inputs
        return [(display(item),) if type(item) is tuple else item for item in inputs]


class Waiting(Slice):
    """Consecutive unfinished tasks; workers are `doing` some, if the run is active."""

    def __init__(self, run: RunReader, index: NDArray[np.int64], doing: Doing = None) -> None:
        super().__init__(run, index)
        self._doing = doing

    def _at_hand(self) -> Iterator[tuple[int, AtHand]]:
        """The indexes of the tasks that workers are on."""
        first = int(self.index[0])
        places = ((task - first, now) for task, now in (self._doing or {}).items())
        return ((at, now) for at, now in places if 0 <= at < len(self))

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        if self._doing is not None:
            found = np.full(len(self), WAITING, np.uint8)
            found[[at for at, _ in self._at_hand()]] = RUNNING
            return found
        found = np.full(len(self), MISSING, np.uint8)
        for task, last in self.attempts.last.items():
            if last.kind == schema.CANCELLED:
                found[task - int(self.index[0])] = CANCELLED
        return found

    @property
    def worker(self) -> Numbers:
        found = np.full(len(self), np.nan)
        for task, last in self.attempts.last.items():
            found[task - int(self.index[0])] = last.worker
        for at, now in self._at_hand():
            found[at] = now.worker
        return found


def number_texts(column: str, numbers: Numbers) -> list[str]:
    """Numbers of one of `NUMBERS` as they are exported."""
    known = numbers.tolist()
    if column == "started":
        with whole():
            return ["" if number != number else iso(array("d", [number]))[0] for number in known]
    if column != "seconds":
        return ["" if number != number else str(int(number)) for number in known]
    with np.errstate(over="ignore"):
        is_short = ((numbers == numbers.astype(np.float32)) | np.isnan(numbers)).all()
    form = "%.7g".__mod__ if is_short else repr
    return ["" if number != number else form(number) for number in known]
