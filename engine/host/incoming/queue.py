"""The queue of inputs that are known in advance: cut into batches, plus batches that came back."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..typed import Any
from ..work.batch import Batch


def gaps(done: list[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    """The gaps between the ordered spans `done` in `range(total)`."""
    spans: list[tuple[int, int]] = []
    position = 0
    for first, stop in done:
        if first > position:
            spans.append((position, first))
        position = max(position, stop)
    if position < total:
        spans.append((position, total))
    return spans


def within(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The intersection of two lists of ordered spans."""
    found: list[tuple[int, int]] = []
    at = 0
    for first, stop in spans:
        while at < len(others) and others[at][1] <= first:
            at += 1
        place = at
        while place < len(others) and others[place][0] < stop:
            found.append((max(first, others[place][0]), min(stop, others[place][1])))
            place += 1
    return found


class InputQueue:
    """Hands out batches of the tasks in `todo`, spans of indexes into `items`."""

    def __init__(self, items: Sequence[Any], todo: list[tuple[int, int]]) -> None:
        self._items = items
        self.total = len(items)
        self._spans = deque(todo)
        self._returned: deque[Batch] = deque()
        self.heard = True
        """Whether the inputs are known to exist."""
        self.more = False
        """Whether more inputs may come."""
        self.left = sum(stop - first for first, stop in todo)
        """Tasks not handed out."""

    def share(self, done: int) -> None:
        """The finished share, if the total is unknown: here it is known."""
        return

    def take(self, size: int) -> Batch | None:
        """The next batch, of at most `size` tasks; None if no task is left."""
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
        """Unfinished tasks of a batch: they are next."""
        self._returned.appendleft(batch)
        self.left += len(batch.items)

    def again(self, spans: list[tuple[int, int]]) -> None:
        """Run finished tasks once more, before those that were never handed out."""
        self._spans.extendleft(reversed(spans))
        self.left += sum(stop - first for first, stop in spans)
