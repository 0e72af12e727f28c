"""Groups of failed tasks, and the number of tasks with each status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency, Work
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.answers import Group
from engine.results.names import STATUSES
from engine.runs import RunReader
from engine.runs.unended import counts_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.results.groups import FailureGroups

travels(Group)

Stamp = tuple[int, int]
"""Generation and last row that were read."""


class FailuresOf:
    """What is known about the failures of one run, until it grows."""

    def __init__(self, folder: Path) -> None:
        self._tasks: tuple[Stamp, NDArray[np.int64]] | None = None
        self._groups: tuple[Stamp, FailureGroups] | None = None

    def close(self) -> None:
        self._tasks = self._groups = None

    def tasks(self, source: RunSource) -> Work[NDArray[np.int64]]:
        """The failed tasks, in order."""
        from engine.results.failed import failed_tasks

        stamp = source.generation, source.newest
        if self._tasks is None or self._tasks[0] != stamp:
            self._tasks = stamp, (yield from failed_tasks(source.reader))
        return self._tasks[1]

    def groups(self, source: RunSource) -> Work[FailureGroups]:
        """The groups of failures."""
        from engine.results.groups import FailureGroups

        stamp = source.generation, source.newest
        if self._groups is None or self._groups[0] != stamp:
            groups = FailureGroups(source.reader)
            yield from groups.build()
            self._groups = stamp, groups
        return self._groups[1]


@travels
@dataclass(frozen=True)
class Groups(AboutRun[tuple[Group, ...]]):
    """The failures of a run by type, shape of the message and place, the largest group first."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    most: int = 1_000
    """The most groups to return."""

    def steps(self, sources: Sources) -> Steps[tuple[Group, ...]]:
        source = sources.get(RunSource, self.folder)
        yield from source.extend()
        groups = yield from sources.get(FailuresOf, self.folder).groups(source)
        return tuple(groups.groups()[: self.most])


@travels
@dataclass(frozen=True)
class Counts(AboutRun[tuple[tuple[str, int], ...]]):
    """The number of tasks with each status, as pairs; unfinished ones as far as the total is known."""

    def steps(self, sources: Sources) -> Steps[tuple[tuple[str, int], ...]]:
        source = sources.get(RunSource, self.folder)
        facts = yield from source.facts()
        run = source.reader
        known = [] if run.is_old else run.select("SELECT value FROM fact WHERE name = 'counts'")
        counts: dict[str, int] = {}
        if known:
            counts = json.loads(known[0][0])
        else:
            counts = yield from _counted(run)
        counts |= counts_of(run, sum(counts.values()), facts.total)
        return tuple((status, counts[status]) for status in STATUSES if counts.get(status))


def _counted(run: RunReader) -> Work[dict[str, int]]:
    """The counts of a run that does not record them itself."""
    import numpy as np

    from engine.results.slices import slices

    found = np.zeros(len(STATUSES), np.int64)
    for tasks in slices(run):
        found += np.bincount(tasks.status, minlength=len(STATUSES))
        yield
    return dict(zip(STATUSES, found.tolist(), strict=True))
