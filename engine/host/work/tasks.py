"""Where the user's function is called: a batch of tasks after the other, timed, and guarded one by one."""

from __future__ import annotations

import logging
import os
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from operator import sub
from typing import Any, Callable, cast

from ..record import rows, schema, wire
from ..record.display import MAX_TEXT
from ..record.objects import ObjectFile
from ..record.rows import Times
from ..record.values import Unpicklable, ValueColumns, Values, is_scalar
from ..system import Connection
from .failures import describe, format_trace
from .logs import AppendHandler
from .settled import Settler
from .surroundings import Surroundings, flush_output

IDLE = -1
"""In the slot: no task is being run."""

FLUSH_SECONDS = 0.1
"""Finished tasks of a batch are not held back longer than this by the ones behind them."""
FLUSH_BYTES = 8 << 20
"""Nor once their results are larger than this."""
QUICK_SECONDS = 2e-6
"""Tasks quicker than this would wait longer for their clock and their guard than for their end."""
SLOW_SECONDS = 500e-6
"""Tasks slower than this each find their surroundings as the first did; quicker ones do by the batch."""
STRIDE = 256
"""So many of them share a clock and a guard. Their rest in a batch makes a row of its own."""


def keeping(index: int) -> int:
    """In the slot: the result of the task is being kept, while others behind it have been run already."""
    return IDLE - 1 - index


def spoken_of(said: int) -> int:
    """The task that a slot speaks of: its index, or IDLE."""
    return said if said >= IDLE else IDLE - 1 - said


class WornOut(Exception):
    """This process is not fit for another task, through what the last ones left: another is to go on."""


class Slot:
    """Memory shared with the host, of two int64: which task is being run, and which batches are called back.

    A worker says that it is on a task, and then looks whether that was called back. So where the host has
    called batches back, and sees a while after that the worker is still on the same task, no other is begun.
    """

    def __init__(self, shared: Any) -> None:
        self.view = memoryview(shared).cast("B").cast("q")
        self._kept: int | None = None
        if sys.platform != "win32":
            os.register_at_fork(after_in_child=self._let_go)

    def current(self) -> int:
        """Index of the task being run, also in a process that it forked; or IDLE."""
        return spoken_of(self.view[0] if self._kept is None else self._kept)

    def _let_go(self) -> None:
        """A process that user code forked must not speak for this one: its next write fails."""
        if self._kept is None:
            self._kept = self.view[0]
            self.view.release()


