"""Runs the tasks of a chunk: one by one, several without a check in between, or quick ones in groups."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import time
from typing import Any, Callable, cast

from ...record.display import display
from ...record.values import is_scalar
from ...work.pace import FLUSH_BYTES, QUICK_SECONDS, STRIDE
from ..messages import COUNT, TASK
from .chunk import Chunk, InPieces, TaskFailed, is_short
from .row import Numbers, RowAtHand, is_number

ROW_SECONDS = 0.1
"""Seconds after which tasks of an unfinished chunk are recorded."""
SAMPLE = 16
"""Tasks that run before their speed is measured."""
MOST = 1024
"""The most tasks that run before their results are examined,"""
LOOK_SECONDS = 0.005
"""or about as many as take this long."""


class Chunks:
    """Results go to the current row. `send` is called when that must be sent first."""

    def __init__(
        self,
        row: RowAtHand,
        slot: memoryview,
        caught: type[BaseException],
        own_dumps: Callable[[Any], bytes] | None,
        send: Callable[[], object],
    ) -> None:
        """`caught` are exceptions that fail a task; `own_dumps` pickles results in the pool's own way."""
        self._row = row
        self._slot = slot
        self._caught = caught
        self._own_dumps = own_dumps
        self._send = send
        self._quick = False

    def run(self, task: int, chunk: Chunk, careful: bool) -> None:
        """Run a chunk to its end, one by one if `careful`. Raises `TaskFailed`."""
        total = len(chunk.items)
        due = time.perf_counter() + ROW_SECONDS
        size = SAMPLE
        while chunk.done < total:
            if self._quick and not careful and total - chunk.done >= STRIDE and chunk.can_group:
                self._run_groups(task, chunk)
            elif chunk.is_fixed:
                size = self._run_some(task, chunk, min(size, total - chunk.done))
            else:
                self._run_one(task, chunk)
            if self._row.end > due or self._row.values.size > FLUSH_BYTES:
                self._send()
                due = self._row.end + ROW_SECONDS

    def _run_one(self, task: int, chunk: Chunk) -> None:
        """Run one task. Its result is stored at once, since the next task may change it."""
        row, item, index = self._row, chunk.items[chunk.done], task + chunk.done
        given = item if chunk.is_plain else chunk.shown(item)
        self._slot[COUNT] = 1
        self._slot[TASK] = index
        start = time.perf_counter()
        try:
            value = chunk.call(item)
        except self._caught as error:
            row.add_failed(index, given, start, error)
            raise TaskFailed(error) from None
        row.time(start, time.perf_counter())
        row.inputs.append(given)
        chunk.done += 1
        chunk.values.append(value)
        self._keep(index, chunk, value)

    def _run_some(self, task: int, chunk: Chunk, size: int) -> int:
        """Run this many tasks, or up to the first with a mutable result.

        Returns how many may run next.
        """
        clock, slot, call = time.perf_counter, self._slot, chunk.call
        first = chunk.done
        index = task + first
        values: list[Any] = []
        ends: list[float] = []
        error: BaseException | None = None
        usual: Any = None
        slot[COUNT] = 1
        ended, gave = ends.append, values.append
        start = clock()
        try:
            for item in chunk.items[first : first + size]:
                slot[TASK] = index
                value = call(item)
                ended(clock())
                gave(value)
                index += 1
                if type(value) is not usual:
                    if is_scalar(value):
                        usual = cast("Any", type(value))
                    elif not is_short(value):
                        break
        except self._caught as caught:
            error = caught
        stop = first + len(ends)
        if ends:
            given = (
                chunk.items[first:stop] if chunk.is_plain else [*map(chunk.shown, chunk.items[first:stop])]
            )
            chunk.done = stop
            chunk.values += values
            last = values[-1]
            if is_short(last):
                self._row.add(given, values, start, ends)
            else:
                self._row.add(given, values[:-1], start, ends)
                self._keep(index - 1, chunk, last)
        if error is not None:
            item = chunk.items[stop]
            shown = item if chunk.is_plain else chunk.shown(item)
            self._row.add_failed(index, shown, ends[-1] if ends else start, error)
            raise TaskFailed(error) from None
        each = (ends[-1] - start) / len(ends)
        self._quick = each < QUICK_SECONDS and len(ends) >= SAMPLE and is_number(values[-1])
        return max(1, min(MOST - stop % MOST if self._quick else MOST, int(LOOK_SECONDS / each)))

    def _keep(self, index: int, chunk: Chunk, value: Any) -> None:
        """Store the result of a task."""
        items = self._row.values.items
        if is_scalar(value):
            items.append(value)
            return
        chunk.has_fixed = chunk.has_fixed and is_short(value)
        try:
            items.append(self._row.values.encode(value))
            self._row.preview(index, value)
        except Exception as error:
            self._keep_unencoded(index, value, error.__cause__ or error)

    def _keep_unencoded(self, task: int, value: Any, error: BaseException) -> None:
        """Pickle itself cannot store a value; the pool's own way of sending it may."""
        try:
            if self._own_dumps is None:
                raise error
            data = self._own_dumps(value)
        except BaseException as broken:
            self._row.add_unpicklable(task, value, broken)
        else:
            self._row.values.items.append((display(value),))
            self._row.values.keep([data])

    def _run_groups(self, task: int, chunk: Chunk) -> None:
        """Run quick tasks in groups: those of a group share a clock."""
        clock, slot, row = time.perf_counter, self._slot, self._row
        self._send()
        first = chunk.done
        numbers: Numbers | None = None
        error: BaseException | None = None
        fresh: list[Any] = []
        slot[COUNT] = STRIDE
        was_late = False
        start = due = clock()
        due += ROW_SECONDS
        while len(chunk.items) - chunk.done >= STRIDE and self._quick:
            slot[TASK] = task + chunk.done
            fresh = []
            start = clock()
            try:
                fresh.extend(map(chunk.call, chunk.items[chunk.done : chunk.done + STRIDE]))
            except self._caught as caught:
                error = caught
                break
            end = clock()
            if len(fresh) < STRIDE:
                error = StopIteration()  # it has ended `map`
                break
            if numbers is None and is_number(fresh[0]):
                numbers = Numbers(cast("type[Any]", type(fresh[0])))
                row.begin(task + first, STRIDE, numbers)
            if numbers is None or not numbers.takes(fresh):
                break
            row.starts.append(start)
            row.seconds.append((end - start) / STRIDE)
            row.end = end
            chunk.done += STRIDE
            fresh = []
            is_late = end - start > 8 * STRIDE * QUICK_SECONDS
            self._quick = not (is_late and was_late)  # only once: others may have had their turn
            was_late = is_late
            if end > due:
                break
        if type(chunk.items) is InPieces and row.tasks:
            row.column = chunk.items.column_of(first, chunk.done)
        else:
            row.inputs += chunk.items[first : chunk.done]
        self._send()
        row.begin(task + chunk.done)
        slot[COUNT] = 1
        if fresh or error is not None:
            self._end_group(task, chunk, fresh, start, error)

    def _end_group(
        self, task: int, chunk: Chunk, fresh: list[Any], start: float, error: BaseException | None
    ) -> None:
        """Store the results of a group of mixed kinds one by one: they get equal times."""
        self._quick, chunk.is_uneven = False, True
        each = (time.perf_counter() - start) / max(1, len(fresh))
        for place, value in enumerate(fresh):
            self._row.time(start + place * each, start + (place + 1) * each)
            self._row.inputs.append(chunk.items[chunk.done])
            chunk.values.append(value)
            self._keep(task + chunk.done, chunk, value)
            chunk.done += 1
        if error is not None:
            self._row.add_failed(task + chunk.done, chunk.items[chunk.done], time.perf_counter(), error)
            raise TaskFailed(error) from None
