"""All tasks of a run in input order, as rows: the row of a task is its index."""

from __future__ import annotations

from collections.abc import Generator
from typing import overload

import numpy as np
from numpy.typing import NDArray

from engine.runs import RunReader
from engine.runs.unended import at_hand, known_total

_STOP = "SELECT first + count FROM batch ORDER BY first DESC LIMIT 1"


class Indexes:
    """The integers from 0 on, created only on demand."""

    def __init__(self) -> None:
        self.stop = 0

    def __len__(self) -> int:
        return self.stop

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> NDArray[np.int64]: ...
    def __getitem__(self, place: int | slice) -> int | NDArray[np.int64]:
        if isinstance(place, slice):
            return np.arange(*place.indices(self.stop), dtype=np.int64)
        return range(self.stop)[place]


class EveryTask:
    """Finished and unfinished tasks; their number may grow."""

    has_unended = True

    def __init__(self, run: RunReader) -> None:
        self._run = run
        self.tasks = Indexes()
        self.tasks.stop = self._known()

    def __len__(self) -> int:
        return self.tasks.stop

    @property
    def known(self) -> int:
        """The number of rows with a final place: all."""
        return self.tasks.stop

    def _known(self) -> int:
        found = self._run.select(_STOP)
        return known_total(self._run, found[0][0] if found else 0, at_hand(self._run))

    def rows_of(self, tasks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of tasks, without unknown ones."""
        return tasks[(tasks >= 0) & (tasks < self.tasks.stop)]

    def grow(self, _newest: int | None = None) -> Generator[None, None, list[tuple[int, int]]]:
        """Check for more; returns the new rows, at the end."""
        yield
        before, stop = self.tasks.stop, self._known()
        if stop <= before:
            return []
        self.tasks.stop = stop
        return [(before, stop - before)]
