"""Inputs that come as a stream: read in a separate process, slightly ahead of the tasks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque

from ..record.packs import Column, Pack, Spool
from ..typed import Any, Callable
from ..work.batch import Batch
from ..work.pace import STRIDE

AHEAD_FACTOR = 8
"""This many times the largest batch is kept ready,"""
FEWEST_AHEAD = 64
"""but at least this many inputs,"""
MOST_AHEAD = 400_000
"""and at most this many,"""
BYTES_AHEAD = 32 << 20
"""as long as they are not larger than this."""


class StreamedQueue:
    """Hands out batches of inputs as they arrive, except those in `done`, which are ordered spans of indexes.

    After `limit` inputs (0: no limit) it requests no more. `recall` returns earlier inputs, by the first
    index of their span. `folder` is where long columns of them are. `left_out` is called with the index and
    the input of the first and the last task that is left out.
    """

    def __init__(
        self,
        done: list[tuple[int, int]],
        recall: Callable[[int], list[Any]],
        limit: int = 0,
        folder: str = "",
        left_out: Callable[[int, Any], None] = lambda _index, _input: None,
    ) -> None:
        self._folder = folder
        self._done_starts = [first for first, _ in done]
        self._done_stops = [stop for _, stop in done]
        self._recall = recall
        self._left_out = left_out
        self._limit = limit
        self._came = 0
        self._ready: deque[Batch] = deque()
        self._returned: deque[Batch] = deque()
        self._again: deque[int] = deque()
        """First indexes of spans that run once more."""
        self._size = 1
        """Tasks of a batch, as last requested,"""
        self._largest = 1
        """and the maximum so far."""
        self._each = 0.0
        """Bytes per input, of the last ones."""
        self._asked = False
        self._told: int | None = None
        self._share: float | None = None
        """How much of the file had been read for the inputs that have arrived."""
        self.heard = False
        """Whether the reader has answered, so that the source could be opened."""
        self.more = True
        """Whether more inputs may come."""
        self.left = 0
        """Inputs that have arrived and are not handed out."""

    @property
    def total(self) -> int | None:
        """The number of tasks, once it is known."""
        return self._told if self.more else self._came

    def share(self, done: int) -> float | None:
        """The share of the run with `done` finished tasks, judging by the bytes read; None if unknown."""
        if self.total is not None or not self._share or not self._came or self._limit:
            return None
        return min(1.0, self._share * done / self._came)

    def wants(self) -> tuple[int, int]:
        """How many inputs to request now, and how many per pack.

        (0, 0) if there are enough, or enough on their way.
        """
        most = min(MOST_AHEAD, BYTES_AHEAD / self._each) if self._each else MOST_AHEAD
        ahead = max(1, int(min(max(FEWEST_AHEAD, self._largest * AHEAD_FACTOR), most)))
        if self._asked or not self.more or self.left >= ahead - ahead // 4:
            return 0, 0
        wanted = ahead - self.left
        if self._limit:
            wanted = min(wanted, self._limit - self._came)
        self._asked = True
        return wanted, self._size - self._size % STRIDE or self._size

    def receive(
        self, last: bool, total: int | None, share: float | None, file: str, size: int, *packs: Any
    ) -> None:
        """Store inputs, as described at `wire.INPUTS`."""
        self._asked = False
        self.heard = True
        self.more = not last
        self._told = min(total, self._limit) if total and self._limit else total
        spool = Spool(file) if file else None
        came = self._came
        for count, column, objects in zip(packs[::3], packs[1::3], packs[2::3]):
            pack = Pack(Column(count, column, objects, file, self._folder, spool))
            batch: Batch | None = Batch(self._came, pack)
            self._came += count
            while batch is not None:
                batch = self._sort(batch)
        self._share = share
        if self._came > came:
            self._each = size / (self._came - came)
        if self._came == self._limit != 0:
            self.more = False

    def _sort(self, batch: Batch) -> Batch | None:
        """Keep the first part of a batch, or drop it if its tasks are done; returns the rest."""
        place = bisect_right(self._done_starts, batch.first)
        if place and batch.first < self._done_stops[place - 1]:
            self._leave_out(batch.up_to(self._done_stops[place - 1]))
            return batch.rest(self._done_stops[place - 1])
        stop = min([batch.stop, *self._done_starts[place : place + 1]])
        self._ready.append(batch.up_to(stop))
        self.left += stop - batch.first
        return batch.rest(stop)

    def _leave_out(self, batch: Batch) -> None:
        for task in (self._done_starts[0], self._done_stops[-1] - 1):
            if batch.first <= task < batch.stop:
                self._left_out(task, batch.items[task - batch.first])

    def take(self, size: int) -> Batch | None:
        """The next batch, of at most `size` tasks; None if none is ready."""
        if self._again and not self._returned:
            first = self._again.popleft()
            self._returned.append(Batch(first, self._recall(first)))
        batches = self._returned or self._ready
        if not batches:
            return None
        batch = _taken(batches, size)
        while len(batch.items) < size // 2 and _fit(batch, batches):
            more = _taken(batches, size - len(batch.items))  # packs from when batches were shorter
            batch = Batch(batch.first, [*batch.items, *more.items])
        self.left -= len(batch.items)
        self._size = size
        self._largest = max(self._largest, size)
        return batch

    def give_back(self, batch: Batch) -> None:
        """Unfinished tasks of a batch: they are next."""
        self._returned.appendleft(batch)
        self.left += len(batch.items)

    def again(self, spans: list[tuple[int, int]]) -> None:
        """Run finished tasks once more, before those that were never handed out."""
        self._again.extend(first for first, _ in spans)
        self.left += sum(stop - first for first, stop in spans)


def _fit(batch: Batch, batches: deque[Batch]) -> bool:
    """Whether the next batch continues this one, and both are cheap to join."""
    if not batches or batches[0].first != batch.stop:
        return False
    return not any(isinstance(b.items, Pack) and b.items.is_long for b in (batch, batches[0]))


def _even(have: int, size: int) -> int:
    """How many of `have` tasks to take for a batch of about `size`, without leaving a small remainder."""
    even = math.ceil(have / math.ceil(have / size))
    return min(size, even + -even % STRIDE) if even > STRIDE else even


def _taken(batches: deque[Batch], size: int) -> Batch:
    """Remove and return the first `size` tasks of the first batch, or all if it has fewer."""
    batch = batches.popleft()
    size = _even(len(batch.items), size)
    if rest := batch.rest(batch.first + size):
        batches.appendleft(rest)
        batch = batch.up_to(rest.first)
    return batch
