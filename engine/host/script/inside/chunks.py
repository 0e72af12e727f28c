"""Runs the tasks of a chunk: one by one, several without a check in between, or quick ones in groups."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import math
import time
import weakref
from collections.abc import Sequence

from ...record.display import display
from ...record.pieces import PIECE
from ...record.values import is_scalar
from ...typed import Any, Callable, NamedTuple, cast
from ...work.pace import FLUSH_BYTES, QUICK_SECONDS, STRIDE
from ..messages import COUNT, TASK
from .chunk import Chunk, InPieces, TaskFailed, is_fixed
from .kinds import snapshot
from .prints import Prints
from .row import Numbers, RowAtHand, is_number

ROW_SECONDS = 0.1
"""Seconds after which tasks of an unfinished chunk are recorded."""
LONG_SECONDS = 0.01
"""A task that took this long is recorded at once, so it never runs again, whatever the next one does."""
SAMPLE = 16
"""Tasks that must run in direct succession before they are taken for quick."""
FAIRLY_QUICK_SECONDS = 2e-5
"""Tasks quicker than this share a clock and a guard with a few others,"""
FEW = 64
"""which makes this many."""
MOST = 1024
"""The most tasks that run before their results are examined,"""
LOOK_SECONDS = 0.005
"""or about as many as take this long."""


VERY_QUICK_SECONDS = 1e-6
"""As many share a clock if they are quicker than this, and at least"""
MANY = 16 * MOST
"""this many are left: the remainder takes longer."""


def _stride(seconds: float, left: int) -> int:
    """How many tasks share a clock if each takes so long; 0 means that each has its own."""
    if seconds < QUICK_SECONDS:
        return MOST if seconds < VERY_QUICK_SECONDS and left >= MANY else STRIDE
    return FEW if seconds < FAIRLY_QUICK_SECONDS else 0


MUTABLE = (dict, list)
"""The most frequent types of mutable results."""


class _Ran(NamedTuple):
    """Tasks that have run one after the other."""

    starts: list[float]
    ends: list[float]
    values: list[Any]


def _nothing() -> None:
    """No function."""


def _reference(function: Any) -> Callable[[], Any]:
    """A reference that does not keep a function alive, if there can be one."""
    try:
        return weakref.ref(function)
    except TypeError:
        return _nothing


class Chunks:
    """Results go to the current row. `send` is called when that must be sent first."""

    def __init__(
        self,
        row: RowAtHand,
        slot: memoryview,
        prints: Prints,
        caught: type[BaseException],
        own_dumps: Callable[[Any], bytes] | None,
        send: Callable[[], object],
    ) -> None:
        """`caught` are exceptions that fail a task; `own_dumps` pickles results in the pool's own way."""
        self._row = row
        self._slot = slot
        self._prints = prints
        self._caught = caught
        self._own_dumps = own_dumps
        self._send = send
        self._each = math.inf
        """About how long a task takes, if tasks may share a clock,"""
        self._function: Callable[[], Any] = _nothing
        """those of this function."""

    def run(self, task: int, chunk: Chunk, careful: bool) -> None:
        """Run a chunk to its end. Raises `TaskFailed`.

        If `careful`, each task is reported before the next begins.
        """
        if self._function() is not chunk.function:  # what another gave says nothing about this one
            self._each = math.inf
            self._function = _reference(chunk.function)
        total = len(chunk.items)
        due = time.perf_counter() + ROW_SECONDS
        size = 1
        while chunk.done < total:
            first = chunk.done
            stride = _stride(self._each, total - first)
            try:
                if not careful and 0 < stride <= total - first and chunk.can_group:
                    self._run_groups(task, chunk, stride)
                else:
                    size = self._run_some(task, chunk, 1 if careful else min(size, total - chunk.done))
            except TaskFailed:
                self._prints.ended(task + first, chunk.done + 1 - first)
                raise
            self._prints.ended(task + first, chunk.done - first)
            if self._prints.heard:
                self._each, size = math.inf, 1
            was_long = bool(self._row.seconds) and self._row.seconds[-1] >= LONG_SECONDS
            if careful or was_long or self._row.end > due or self._row.values.size > FLUSH_BYTES:
                self._send()
                due = self._row.end + ROW_SECONDS

    def _run_some(self, task: int, chunk: Chunk, size: int) -> int:
        """Run this many tasks. Returns how many may run next.

        A mutable result is stored at once, and a mutable input shown just before, since others may change it.
        """
        clock, slot, call = time.perf_counter, self._slot, chunk.call
        is_fixed_chunk, index = chunk.is_fixed, task + chunk.done
        given: list[Any] = []
        ran = _Ran([], [], [])
        starts, ended, gave = ran.starts.append, ran.ends.append, ran.values.append
        error: BaseException | None = None
        usual: Any = None
        stored = 0
        slot[COUNT] = 1
        start = clock()
        items = chunk.items[chunk.done : chunk.done + size]
        try:
            for item in items:
                slot[TASK] = index
                if not is_fixed_chunk:
                    given.append(chunk.shown(item))
                    start = clock()
                value = call(item)
                end = clock()
                starts(start)
                ended(end)
                gave(value)
                start = end
                if type(value) is not usual:
                    if is_scalar(value):
                        usual = cast("Any", type(value))
                    elif type(value) in MUTABLE or not is_fixed(value):
                        if stored < len(ran.values) - 1:
                            self._row.add_values(ran.values[stored:-1])
                        self._keep_mutable(index, chunk, value)
                        stored = len(ran.values)
                        start = clock()
                index += 1
        except self._caught as caught:
            error = caught
        finally:  # the worker may end now
            self._row.add_values(ran.values[stored:])
            self._add(chunk, given or items, ran)
        if error is not None:
            item = items[len(ran.ends)]
            self._row.add_failed(index, given[-1] if given else chunk.shown_one(item), start, error)
            raise TaskFailed(error) from None
        each = (ran.ends[-1] - ran.starts[0]) / len(ran.ends)
        if len(ran.ends) >= SAMPLE:
            self._each = each if is_fixed(ran.values[-1]) else math.inf
        most = MOST if self._each > FAIRLY_QUICK_SECONDS else MOST - chunk.done % MOST
        return max(1, min(most, 4 * size, int(LOOK_SECONDS / each)))

    def _add(self, chunk: Chunk, given: Sequence[Any], ran: _Ran) -> None:
        """Add tasks to the row that has their results; `given` are the inputs, shown if they are mutable."""
        count = len(ran.ends)
        if count:
            self._row.add(chunk.all_shown(given[:count]) if chunk.is_fixed else given[:count], *ran[:2])
            chunk.done += count
            chunk.values += ran.values

    def _keep_mutable(self, index: int, chunk: Chunk, value: Any) -> None:
        """Store a result that may change soon."""
        if found := snapshot(value):
            chunk.has_fixed = False
            self._row.add_snapshot(*found)
        else:
            self._keep(index, chunk, value)

    def _keep(self, index: int, chunk: Chunk, value: Any) -> None:
        """Store the result of a task."""
        items = self._row.values.items
        if is_scalar(value):
            items.append(value)
            return
        kind = cast("object", type(value))
        is_plain = kind is dict or kind is list or kind is tuple or kind is str
        chunk.has_fixed = chunk.has_fixed and is_fixed(value)
        try:
            items.append(self._row.values.encode(value))
            if not is_plain:
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

    def _run_groups(self, task: int, chunk: Chunk, stride: int) -> None:
        """Run quick tasks in groups of `stride`: those of a group share a clock."""
        clock, slot, row = time.perf_counter, self._slot, self._row
        self._send()
        row.begin(task + chunk.done, stride)
        error: BaseException | None = None
        fresh: list[Any] = []
        slot[COUNT] = stride
        slow = 8 * stride * (QUICK_SECONDS if stride >= STRIDE else FAIRLY_QUICK_SECONDS)
        was_late = False
        start = due = clock()
        due += ROW_SECONDS
        while len(chunk.items) - chunk.done >= stride and self._each < math.inf:
            slot[TASK] = task + chunk.done
            fresh = []
            start = clock()
            items = chunk.items[chunk.done : chunk.done + stride]
            try:
                fresh.extend(chunk.results(items))
            except self._caught as caught:
                error = caught
                break
            end = clock()
            if len(fresh) < stride:
                error = StopIteration()  # it has ended `map`
                break
            if not self._takes(task, chunk, items, fresh):
                break
            row.starts.append(start)
            row.seconds.append((end - start) / stride)
            row.end = end
            chunk.done += stride
            fresh = []
            is_late = end - start > slow
            if is_late and was_late:  # once is no sign: others may have had their turn
                self._each = math.inf
            elif not is_late:
                self._each = min(self._each, row.seconds[-1])
            was_late = is_late
            if end > due or row.values.size > FLUSH_BYTES:
                break
        self._end_row(task, chunk)
        slot[COUNT] = 1
        if fresh or error is not None:
            self._end_group(task, chunk, fresh, start, error)

    def _takes(self, task: int, chunk: Chunk, items: Sequence[Any], fresh: list[Any]) -> bool:
        """Add the results of a group to the row, or to the next one; False if neither can have them."""
        row = self._row
        given = chunk.all_shown(items)
        if not row.tasks and not chunk.is_mixed and is_number(fresh[0]):
            row.numbers = Numbers(cast("type[Any]", type(fresh[0])))
        if row.numbers is None or not row.numbers.takes(fresh):
            if row.numbers is not None:
                stride = row.stride
                self._end_row(task, chunk)
                row.begin(task + chunk.done, stride)
            chunk.is_mixed = True
            if not row.takes(fresh, items, given):
                return False
            chunk.values += fresh
        if not chunk.is_plain:
            row.inputs += given
        return True

    def _end_row(self, task: int, chunk: Chunk) -> None:
        """Send the row of some groups."""
        row = self._row
        first, tasks = row.first - task, row.tasks
        if type(chunk.items) is InPieces and chunk.is_plain and tasks and first % PIECE == 0:
            row.column = chunk.items.column_of(first, chunk.done)
        elif type(chunk.items) is range and tasks:
            row.column = repr(chunk.items[first : chunk.done])
        elif chunk.is_plain:
            row.inputs += chunk.items[first : chunk.done]
        self._prints.ended(row.first, tasks)
        self._send()
        row.begin(task + chunk.done)

    def _end_group(
        self, task: int, chunk: Chunk, fresh: list[Any], start: float, error: BaseException | None
    ) -> None:
        """Store the results of a group of mixed kinds one by one: they get equal times."""
        self._each, chunk.is_uneven = math.inf, True
        each = (time.perf_counter() - start) / max(1, len(fresh))
        given = chunk.all_shown(chunk.items[chunk.done : chunk.done + len(fresh) + 1])
        for place, value in enumerate(fresh):
            self._row.time(start + place * each, start + (place + 1) * each)
            self._row.inputs.append(given[place])
            chunk.values.append(value)
            self._keep(task + chunk.done, chunk, value)
            chunk.done += 1
        if error is not None:
            self._row.add_failed(task + chunk.done, given[-1], time.perf_counter(), error)
            raise TaskFailed(error) from None
