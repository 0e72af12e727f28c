"""Tasks that took much longer than the median."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIMES = 3
"""A task is slow if it took longer than this many times the median."""
SAMPLE = 1_000_000
"""The most tasks from which the median is computed; of more, every nth is used."""


@travels
@dataclass(frozen=True)
class Slow:
    """The limit for slow tasks, and their number. All 0 if there is no median above 0."""

    median: float = 0.0
    limit: float = 0.0
    """They took more seconds than this."""
    tasks: int = 0


@travels
@dataclass(frozen=True)
class FindSlow(AboutRun[Slow]):
    """The slow tasks of a run at this moment."""

    urgency: ClassVar[Urgency] = Urgency.SCAN

    def steps(self, sources: Sources) -> Steps[Slow]:
        import numpy as np

        from engine.results.slices import slices

        source = sources.get(RunSource, self.folder)
        yield from source.extend()
        parts: list[NDArray[np.float32]] = []
        for tasks in slices(source.reader, newest=source.newest):
            parts.append(tasks.seconds.astype(np.float32))
            yield
        every = max(1, -(-sum(map(len, parts)) // SAMPLE))
        sample = np.concatenate([part[::every] for part in parts]) if parts else np.empty(0, np.float32)
        yield
        if not len(sample):
            return Slow()
        middle = (len(sample) - 1) // 2
        median = float(f"{np.partition(sample, middle)[middle]:.3g}")
        limit = float(f"{TIMES * median:.3g}")
        yield
        return Slow(median, limit, sum(int((part > limit).sum()) for part in parts)) if median > 0 else Slow()
