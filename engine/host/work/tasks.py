"""Where the user's function is called: one batch of tasks after another, each task timed and guarded."""

from __future__ import annotations

import logging
import os
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from operator import sub

from ..record import rows, schema, wire
from ..record.display import MAX_TEXT
from ..record.objects import ObjectFile
from ..record.previews import Previews
from ..record.rows import Times
from ..record.values import Unpicklable, ValueColumns, Values, is_scalar
from ..system import Connection
from ..typed import Any, Callable, cast
from .failures import describe, format_trace
from .logs import AppendHandler
from .pace import FLUSH_BYTES, QUICK_SECONDS, STRIDE
from .prints import Prints
from .settled import Settler
from .slot import CALLED_BACK, IDLE, TASK, Slot, keeping
from .surroundings import Surroundings

FLUSH_SECONDS = 0.1
"""Finished tasks of a batch are not held back longer than this by the ones after them."""
SLOW_SECONDS = 2e-3
"""Tasks slower than this each find their surroundings as the first did; quicker ones do by the batch.

To restore them and to look at what was printed takes some 25 us, so that is one part in a hundred at most.
"""

MOST_LOOKED_AT = 32
"""As many tasks of a row tell whether these are slow."""


class WornOut(Exception):
    """This process is not fit for another task, because of earlier ones: another process must continue."""