class Tasks:
    """Runs batches and sends their results.

    Results gather in a row until they are sent: at the end of a batch, and on the way where it takes long.
    """

    def __init__(
        self,
        conn: Connection,
        call: Callable[[Any], Any],
        slot: Slot,
        surroundings: Surroundings,
        isolate_failures: bool,
        large: ObjectFile,
        log: AppendHandler,
    ) -> None:
        self._conn = conn
        self._call = call
        self._log = log
        self._settler = Settler()
        self._pid = os.getpid()
        self._indexes = slot.view
        self._number = 0
        """Of the batch at hand. No task is begun of batches up to the number in the slot."""
        self._called_back = False
        """Whether it was seen that the batch at hand is one of these."""
        self._surroundings = surroundings
        self._isolate_failures = isolate_failures
        self._epoch = time.time() - time.perf_counter()
        self._quick = False
        self._slow = True
        self._odd = False
        """Whether the batch had a failure, or a result that is no scalar."""
        # The row at hand. Times are those of `perf_counter`.
        self._first = 0
        self._start = 0.0
        self._ends: array[float] = array("d")
        """When each task was over and its result kept: then the next begins."""
        self._over: list[tuple[int, float]] = []
        """Tasks, by their place, and when they were over, if keeping what they gave took time after that."""
        self._values = Values(large)
        self._failed: list[wire.Failed] = []

    def run(self, first: int, items: Sequence[Any], number: int) -> None:
        """Run the tasks of one batch, up to where it is called back. Raises `WornOut`."""
        self._surroundings.restore()
        self._leave_if_worn()
        self._number = number
        try:
            self._run(first, items)
        except ValueError:  # the slot is closed: user code forked, and the child came back here too
            self._leave_if_forked()
            raise

    def _leave_if_forked(self) -> None:
        if os.getpid() != self._pid:
            os._exit(0)

    def _leave_if_worn(self) -> None:
        """Send what is done and raise `WornOut`, if this process is not fit for another task."""
        if self._surroundings.worn:
            self._indexes[0] = IDLE
            if self._ends:
                self._send(time.perf_counter())
            raise WornOut

    def _run(self, first: int, items: Sequence[Any]) -> None:
        begin = time.perf_counter()
        self._first, self._start = first, begin
        self._odd = self._called_back = False
        rest = iter(items)
        if self._quick:
            self._run_quick(rest, first + len(items))
        if not self._called_back:
            self._run_one_by_one(rest)
        self._indexes[0] = IDLE
        if self._ends:
            self._send(time.perf_counter())
        if self._called_back:
            wire.send(self._conn, wire.RETURNED, self._number)
        if done := self._first - first:
            mean = (self._start - begin) / done
            self._quick = mean < QUICK_SECONDS and not self._odd
            self._slow = mean > SLOW_SECONDS

    def _begun(self, rest: Iterator[Any]) -> Iterator[Any]:
        """The inputs of tasks, each as the slot tells that its task begins."""
        indexes, number = self._indexes, self._number
        for index, item in enumerate(rest, self._first + len(self._ends)):
            indexes[0] = index
            if indexes[1] >= number:
                self._called_back = True
                return
            yield item

    def _run_one_by_one(self, rest: Iterator[Any]) -> None:
        """Run tasks one by one: each has its own time."""
        call, values = self._call, self._values
        clock = time.perf_counter
        add_value, add_end = values.items.append, self._ends.append  # both outlive `_send`
        due = self._start + FLUSH_SECONDS
        surroundings = self._surroundings
        restore = surroundings.restore if self._slow or surroundings.ran_out_of_memory else None
        for item in self._begun(rest):
            if restore is not None:
                restore()
                self._leave_if_worn()
            try:
                value: Any = call(item)
                kind = cast("object", type(value))
                if kind is str and len(value) <= MAX_TEXT:
                    self._odd = True
                    values.add_size(len(value))
                elif not (kind is int or kind is float or kind is bool or value is None):
                    self._odd = True
                    value = self._kept(value, len(self._ends))
                    if values.size > FLUSH_BYTES:
                        due = 0.0
            except BaseException as error:
                self._fail(self._indexes[0], error)
                if surroundings.ran_out_of_memory:
                    restore = surroundings.restore
                continue
            add_value(value)
            now = clock()
            add_end(now)
            if now >= due:
                due = self._send(time.perf_counter()) + FLUSH_SECONDS

    def _run_quick(self, rest: Iterator[Any], stop: int) -> None:
        """Run tasks up to index `stop` by the group; what remains of `rest` is to be run one by one."""
        values, ends = self._values, self._ends
        items = values.items
        results = map(self._call, self._begun(rest))
        end = self._start
        due = end + FLUSH_SECONDS
        while True:
            start, done, error = end, len(items), None
            try:
                items.extend(islice(results, STRIDE))
            except BaseException as raised:
                self._leave_if_forked()
                error = raised
            end = time.perf_counter()
            if error is not None or len(items) - done < STRIDE or not values.takes_as_they_are(items[done:]):
                last = items[done:]
                del items[done:]
                short = len(last) < STRIDE and self._first + len(ends) * STRIDE + len(last) < stop
                if short and error is None and not self._called_back:
                    error = StopIteration()  # a task raised it, and `islice` took it for the end of `rest`
                break
            ends.append(end)
            if end - start > 8 * STRIDE * QUICK_SECONDS:
                last: list[Any] = []
                break
            if end >= due:
                due = self._send(time.perf_counter(), STRIDE) + FLUSH_SECONDS
        self._leave_quick(last, start, end)
        if error is not None:
            self._fail(self._first + len(ends), error)

    def _leave_quick(self, last: list[Any], start: float, end: float) -> None:
        """Send the whole groups; the last one's results start a row with a time each, all alike."""
        if self._ends:
            self._send(start, STRIDE)
        for number, value in enumerate(last, 1):
            index = self._first + len(self._ends)
            self._indexes[0] = keeping(index)
            try:
                kept = value if is_scalar(value) else self._kept(value)
            except BaseException as error:
                self._fail(index, error)
            else:
                self._values.items.append(kept)
                earliest = self._ends[-1] if self._ends else self._start  # a failure took time of its own
                self._ends.append(max(earliest, start + (end - start) * number / len(last)))

    def _kept(self, value: Any, place: int | None = None) -> Any:
        """What is kept of a result that is no scalar, or not yet; it is no time of the task at `place`."""
        kind = cast("type[Any]", type(value))
        if not (kind is list or kind is dict or kind is tuple):
            value = self._settler.settled(value)
            if is_scalar(value):
                return value
        over = time.perf_counter()
        kept = self._values.encode(value)
        if place is not None:
            self._over.append((place, over))
        return kept

    def _send(self, next_start: float, stride: int = 1) -> float:
        """Send the row at hand, in which `stride` tasks share a time; the next row starts at `next_start`."""
        self._leave_if_forked()
        self._surroundings.stop_timers()
        columns = self._columns()
        times = self._times(stride)
        tasks = len(times.seconds) * stride
        statuses = None
        if self._failed:
            marks = bytearray(tasks)
            for failed in self._failed:
                marks[failed.task - self._first] = failed.status
            statuses = bytes(marks)
        written = self._log.written(self._first, tasks)
        row = rows.pack(self._first, statuses, times, columns, written, self._epoch)
        failures = [tuple(failed) for failed in self._failed]
        flush_output()
        wire.send(self._conn, wire.RESULTS, failures, self._values.written, *row)
        self._values.clear()
        del self._ends[:]
        self._failed.clear()
        self._first += tasks
        self._start = next_start
        return next_start

    def _times(self, stride: int) -> Times:
        """When the tasks at hand ran."""
        ends = self._ends
        starts = array("d", [self._start])
        starts.extend(ends[:-1])
        if stride == 1:
            seconds = list(map(sub, ends, starts))
        else:
            seconds = [(end - start) / stride for start, end in zip(starts, ends)]
        for place, over in self._over:
            seconds[place] = over - starts[place]
        self._over.clear()
        return Times(stride, starts, seconds, ends[-1])

    def _columns(self) -> ValueColumns:
        """The results at hand as columns. Where the row cannot be packed, the tasks at fault fail."""
        try:
            return self._values.columns()
        except wire.NotPlain:
            for place, error in self._values.mend().items():
                failed, shown = self._failure(self._first + place, error)
                self._failed.append(failed)
                self._values.items[place] = shown
            return self._values.columns()

    def _fail(self, index: int, error: BaseException) -> None:
        """Add a failed task to the row, or send it as a row of its own; log it."""
        if self._isolate_failures and self._ends:
            self._send(self._ends[-1])
        failed, shown = self._failure(index, error)
        self._failed.append(failed)
        self._values.items.append(shown)
        self._ends.append(time.perf_counter())
        if self._isolate_failures or self._ends[-1] - self._start > FLUSH_SECONDS:
            self._send(time.perf_counter())

    def _failure(self, index: int, error: BaseException) -> tuple[wire.Failed, str | None]:
        """What is kept of a failure, and what shows the result that it had all the same; logs it."""
        self._odd = True
        shown = None
        status = schema.MEMORY if issubclass(type(error), MemoryError) else schema.ERROR
        if type(error) is Unpicklable and error.__cause__ is not None:
            status, shown, error = schema.UNPICKLABLE, error.display, error.__cause__
        self._surroundings.ran_out_of_memory |= status == schema.MEMORY
        message = describe(error)
        trace = format_trace(error)
        with suppress(BaseException):  # the user's code broke logging; run.db has the failure all the same
            logging.getLogger().error("Task %d failed: %s\n%s", index, message, trace.rstrip("\n"))
        return wire.Failed(index, status, message, trace, time.time()), shown
