"""Runs units in a worker: each result becomes an answer for main, and a part of a row for run.db."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import mmap
import os
import pickle
import time
from collections.abc import Sequence
from contextlib import nullcontext

from ...record import schema
from ...record.display import MAX_TEXT, display
from ...record.objects import LARGE, ObjectFile
from ...record.rows import Row
from ...record.values import FLOATS, INTEGERS, NONES, SHORT_INTEGERS, is_scalar, is_text
from ...typed import Any, cast
from ...work.slot import IDLE
from .. import messages
from ..messages import CALLED_BACK, COUNT, TASK, UNSENT, UNSENT_COUNT, Link
from . import logs, state
from .chunk import Chunk, InPieces, TaskFailed, nested, shown_call
from .chunks import Chunks
from .pickling import Pickling
from .prints import Prints
from .raised import unpicklable, wrapped
from .row import RowAtHand
from .stdout import flush

ANSWER_SECONDS = 0.002
"""Answers wait no longer than this for others of the same frame."""
ANSWERS = {
    INTEGERS: messages.INTS,
    SHORT_INTEGERS: messages.SHORT_INTS,
    FLOATS: messages.FLOATS,
    NONES: messages.NOTHING,
    None: messages.COLUMN,
}
"""The answer form of each column form."""
IN_PIECES = {
    messages.PIECES: messages.PIECES,
    messages.FIXED: messages.MAP,
    messages.FIXED_STAR: messages.STAR,
}
"""What kind of chunk comes in pieces, by the kind of its unit."""


class Runner:
    """Collects results in a row until it is sent: with the answers, or when a chunk takes long."""

    def __init__(
        self, link: Link, number: int, slot: str, wrap_exception: bool | str, pickling: Pickling
    ) -> None:
        self._link = link
        self._wrap = wrap_exception
        self._dumps = pickling.results
        self._caught = BaseException if isinstance(wrap_exception, str) else Exception
        """Exceptions of a task that do not end its worker."""
        with open(slot, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), messages.SLOT_SIZE)
        self._slot = memoryview(self._memory).cast("q")
        logs.tell_task(lambda: self._slot[TASK])
        folder = os.path.join(state.host().folder, schema.OBJECTS)
        self._file = ObjectFile(folder, f"{number}-{os.getpid()}")
        self._prints = Prints(self._slot)
        self._row = RowAtHand(self._file, state.host().folder, self._prints)
        own_dumps = None if type(pickling) is Pickling else pickling.results
        self._chunks = Chunks(self._row, self._slot, self._prints, self._caught, own_dumps, self._send)
        self._frame = 0
        self._over = self._told = 0
        """This many units of the frame are over, and the host knows of this many;"""
        self._is_alone = True
        """whether there is only one."""
        self._answers: list[tuple[Any, ...]] = []
        self._chunk: tuple[Chunk, tuple[int, int, int]] | None = None
        """The running chunk, and its job, index and first task."""
        self._due = 0.0

    def run(
        self,
        frame: int,
        first: int,
        begin: int,
        stop: int,
        careful: bool,
        heads: Sequence[tuple[int, int, int, str, bytes]],
        *calls: bytes | str,
    ) -> None:
        """Run the units of a frame, up to where it is called back."""
        slot = self._slot
        self._frame, self._is_alone, self._chunk = frame, len(heads) == 1, None
        self._over = self._told = 0
        self._due = time.perf_counter() + ANSWER_SECONDS
        task = first
        slot[COUNT] = 1
        self._prints.begin(first)
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
            if self._row.end > self._due:
                self._send()
                self._due = self._row.end + ANSWER_SECONDS
        self._send()
        slot[TASK] = IDLE

    def _unit(
        self,
        task: int,
        head: tuple[int, int, int, str, bytes],
        call: bytes | str,
        begin: int,
        stop: int,
        careful: bool,
    ) -> None:
        job, place, count, kind, by_itself = head
        try:
            what: Any = (
                InPieces(call, count, state.host().objects)
                if kind in IN_PIECES
                else pickle.loads(cast("bytes", call))
            )
            if by_itself:
                what = pickle.loads(by_itself), what
            context = nested(what) if kind == messages.BATCH else nullcontext()
        except Exception as error:
            self._begin(task + begin)
            self._row.add_failed(task + begin, "it could not be unpickled", time.perf_counter(), error)
            self._answer_error(job, place, count, error)
            return
        if kind == messages.ONE:
            self._one(task, job, place, *what)
            return
        function, items = (None, what.items) if kind == messages.BATCH else what
        if (begin, stop) != (0, count):
            items = items[begin:stop]
        kind = IN_PIECES.get(kind, kind)
        self._begin(task + begin)
        with context:
            self._many(task + begin, (job, place, begin), Chunk(kind, function, items), careful)

    def _begin(self, task: int) -> None:
        """Continue the current row with this task, or send it and begin another."""
        row = self._row
        if row.first + row.tasks != task or row.stride != 1:
            self._send()
            row.begin(task)

    # one call

    def _one(
        self, task: int, job: int, place: int, function: Any, args: tuple[Any, ...], kwds: dict[str, Any]
    ) -> None:
        row = self._row
        if row.first + row.tasks != task or row.stride != 1:
            self._begin(task)
        given = args[0] if len(args) == 1 and not kwds and is_scalar(args[0]) else shown_call(args, kwds)
        start = time.perf_counter()
        try:
            value = function(*args, **kwds)
        except self._caught as error:
            row.add_failed(task, given, start, error)
            self._prints.ended(task, 1)
            self._answer_error(job, place, 1, error, messages.ONE)
            return
        row.time(start, time.perf_counter())
        self._prints.ended(task, 1)
        row.inputs.append(given)
        if is_scalar(value):
            row.values.items.append(value)
            self._answers.append((job, place, 0, 1, True, messages.VALUE, value))
        elif is_text(value) and len(value) <= MAX_TEXT:
            row.values.items.append(row.values.encode(value))
            self._answers.append((job, place, 0, 1, True, messages.VALUE, value))
        else:
            self._one_object(task, job, place, value)

    def _one_object(self, task: int, job: int, place: int, value: Any) -> None:
        """Store the result of a call, and answer with it: pickled once."""
        values = self._row.values
        data, failed = self._pickled(value)
        if failed is not None:
            self._row.add_unpicklable(task, value, failed)
            self._answer_unpicklable(job, place, 1, failed, value)
            return
        kept = self._kept(data)
        values.items.append((display(value),))
        if isinstance(kept, bytes):
            values.keep([kept])
        else:
            values.objects.append(kept)
            values.written = kept[0]
        self._row.preview(task, value)
        self._answers.append((job, place, 0, 1, True, messages.PICKLE, kept))

    def _pickled(self, value: Any) -> tuple[bytes, Exception | None]:
        """A pickle, or why there is none; nothing is raised, which would be the context of what follows."""
        try:
            return self._dumps(value), None
        except Exception as error:
            return b"", error

    def _kept(self, data: bytes) -> Any:
        """A pickle, or its location in this worker's file if it is large."""
        place = self._file.keep(data) if len(data) > LARGE else None
        if place is None:
            return data
        self._row.values.written = place[0]
        return place

    # a chunk of a map

    def _many(self, task: int, unit: tuple[int, int, int], chunk: Chunk, careful: bool) -> None:
        total = len(chunk.items)
        self._chunk = chunk, unit
        try:
            self._chunks.run(task, chunk, careful)
        except TaskFailed as failed:
            error = failed.error
        else:
            self._slot[COUNT] = 1
            self._end_chunk(unit, chunk)
            return
        self._chunk = None
        if type(error) is StopIteration and not isinstance(self._wrap, str) and chunk.kind != messages.BATCH:
            chunk.done = total  # `list(map(..))` would end here, as in the standard library
            self._answer(unit, chunk, messages.PICKLE, self._dumps(chunk.values))
        else:
            self._answer_error(unit[0], unit[1], total, error, chunk.kind)  # while no other is raised

    # answers

    def _end_chunk(self, unit: tuple[int, int, int], chunk: Chunk) -> None:
        """Answer with what main does not have; numbers of a frame's only chunk travel with their row."""
        if not chunk.has_fixed:
            self._chunk = None
            data, failed = self._pickled(chunk.values)
            if failed is not None:
                self._answer_unpicklable(unit[0], unit[1], len(chunk.values), failed, chunk.values)
            else:
                self._answer(unit, chunk, messages.PICKLE, self._kept(data))
        elif not self._is_alone:
            self._chunk = None
            self._answer(unit, chunk, messages.VALUE, chunk.values)

    def _answer(self, unit: tuple[int, int, int], chunk: Chunk, form: str, payload: Any) -> None:
        """Answer with the values that main does not have."""
        job, place, begin = unit
        many = chunk.done - chunk.answered
        self._answers.append((job, place, begin + chunk.answered, many, True, form, payload))
        chunk.answered = chunk.done
        chunk.values = []

    def _answer_from_row(self, columns: Row) -> None:
        """Answer with what the current row has of a chunk: with its column, if that has the values."""
        if self._chunk is None:
            return
        chunk, unit = self._chunk
        if not chunk.has_fixed or chunk.done == chunk.answered or self._row.failed:
            return
        if columns.objects is None and self._row.tasks == chunk.done - chunk.answered:
            self._answer(unit, chunk, ANSWERS[columns.form], None)
        else:
            self._answer(unit, chunk, messages.PICKLE, self._kept(pickle.dumps(chunk.values)))

    def _answer_error(self, job: int, place: int, count: int, error: BaseException, kind: str = "") -> None:
        kind = messages.MAP if kind in (messages.PIECES, messages.RANGE) else kind
        trace = error.__traceback__
        sent = wrapped(self._wrap, error, kind) if kind else error
        data, failed = self._pickled(sent)
        if failed is not None:
            error.__traceback__ = trace
            self._answer_unpicklable(job, place, count, failed, sent, error)
        else:
            self._answers.append((job, place, 0, count, False, messages.PICKLE, self._kept(data)))

    def _answer_unpicklable(
        self,
        job: int,
        place: int,
        count: int,
        error: Exception,
        value: Any,
        raised: BaseException | None = None,
    ) -> None:
        data = self._dumps(unpicklable(self._wrap, error, value, raised))
        self._answers.append((job, place, 0, count, False, messages.PICKLE, data))

    # to the host

    def _send(self) -> None:
        """Send what there is: the current row and the answers, after flushing what was printed.

        If this process cannot do that any more, the host knows that one of these tasks is to blame.
        """
        row, slot = self._row, self._slot
        slot[UNSENT], slot[UNSENT_COUNT] = row.first, row.tasks
        flush()
        if not row.tasks and not self._answers and self._told == self._over:
            return
        packed: tuple[Any, ...] = ()
        inputs: bytes | str = b""
        if row.tasks:
            inputs, columns = row.packed()
            self._answer_from_row(columns)
            packed = columns
        self._link.send(
            messages.DONE,
            self._frame,
            self._over,
            self._answers,
            row.failed,
            row.values.written,
            inputs,
            *packed,
        )
        slot[UNSENT_COUNT] = 0
        self._answers, self._told = [], self._over
        row.begin(row.first + row.tasks)
