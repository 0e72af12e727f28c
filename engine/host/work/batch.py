"""A batch: inputs of consecutive tasks, as host and worker hold them."""

from __future__ import annotations

from collections.abc import Sequence

from ..typed import Any, NamedTuple


class Batch(NamedTuple):
    """Inputs of the consecutive tasks that start at index `first`."""

    first: int
    items: Sequence[Any]
    number: int = 0
    """Its number among the worker's batches, from 1."""

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
