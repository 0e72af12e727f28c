"""The tasks of several rows of run.db, with columns assembled from those of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.host.record.objects import part_of
from engine.host.record.pieces import Pieces
from engine.host.record.rows import LATEST
from engine.host.record.stored import Stored, checked_statuses
from engine.host.record.values import FLOATS, INTEGERS, SHORT_INTEGERS
from engine.results.fields import fields_of
from engine.results.tasks import Slice
from engine.results.texts import CUT, Numbers, numbers_of, text_of, whole_text
from engine.results.unread import texts_in
from engine.results.utf8 import Utf8
from engine.runs import BatchRef, RunReader, UnreadableRun
from engine.runs.damaged import whole

_NUMBER = 8
_FORMS = {INTEGERS: "<i8", SHORT_INTEGERS: "<i4", FLOATS: "<f8"}
LONGEST = 1 << 26
"""Largest pickled value that is searched in full for a text."""


class Ended(Slice):
    """The finished tasks of some rows of run.db."""

    def __init__(self, run: RunReader, refs: Sequence[BatchRef]) -> None:
        counts = np.array([ref.count for ref in refs], np.int64)
        firsts = np.array([ref.first for ref in refs], np.int64)
        before = np.cumsum(counts) - counts
        index = np.arange(int(counts.sum()), dtype=np.int64)
        super().__init__(run, index + np.repeat(firsts - before, counts))
        self.refs = refs
        self.counts = counts

    def by_row(self, numbers: Sequence[float]) -> Numbers:
        """A number per row as a number per task."""
        with whole():
            return np.repeat(np.array(numbers, np.float64), self.counts)

    @property
    def cpu(self) -> Numbers:
        """Processor seconds of each row's tasks together; NaN if unknown."""
        return np.full(len(self.refs), np.nan)

    @cached_property
    def stored(self) -> list[Stored]:
        """Its rows."""
        return self.run.stored(self.refs)

    @cached_property
    def _kept_values(self) -> Sequence[Any]:
        found = [self.run.values_of(row, 0, row.count) for row in self.stored]
        return found[0] if len(found) == 1 else [item for items in found for item in items]

    @cached_property
    def _kept_inputs(self) -> Sequence[Any]:
        found = [self._inputs_of(row) for row in self.stored]
        return found[0] if len(found) == 1 else [item for items in found for item in items]

    def texts(self, column: str) -> list[str]:
        texts = super().texts(column)
        if column == "value" and tuple in set(map(type, self._kept_values)):
            for at, kept in enumerate(self._kept_values):
                if type(kept) is tuple and CUT in texts[at]:
                    texts[at] = self._whole_text(at, texts[at])
        return texts

    def _whole_text(self, at: int, text: str) -> str:
        """The full text of a value that is longer than its display text; that one if it is not plain data."""
        row, place = self._row_of(at)
        size = self.run.pickle_size(row, place)
        if size is None or size > LONGEST:
            return text
        value = self._whole_value(at)
        return text if value is None else whole_text(value)

    def _inputs_of(self, row: Stored) -> Sequence[Any]:
        kept = self.run.kept_inputs_of(row, 0, row.count)
        return self._told_inputs(row.first, row.first + row.count) if kept is None else kept

    def fields(self, column: str) -> list[dict[str, Any]]:
        found = super().fields(column)
        if column == "value":  # the display text of a long dict is truncated, but its pickle is stored
            fill_cut(found, self._kept_values, self._whole_value)
        return found

    def _row_of(self, at: int) -> tuple[Stored, int]:
        """The row of a task, and its index there."""
        ends = np.cumsum(self.counts)
        row = int(np.searchsorted(ends, at, side="right"))
        return self.stored[row], at - int(ends[row] - self.counts[row])

    def _whole_value(self, at: int) -> Any:
        return whole_value(self.run, *self._row_of(at))


def whole_value(run: RunReader, row: Stored, place: int) -> Any:
    """A value that is stored with a display text, if it is plain data; else None."""
    try:
        return run.plain_value(row, place)
    except (UnpicklingError, OSError, UnreadableRun):  # it needs a global, or is missing
        return None


def fill_cut(found: list[dict[str, Any]], kept: Sequence[Any], whole: Callable[[int], Any]) -> None:
    """Fill in the parts of dicts whose display text is truncated; `whole` reads the value at an index."""
    for at, value in enumerate(kept):
        if not found[at] and type(value) is tuple and text_of(value)[:1] == "{":
            found[at] = fields_of(whole(at))


