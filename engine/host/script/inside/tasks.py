"""Runs units in a worker: what each task gives becomes an answer for main, and a part of a row for run.db."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import mmap
import os
import pickle
import time
from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, cast

from ...record import rows, schema
from ...record.display import MAX_TEXT, display
from ...record.objects import LARGE, ObjectFile
from ...record.previews import Previews
from ...record.rows import Times
from ...record.values import Values, is_scalar, is_text
from ...work.failures import describe, format_trace
from ...work.tasks import FLUSH_BYTES, IDLE, QUICK_SECONDS, STRIDE
from .. import messages
from ..messages import CALLED_BACK, COUNT, TASK, Link
from . import logs, state
from .chunk import Chunk, TaskFailed, nested, shown_call
from .pickling import Pickling
from .raised import unpicklable, wrapped
from .stdout import flush

ROW_SECONDS = 0.1
"""Tasks of a chunk are recorded after so long, though the chunk is not over."""
ANSWER_SECONDS = 0.002
"""Answers wait no longer than this for others of the same frame."""
SAMPLE = 16
"""This many quick tasks in a row, and those behind them share their clock."""


class Runner:
    """Gathers what tasks gave in a row until it is sent: with the answers, or if a chunk takes long."""

    def __init__(
        self, link: Link, number: int, slot: str, wrap_exception: bool | str, pickling: Pickling
    ) -> None:
        self._link = link
        self._wrap = wrap_exception
        self._dumps = pickling.results
        self._is_stock = type(pickling) is Pickling
        self._caught = BaseException if isinstance(wrap_exception, str) else Exception
        """What a task may raise without ending its worker."""
        with open(slot, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), messages.SLOT_SIZE)
        self._slot = memoryview(self._memory).cast("q")
        logs.tell_task(lambda: self._slot[TASK])
        folder = os.path.join(state.host().folder, schema.OBJECTS)
        self._file = ObjectFile(folder, f"{number}-{os.getpid()}")
        self._values = Values(self._file)
        self._previews = Previews(state.host().folder)
        self._epoch = time.time() - time.perf_counter()
        self._quick = False
        self._frame = 0
        self._over = 0
        """This many units of the frame are over."""
        self._answers: list[tuple[Any, ...]] = []
        # The row at hand.
        self._first = 0
        self._stride = 1
        self._starts = array("d")
        self._seconds = array("d")
        self._end = 0.0
        self._inputs: list[Any] = []
        self._failed: list[tuple[Any, ...]] = []
        self._due = 0.0

    def run(
        self,
        frame: int,
        first: int,
        begin: int,
        stop: int,
        careful: bool,
        heads: Sequence[tuple[int, int, int, str]],
        *calls: bytes,
    ) -> None:
        """Run the units of a frame, up to where it is called back."""
        slot = self._slot
        self._frame, self._over = frame, 0
        self._due = time.perf_counter() + ANSWER_SECONDS
        task = first
        slot[COUNT] = 1
        for head, call in zip(heads, calls):
            slot[TASK] = task
            if slot[CALLED_BACK] >= frame:
                self._send()
                slot[TASK] = IDLE
                self._link.send(messages.RETURNED, frame, self._over)
                return
            try:
                self._unit(task, head, call, begin, stop, careful)
            except Exception:
                raise
            except BaseException:
                self._send()  # what was done before this task
                slot[TASK] = task if slot[TASK] < 0 else slot[TASK]
                raise
            self._over += 1
            task += head[2]
            if self._end > self._due:
                self._send()
                self._due = self._end + ANSWER_SECONDS
        self._send()
        slot[TASK] = IDLE

    def _unit(
        self, task: int, head: tuple[int, int, int, str], call: bytes, begin: int, stop: int, careful: bool
    ) -> None:
        job, place, count, kind = head
        try:
            what = pickle.loads(call)
            context = nested(what) if kind == messages.BATCH else nullcontext()
        except Exception as error:
            self._begin(task + begin)
            self._keep_failure(task + begin, "it could not be unpickled", time.perf_counter(), error)
            self._answer_error(job, place, count, error)
            return
        if kind == messages.ONE:
            self._one(task, job, place, *what)
            return
        function, items = (None, what.items) if kind == messages.BATCH else what
        if (begin, stop) != (0, count):
            items = items[begin:stop]
        self._begin(task + begin)
        with context:
            self._many(task + begin, (job, place, begin), Chunk(kind, function, items), careful)

    def _begin(self, task: int) -> None:
        """The row at hand goes on with this task, or is sent and another begun."""
        if self._first + len(self._inputs) != task or self._stride != 1:
            self._send()
            self._first, self._stride = task, 1

    # One call.

    def _one(
        self, task: int, job: int, place: int, function: Any, args: tuple[Any, ...], kwds: dict[str, Any]
    ) -> None:
        self._begin(task)
        given = shown_call(args, kwds)
        start = time.perf_counter()
        try:
            value = function(*args, **kwds)
        except self._caught as error:
            self._keep_failure(task, given, start, error)
            self._answer_error(job, place, 1, error, messages.ONE)
            return
        self._time(start, time.perf_counter())
        self._inputs.append(given)
        try:
            data = self._dumps(value)
        except Exception as error:
            self._keep_unpicklable(task, value, error)
            self._answer_unpicklable(job, place, 1, error, value)
            return
        kept = self._kept(data)
        if is_scalar(value):
            self._values.items.append(value)
        elif is_text(value) and len(value) <= MAX_TEXT:
            self._values.items.append(self._values.encode(value))
        else:
            self._values.items.append((display(value),))
            if isinstance(kept, bytes):
                self._values.keep([kept])
            else:
                self._values.objects.append(kept)
                self._values.written = kept[0]
            self._preview(task, value)
        self._answers.append((job, place, 0, 1, True, messages.PICKLE, kept))

    def _preview(self, task: int, value: object) -> None:
        if make := self._previews.maker(value):
            self._previews.keep(task, make)

    def _time(self, start: float, end: float) -> None:
        self._starts.append(start)
        self._seconds.append(end - start)
        self._end = end

    def _kept(self, data: bytes) -> Any:
        """A pickle, or its place in the file of this worker if it is large."""
        place = self._file.keep(data) if len(data) > LARGE else None
        if place is None:
            return data
        self._values.written = place[0]
        return place

    # A chunk of a map.

    def _many(self, task: int, unit: tuple[int, int, int], chunk: Chunk, careful: bool) -> None:
        total = len(chunk.items)
        error: BaseException | None = None
        try:
            while chunk.done < total:
                if self._quick and not careful and total - chunk.done >= STRIDE and chunk.is_plain:
                    self._run_quick(task, chunk)
                else:
                    self._run_slow(task, chunk)
        except TaskFailed as failed:
            error = failed.error
        if error is not None:  # it is to be raised again, while no other is
            self._answer_error(unit[0], unit[1], total, error, chunk.kind)
            return
        self._slot[COUNT] = 1
        self._answer_values(unit, chunk)

    def _run_slow(self, task: int, chunk: Chunk) -> None:
        """Run tasks one by one, until they turn out to be quick."""
        clock, slot, call = time.perf_counter, self._slot, chunk.call
        values, due = self._values, clock() + ROW_SECONDS
        slot[COUNT] = 1
        quick = 0
        while chunk.done < len(chunk.items):
            index = task + chunk.done
            item = chunk.items[chunk.done]
            given = item if chunk.is_plain else chunk.shown(item)
            slot[TASK] = index
            start = clock()
            try:
                value = call(item)
            except self._caught as error:
                self._keep_failure(index, given, start, error)
                raise TaskFailed(error) from None
            end = clock()
            chunk.done += 1
            chunk.values.append(value)
            self._time(start, end)
            self._inputs.append(given)
            if is_scalar(value):
                chunk.note(type(cast("object", value)))
                values.items.append(value)
            else:
                chunk.note(None)
                try:
                    values.items.append(values.encode(value))
                    self._preview(index, value)
                except Exception as error:
                    self._keep_unencoded(index, value, error.__cause__ or error)
            if end > due or values.size > FLUSH_BYTES:
                self._send()
                due = clock() + ROW_SECONDS
            quick = quick + 1 if end - start < QUICK_SECONDS else 0
            if quick >= SAMPLE and chunk.is_plain:
                self._quick = True
                return

    def _run_quick(self, task: int, chunk: Chunk) -> None:
        """Run tasks by the group: those of a group share a clock."""
        clock, slot, values = time.perf_counter, self._slot, self._values
        self._send()
        self._first, self._stride = task + chunk.done, STRIDE
        slot[COUNT] = STRIDE
        was_late = False
        due = clock() + ROW_SECONDS
        while self._quick and len(chunk.items) - chunk.done >= STRIDE:
            slot[TASK] = task + chunk.done
            group = chunk.items[chunk.done : chunk.done + STRIDE]
            fresh: list[Any] = []
            start = clock()
            try:
                fresh.extend(map(chunk.call, group))
            except self._caught as error:
                self._leave_quick(task, chunk, group, fresh, start)
                index = task + chunk.done
                self._keep_failure(index, group[len(fresh)], clock(), error)
                raise TaskFailed(error) from None
            end = clock()
            values.items += fresh
            if not values.takes_as_they_are(fresh):
                del values.items[-len(fresh) :]
                self._leave_quick(task, chunk, group, fresh, start)
                return
            chunk.note(values.kind_of_all)
            chunk.values += fresh
            chunk.done += STRIDE
            self._inputs.extend(group)
            self._starts.append(start)
            self._seconds.append((end - start) / STRIDE)
            self._end = end
            is_late = end - start > 8 * STRIDE * QUICK_SECONDS
            self._quick = not (is_late and was_late)  # once, it may have been others' turn to run
            was_late = is_late
            if end > due:
                self._send()
                due = clock() + ROW_SECONDS
        self._send()
        self._first, self._stride = task + chunk.done, 1
        slot[COUNT] = 1

    def _leave_quick(
        self, task: int, chunk: Chunk, group: Sequence[Any], fresh: list[Any], start: float
    ) -> None:
        """Go on one by one: what a group gave so far gets times of its own, all alike."""
        self._send()
        self._quick = False
        self._first, self._stride = task + chunk.done, 1
        each = (time.perf_counter() - start) / max(1, len(fresh))
        for place, value in enumerate(fresh):
            self._time(start + place * each, start + (place + 1) * each)
            self._inputs.append(group[place])
            if is_scalar(value):
                self._values.items.append(value)
                continue
            try:
                self._values.items.append(self._values.encode(value))
            except Exception as error:
                self._keep_unencoded(task + chunk.done + place, value, error.__cause__ or error)
        chunk.note(None)
        chunk.values += fresh
        chunk.done += len(fresh)
        self._slot[COUNT] = 1

    def _answer_values(self, unit: tuple[int, int, int], chunk: Chunk) -> None:
        """Answer with the values of a chunk: numbers go without pickle."""
        job, place, begin = unit
        values = chunk.values
        head = job, place, begin, len(values), True
        if numbers := chunk.as_numbers():
            form, data = numbers
            self._answers.append((*head, form, data if data is None else self._kept(data)))
            return
        try:
            data = self._dumps(values)
        except Exception as error:
            self._answer_unpicklable(job, place, len(values), error, values)
        else:
            self._answers.append((*head, messages.PICKLE, self._kept(data)))

    # What went wrong.

    def _keep_failure(self, task: int, given: Any, start: float, error: BaseException) -> None:
        status = schema.MEMORY if isinstance(error, MemoryError) else schema.ERROR
        self._time(start, time.perf_counter())
        self._inputs.append(given)
        self._values.items.append(None)
        self._failed.append((task, status, describe(error), format_trace(error), time.time()))

    def _keep_unencoded(self, task: int, value: Any, error: BaseException) -> None:
        """Pickle itself cannot keep a value; what the pool sends it by may do."""
        try:
            if self._is_stock:
                raise error
            data = self._dumps(value)
        except BaseException as broken:
            self._keep_unpicklable(task, value, broken)
        else:
            self._values.items.append((display(value),))
            self._values.keep([data])

    def _keep_unpicklable(self, task: int, value: Any, error: BaseException) -> None:
        shown = display(value)
        self._values.items.append(shown if len(shown) <= MAX_TEXT else shown[:MAX_TEXT])
        self._failed.append((task, schema.UNPICKLABLE, describe(error), format_trace(error), time.time()))

    def _answer_error(self, job: int, place: int, count: int, error: BaseException, kind: str = "") -> None:
        try:
            data = self._dumps(wrapped(self._wrap, error, kind) if kind else error)
        except Exception as broken:
            self._answer_unpicklable(job, place, count, broken, error)
        else:
            self._answers.append((job, place, 0, count, False, messages.PICKLE, self._kept(data)))

    def _answer_unpicklable(self, job: int, place: int, count: int, error: Exception, value: Any) -> None:
        data = self._dumps(unpicklable(self._wrap, error, value))
        self._answers.append((job, place, 0, count, False, messages.PICKLE, data))

    # To the host.

    def _send(self) -> None:
        """Send what is there: the row at hand and the answers, behind what was printed."""
        flush()
        if not self._inputs and not self._answers:
            return
        row: tuple[Any, ...] = ()
        inputs: bytes | str = b""
        tasks = len(self._inputs)
        if tasks:
            statuses = None
            if self._failed:
                marks = bytearray(tasks)
                for failed in self._failed:
                    marks[failed[0] - self._first] = failed[1]
                statuses = bytes(marks)
            inputs = self._values.kept_inputs(self._inputs)
            log = logs.handler().written(self._first, tasks) if logs.is_in_use() else None
            times = Times(self._stride, self._starts, self._seconds, self._end)
            row = rows.pack(self._first, statuses, times, self._values.columns(), log, self._epoch)
        written = self._values.written
        self._link.send(
            messages.DONE, self._frame, self._over, self._answers, self._failed, written, inputs, *row
        )
        self._answers = []
        self._values.clear()
        self._failed = []
        self._first += tasks
        self._inputs = []
        del self._starts[:], self._seconds[:]
