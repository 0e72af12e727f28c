"""Counts how often tasks were lost with their machine: nobody knows whether one of them caused it."""

from __future__ import annotations

from collections.abc import Iterator

from ..work.batch import Batch

MOST = 3
"""A task that was lost this often, the last time alone, counts as died."""
DOUBTFUL = 2
"""A task that was lost this often runs alone from then on."""
PARTS = 64
"""A batch that was lost this often runs again in at most this many parts."""


class Losses:
    """Counts losses by spans of tasks."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, batch: Batch) -> int:
        """A batch was lost. Returns the highest number of losses of one of its tasks."""
        self._spans.append((batch.first, batch.stop))
        begins = {first for first, _ in self._spans if batch.first <= first < batch.stop}
        return max(self._times(task) for task in {batch.first, *begins})

    def _times(self, task: int) -> int:
        return sum(first <= task < stop for first, stop in self._spans)


def parts(batch: Batch) -> Iterator[Batch]:
    """A batch in parts of equal length, single tasks if it is short."""
    size = -(-len(batch.items) // PARTS)
    rest: Batch | None = batch
    while rest is not None:
        yield rest.up_to(rest.first + size)
        rest = rest.rest(rest.first + size)
