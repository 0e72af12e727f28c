"""Which of some tasks have no result, so that they can run again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.query.arrangements import EVERY, Arranged, Arrangements
from engine.query.codec import travels
from engine.query.failures import FailuresOf
from engine.query.request import AboutRun, Steps, Urgency, Work
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.runs import UnreadableRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP = 10_000
"""Tasks that are examined in one step."""


@travels
@dataclass(frozen=True)
class Unfinished:
    """Tasks as spans (first, stop), and their number."""

    spans: tuple[Span, ...]
    tasks: int


@travels
@dataclass(frozen=True)
class FindUnfinished(AboutRun[Unfinished]):
    """The tasks without a result in a group of failures, or in some rows.

    The rows are those that were at `rows` in a version, as for `copying.Copy`.
    """

    urgency: ClassVar[Urgency] = Urgency.SCAN
    group: str = ""
    rows: tuple[Span, ...] = ()
    generation: int = 0
    version: int = 0
    handle: int = 0

    def steps(self, sources: Sources) -> Steps[Unfinished]:
        import numpy as np

        from engine.results.failed import spans_of

        source = sources.get(RunSource, self.folder)
        if self.group:
            yield from source.extend()
            groups = yield from sources.get(FailuresOf, self.folder).groups(source)
            tasks = groups.tasks_of(self.group)
        else:
            failed = yield from sources.get(FailuresOf, self.folder).tasks(source)
            order = sources.get(Arrangements, self.folder).get(self.handle, source) if self.handle else None
            rows = self._rows_now(source if order is None else order)
            if order is None:
                tasks = yield from _failed_in(source, rows, failed)
            elif self.handle == EVERY:
                tasks = _failed_between(rows, failed)
            else:
                tasks = yield from _without_result(source, order, rows, failed)
        return Unfinished(tuple(spans_of(np.unique(tasks))), len(tasks))

    def _rows_now(self, shown: RunSource | Arranged) -> list[Span]:
        found = shown.moved(self.version, self.rows) if self.generation == shown.generation else None
        if found is None:
            raise UnreadableRun("These rows were removed from the run, to be run again.")
        return sorted(found)


def _failed_in(source: RunSource, rows: Sequence[Span], failed: NDArray[np.int64]) -> Work[NDArray[np.int64]]:
    """The failed tasks in these rows of all finished tasks."""
    import numpy as np

    firsts = [first for first, _ in rows]
    found: list[int] = []
    for at, task in enumerate(failed.tolist(), 1):
        row = source.ranges.row_of(task)
        number = bisect_right(firsts, row) - 1
        if number >= 0 and row < sum(rows[number]):
            found.append(task)
        if at % STEP == 0:
            yield
    return np.array(found, np.int64)


def _failed_between(rows: Sequence[Span], failed: NDArray[np.int64]) -> NDArray[np.int64]:
    """The failed tasks in these rows of all tasks."""
    import numpy as np

    parts = [failed[slice(*np.searchsorted(failed, (row, row + count)))] for row, count in rows]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _without_result(
    source: RunSource, order: Arranged, rows: Sequence[Span], failed: NDArray[np.int64]
) -> Work[NDArray[np.int64]]:
    """The tasks in these rows of an order that failed or are unfinished."""
    import numpy as np

    known = order.tasks.tasks
    parts = [known[first : first + count].astype(np.int64) for first, count in rows]
    tasks = np.concatenate(parts) if parts else np.empty(0, np.int64)
    has_failed = np.isin(tasks, failed)
    if order.has_unended:
        for at in np.flatnonzero(~has_failed).tolist():
            has_failed[at] = source.row_of_task(int(tasks[at])) < 0
            if at % STEP == 0:
                yield
    return tasks[has_failed]
