"""Which tasks are left: inputs cut into batches, and batches that came back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from .inputs import Grid

TARGET_SECONDS = 0.04
"""How long a batch should take: long enough to make messages cheap, short enough to stay live."""
TARGET_BYTES = 4 << 20
"""A batch's inputs or results should stay below this."""
SHORTEST_SECONDS = 0.0005
"""Towards the end batches shrink, but not below this: workers that end so far apart end together."""
GROWTH = 16
"""A batch is at most so many times as long as the longest one before."""


class Batch(NamedTuple):
    """Inputs of the contiguous tasks that start at index `first`."""

    first: int
    items: Sequence[Any]
    number: int = 0
    """Of those that its worker was given: the first is 1."""

    @property
    def stop(self) -> int:
        return self.first + len(self.items)

    def up_to(self, stop: int) -> Batch:
        """The part before task `stop`."""
        if stop >= self.stop:
            return self
        return self._replace(items=self.items[: stop - self.first])

    def rest(self, first: int) -> Batch | None:
        """The part from task `first` on, if any is left."""
        if first <= self.first:
            return self
        return (
            self._replace(first=first, items=self.items[first - self.first :]) if first < self.stop else None
        )

    def around(self, task: int) -> list[Batch]:
        """The parts before and after a task, as far as there are any."""
        before = [self.up_to(task)] if task > self.first else []
        after = self.rest(task + 1)
        return before if after is None else [*before, after]


def sequence(inputs: dict[str, Any]) -> Sequence[Any]:
    """The inputs that a job's [inputs] describe. A range stays one: a slice of it pickles in a few bytes."""
    kind = inputs["kind"]
    if kind == "none":
        return ((),)
    if kind == "range":
        return range(inputs["start"], inputs["stop"], inputs["step"])
    if kind == "list":
        return inputs["values"]
    if kind == "grid":
        return Grid.of(inputs["grid"], inputs["combine"], inputs["call"])
    raise ValueError(f"inputs.kind {kind!r} is not known")


def gaps(done: list[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    """The spans of `range(total)` that the ordered spans `done` leave out."""
    spans: list[tuple[int, int]] = []
    position = 0
    for first, stop in done:
        if first > position:
            spans.append((position, first))
        position = max(position, stop)
    if position < total:
        spans.append((position, total))
    return spans


class Feed:
    """Hands out batches of the tasks in `todo`, spans of indexes into `items`."""

    def __init__(self, items: Sequence[Any], todo: list[tuple[int, int]]) -> None:
        self._items = items
        self.total = len(items)
        self._spans = deque(todo)
        self._returned: deque[Batch] = deque()
        self.heard = True
        """Whether it is known that the inputs are there."""
        self.more = False
        """Whether more inputs may come."""
        self.left = sum(stop - first for first, stop in todo)
        """Tasks not handed out."""

    def take(self, size: int) -> Batch | None:
        """The next batch, of at most `size` tasks; None where no task is left."""
        if self._returned:
            batch = self._returned.popleft()
            if rest := batch.rest(batch.first + size):
                self._returned.appendleft(rest)
                batch = batch.up_to(rest.first)
        elif self._spans:
            first, stop = self._spans.popleft()
            if first + size < stop:
                self._spans.appendleft((first + size, stop))
                stop = first + size
            batch = Batch(first, self._items[first:stop])
        else:
            return None
        self.left -= len(batch.items)
        return batch

    def give_back(self, batch: Batch) -> None:
        """Tasks of a batch that did not end: they come first again."""
        self._returned.appendleft(batch)
        self.left += len(batch.items)

    def again(self, spans: list[tuple[int, int]]) -> None:
        """Tasks that ended are to be run once more, before those that were never handed out."""
        self._spans.extendleft(reversed(spans))
        self.left += sum(stop - first for first, stop in spans)


class Sizer:
    """The size of the next batch, from how long the last ones took."""

    def __init__(self, fixed: int, workers: int) -> None:
        self._fixed = fixed
        self._workers = workers
        self._last = 0
        self._seconds = 0.0
        self._bytes = 0.0

    def learn(self, tasks: int, seconds: float, size: int) -> None:
        """Take in a batch that took `seconds` in its worker and `size` bytes in messages."""
        each, each_bytes = seconds / tasks, size / tasks
        if self._seconds:
            # Slower counts at once, faster by and by: a batch too long costs more than one too short.
            weight = 0.5 if each < self._seconds else 1.0
            self._seconds += weight * (each - self._seconds)
            self._bytes = max(each_bytes, self._bytes * 0.5)
        else:
            self._seconds, self._bytes = max(each, 1e-9), each_bytes
        self._last = max(self._last, tasks)

    def next(self, left: int) -> int:
        """Tasks for the next batch, when `left` are not handed out."""
        if self._fixed:
            return self._fixed
        if not self._last:
            return 1
        size = min(TARGET_SECONDS / self._seconds, TARGET_BYTES / max(self._bytes, 1.0))
        fair = max(math.ceil(left / (4 * self._workers)), int(SHORTEST_SECONDS / self._seconds))
        return max(1, min(int(size), self._last * GROWTH, fair))

    @property
    def ahead(self) -> bool:
        """Whether a worker should hold a second batch: where tasks are too short to wait for the host."""
        return bool(self._last) and self._seconds < TARGET_SECONDS