class Old(Ended):
    """Rows of a version whose columns cannot be read separately."""

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        return _statuses([row.statuses for row in self.stored], self.counts)

    @property
    def _times(self) -> list[tuple[Any, Any]]:
        return [self.run.times_of(row, 0, row.count) for row in self.stored]

    @property
    def seconds(self) -> Numbers:
        return np.concatenate([np.asarray(seconds, np.float64) for _, seconds in self._times])

    @property
    def started(self) -> Numbers:
        return np.concatenate([np.asarray(starts, np.float64) for starts, _ in self._times])

    @property
    def worker(self) -> Numbers:
        return self.by_row([row.worker for row in self.stored])

    @property
    def stage(self) -> Numbers:
        return self.by_row([1] * len(self.refs))

    @property
    def _value_numbers(self) -> Numbers:
        return numbers_of(self._kept_values)


class Fresh(Ended):
    """Rows of version 3, of which only the requested columns are read."""

    def _select(self, columns: str) -> list[tuple[Any, ...]]:
        return [row[1:] for row in self.run.rows_of(self.refs, f"id, {columns}")]

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        return _statuses([row[0] for row in self._select("statuses")], self.counts)

    @cached_property
    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """How many tasks share each entry of the times, and how long each of them took."""
        rows = self._select("stride, seconds")
        with whole():
            strides = np.array([stride for stride, _ in rows], np.int64)
            sizes = np.array([len(seconds) for _, seconds in rows], np.int64) // 4
            if (sizes * strides != self.counts).any():
                raise ValueError("a row has times for other tasks")
            entries = np.frombuffer(b"".join([seconds for _, seconds in rows]), "<f4")
        return np.repeat(strides, sizes), entries

    @property
    def cpu(self) -> Numbers:
        if not self.run.tells_cpu:
            return super().cpu
        with whole():
            found = np.array([row[0] for row in self._select("cpu")], np.float64)
        found[~((found >= 0) & (found < LATEST))] = np.nan
        return found

    @property
    def seconds(self) -> Numbers:
        strides, entries = self._times
        return _by_entry(entries.astype(np.float64), strides)

    @property
    def started(self) -> Numbers:
        strides, seconds = self._times
        rows = self._select("stride, start, starts")
        with whole():
            offsets = np.frombuffer(b"".join([starts or bytes(4) for *_, starts in rows]), "<f4")
            if len(offsets) != len(seconds):
                raise ValueError("a row has times for other tasks")
            entries = self.counts // np.array([stride for stride, *_ in rows], np.int64)
            starts = np.repeat(np.array([start for _, start, _ in rows], np.float64), entries) + offsets
        if not len(strides) or strides.max() == 1:
            return starts
        place = np.arange(len(self)) - np.repeat(np.cumsum(strides) - strides, strides)
        return np.repeat(starts, strides) + np.repeat(seconds.astype(np.float64), strides) * place

    @property
    def worker(self) -> Numbers:
        return self.by_row([row[0] for row in self._select("worker")])

    @property
    def stage(self) -> Numbers:
        return self.by_row([row[0] for row in self._select("stage")])

    def utf8(self, column: str) -> Utf8 | None:
        return self._utf8_values if column == "value" else None

    @cached_property
    def _utf8_values(self) -> Utf8 | None:
        rows = self._select("form, vals")
        if self.status.any() or any(form is not None for form, _ in rows):
            return None
        folder = str(self.run.folder / schema.OBJECTS)
        with whole():
            return texts_in(
                [
                    (Pieces(vals, folder).pickles(), ref.count)
                    for (_, vals), ref in zip(rows, self.refs, strict=True)
                ]
            )

    @property
    def _value_numbers(self) -> Numbers:
        forms = ", ".join(f"'{form}'" for form in _FORMS)
        flat = f"CASE WHEN form IN ({forms}) THEN vals END"
        rows = self._select(f"form, numbers, {flat}")
        with whole():
            found = [self._row_numbers(row, ref.count) for row, ref in zip(rows, self.refs, strict=True)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _row_numbers(self, row: Sequence[Any], count: int) -> Numbers:
        form, numbers, flat = row
        if flat is not None:
            kind = np.dtype(_FORMS[form])
            size = kind.itemsize * count
            data = part_of(str(self.run.folder / schema.OBJECTS), flat, size, 0, size)
            return np.frombuffer(data, kind).astype(np.float64)
        if numbers is None:
            return np.full(count, np.nan)
        if len(numbers) != _NUMBER * count:
            raise ValueError("a column has more or fewer items than its row")
        return np.frombuffer(numbers, "<f8").astype(np.float64)


def _by_entry(entries: Numbers, strides: NDArray[np.int64]) -> Numbers:
    return entries if not len(strides) or strides.max() == 1 else np.repeat(entries, strides)


def _statuses(columns: Sequence[bytes | None], counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The statuses of rows; None if all are ok."""
    if not any(columns):
        return np.zeros(int(counts.sum()), np.uint8)
    with whole():
        known = [
            bytes(int(count)) if column is None else checked_statuses(column, int(count))
            for column, count in zip(columns, counts, strict=True)
        ]
    return np.frombuffer(b"".join(known), np.uint8)