class Tasks:
    """Runs batches and sends their results.

    Results collect in a row until they are sent: at the end of a batch, and earlier if it takes long.
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
        prints: Prints,
        settler: Settler,
        cpu_clock: Callable[[], float],
        previews: Previews,
    ) -> None:
        self._conn = conn
        self._cpu_clock = cpu_clock
        self.cpu = 0.0
        """CPU seconds, by that clock, that its batches took."""
        self._call = call
        self._log = log
        self._prints = prints
        self._settler = settler
        self._previews = previews
        self._cpu_at = 0.0
        """The clock when the current row began."""
        self._pid = os.getpid()
        self._indexes = slot.view
        self._number = 0
        """For the current batch. No task begins of batches up to the number in the slot."""
        self._called_back = False
        """Whether the current batch was seen to be one of these."""
        self._surroundings = surroundings
        self._isolate_failures = isolate_failures
        self._epoch = time.time() - time.perf_counter()
        self._quick = False
        self._slow = True
        self._usual = 0.0
        """Seconds that most tasks of the last row took: on a busy machine, a few take much longer."""
        self._odd = False
        """Whether the batch had a failure, or a result that is not a scalar."""
        # The current row. Times are those of `perf_counter`.
        self._first = 0
        self._start = 0.0
        self._ends: array[float] = array("d")
        """When each task was over and its result stored: then the next one begins."""
        self._over: array[float] = array("d")
        """When each task was over, up to the last one whose result took time to store."""
        self._values = Values(large)
        self._failed: list[wire.Failed] = []

    def run(self, first: int, items: Sequence[Any], number: int) -> None:
        """Run the tasks of one batch, up to where it is called back. Raises `WornOut`."""
        self._surroundings.restore()
        self._leave_if_worn()
        self._number = number
        before = self._cpu_clock()
        try:
            self._run(first, items)
        except ValueError:  # the slot is closed: user code forked, and the child came back here too
            self._leave_if_forked()
            raise
        finally:
            self.cpu += self._cpu_clock() - before

    def _leave_if_forked(self) -> None:
        if os.getpid() != self._pid:
            os._exit(0)

    def _leave_if_worn(self) -> None:
        """Send what is done and raise `WornOut`, if this process is not fit for another task."""
        if self._surroundings.worn:
            self._indexes[TASK] = IDLE
            if self._ends:
                self._send(time.perf_counter())
            raise WornOut

    def _run(self, first: int, items: Sequence[Any]) -> None:
        self._prints.begin(first)
        begin = time.perf_counter()
        self._first, self._start, self._cpu_at = first, begin, self._cpu_clock()
        self._odd = self._called_back = False
        rest = iter(items)
        if self._quick:
            self._run_quick(rest, first + len(items))
        if not self._called_back:
            self._run_one_by_one(rest)
        self._indexes[TASK] = IDLE
        if self._ends:
            self._send(time.perf_counter())
        if self._called_back:
            wire.send(self._conn, wire.RETURNED, self._number)
        if done := self._first - first:
            mean = (self._start - begin) / done
            self._quick = mean < QUICK_SECONDS and not self._odd and not self._prints.heard
            self._slow = self._usual > SLOW_SECONDS

    def _begun(self, rest: Iterator[Any]) -> Iterator[Any]:
        """The inputs of tasks; the slot records each one as its task begins."""
        indexes, number, current, called_back = self._indexes, self._number, TASK, CALLED_BACK
        for index, item in enumerate(rest, self._first + len(self._ends)):
            indexes[current] = index
            if indexes[called_back] >= number:
                self._called_back = True
                return
            yield item

    def _run_one_by_one(self, rest: Iterator[Any]) -> None:
        """Run tasks one by one, each with its own time."""
        call, values = self._call, self._values
        clock = time.perf_counter
        add_value, add_end = values.items.append, self._ends.append  # both outlive `_send`
        due = self._start + FLUSH_SECONDS
        surroundings = self._surroundings
        restore = surroundings.restore if self._slow or surroundings.ran_out_of_memory else None
        look = self._prints.ended if self._slow or self._prints.heard else None
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
                    value = self._kept(value, timed=True)
                    if values.size > FLUSH_BYTES:
                        due = 0.0
            except BaseException as error:
                self._fail(self._indexes[TASK], error)
                if surroundings.ran_out_of_memory:
                    restore = surroundings.restore
                continue
            if look is not None:
                self._is_over()
                look(self._indexes[TASK])
            add_value(value)
            now = clock()
            add_end(now)
            if now >= due:
                due = self._send(time.perf_counter()) + FLUSH_SECONDS

    def _run_quick(self, rest: Iterator[Any], stop: int) -> None:
        """Run tasks up to index `stop` in groups; what remains of `rest` must run one by one."""
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
        self._leave_quick(last, error is not None, start, end)
        if error is not None:
            self._fail(self._first + len(ends), error)

    def _leave_quick(self, last: list[Any], failed: bool, start: float, end: float) -> None:
        """Send the whole groups; the results of the last one start a row with equal individual times."""
        ran = len(self._ends) * STRIDE + len(last) + failed
        self._prints.ended(self._first + ran - 1)
        if self._ends:
            self._send(start, STRIDE)
        for number, value in enumerate(last, 1):
            index = self._first + len(self._ends)
            self._indexes[TASK] = keeping(index)
            try:
                kept = value if is_scalar(value) else self._kept(value)
            except BaseException as error:
                self._fail(index, error)
            else:
                self._values.items.append(kept)
                earliest = self._ends[-1] if self._ends else self._start  # a failure took time of its own
                self._ends.append(max(earliest, start + (end - start) * number / len(last)))

    def _kept(self, value: Any, timed: bool = False) -> Any:
        """What is stored for a result that is not a scalar, or not yet. `timed` stops its task's clock."""
        kind = cast("type[Any]", type(value))
        if not (kind is list or kind is dict or kind is tuple):
            value = self._settler.settled(value)
            if is_scalar(value):
                return value
        if timed:
            self._is_over()
        kept = self._values.encode(value)
        if make := self._previews.maker(value):
            self._preview(make)
        return kept

    def _preview(self, make: Callable[[], bytes | None]) -> None:
        """Make the picture of the current task's result. That does not count for its time or its limit."""
        index, before = self._first + len(self._ends), self._cpu_clock()
        said, self._indexes[TASK] = self._indexes[TASK], keeping(index)
        self._previews.keep(index, make)
        self._indexes[TASK] = said
        self._cpu_at += self._cpu_clock() - before

    def _is_over(self) -> None:
        """From now on, time does not count for the current task."""
        over, ends = self._over, self._ends
        if len(over) != len(ends):
            if len(over) > len(ends):  # that was already recorded
                return
            over.extend(ends[len(over) :])
        over.append(time.perf_counter())

    def _send(self, next_start: float, stride: int = 1) -> float:
        """Send the current row, in which `stride` tasks share a time; the next row starts at `next_start`."""
        self._leave_if_forked()
        self._surroundings.stop_timers()
        cpu = self._cpu_clock() - self._cpu_at
        tasks = len(self._ends) * stride
        self._prints.ended(self._first + tasks - 1)
        columns = self._columns()
        times = self._times(stride)
        statuses = None
        if self._failed:
            marks = bytearray(tasks)
            for failed in self._failed:
                marks[failed.task - self._first] = failed.status
            statuses = bytes(marks)
        written = self._log.written(self._first, tasks)
        printed = self._prints.of(self._first, tasks)
        row = rows.pack(self._first, statuses, times, columns, written, self._epoch, printed, cpu)
        failures = [tuple(failed) for failed in self._failed]
        wire.send(self._conn, wire.RESULTS, failures, self._values.written, *row)
        self._values.clear()
        del self._ends[:]
        self._failed.clear()
        self._first += tasks
        self._start = next_start
        self._cpu_at = self._cpu_clock()
        return next_start

    def _times(self, stride: int) -> Times:
        """When the current tasks ran."""
        ends = self._ends
        starts = array("d", [self._start])
        starts.extend(ends[:-1])
        if stride == 1:
            self._over.extend(ends[len(self._over) :])
            seconds = list(map(sub, self._over, starts))
            del self._over[:]
        else:
            seconds = [(end - start) / stride for start, end in zip(starts, ends)]
        looked_at = sorted(seconds[:: 1 + len(seconds) // MOST_LOOKED_AT])
        self._usual = looked_at[len(looked_at) // 2]
        return Times(stride, starts, seconds, ends[-1])

    def _columns(self) -> ValueColumns:
        """The current results as columns. If the row cannot be packed, the tasks at fault fail."""
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
        self._prints.ended(index)
        if self._isolate_failures and self._ends:
            self._send(self._ends[-1])
        failed, shown = self._failure(index, error)
        self._failed.append(failed)
        self._values.items.append(shown)
        self._ends.append(time.perf_counter())
        if self._isolate_failures or self._ends[-1] - self._start > FLUSH_SECONDS:
            self._send(time.perf_counter())

    def _failure(self, index: int, error: BaseException) -> tuple[wire.Failed, str | None]:
        """What is stored for a failure, and a text for the result that it had nevertheless; logs it."""
        self._odd = True
        shown = None
        status = schema.MEMORY if issubclass(type(error), MemoryError) else schema.ERROR
        if type(error) is Unpicklable and error.__cause__ is not None:
            status, shown, error = schema.UNPICKLABLE, error.display, error.__cause__
        self._surroundings.ran_out_of_memory |= status == schema.MEMORY
        message = describe(error)
        trace = format_trace(error)
        with suppress(BaseException):  # user code broke logging; run.db has the failure all the same
            logging.getLogger().error("Task %d failed: %s\n%s", index, message, trace.rstrip("\n"))
        return wire.Failed(index, status, message, trace, time.time()), shown
