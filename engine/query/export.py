"""Tasks of a run written to a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.query.arrangements import Arrangements
from engine.query.codec import travels
from engine.query.request import Request, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.conditions import conditions_of
from engine.results.export import Choice, write

NEWS_SECONDS = 0.1


@travels
@dataclass(frozen=True)
class Exported:
    """How many tasks were written."""

    tasks: int


@travels
@dataclass(frozen=True)
class Export(Request[Exported]):
    """Write tasks to `path`, which appears when all are written. A cancel leaves nothing."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    folder: Path
    path: Path
    format: str = "csv"
    where: str = ""
    sort: str = ""
    limit: int = -1
    spread: bool = False
    handle: int = 0
    """Of an order: then its rows, and not those of `where` and `sort`."""
    rows: tuple[tuple[int, int], ...] = ()
    """Spans of rows of that order; all without."""

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Exported]:
        source = sources.get(RunSource, self.folder)
        choice = Choice(self.format, conditions_of([self.where]), self.sort, self.limit, self.spread)
        tasks = None
        if self.handle:
            import numpy as np

            tasks = sources.get(Arrangements, self.folder).get(self.handle, source).tasks.tasks
            if self.rows:
                tasks = np.concatenate([tasks[first : first + count] for first, count in self.rows])
        told_at, written = time.monotonic(), 0
        for count in write(source.reader, choice, self.path, tasks):
            written += count
            yield
            if time.monotonic() > told_at + NEWS_SECONDS:
                told_at = time.monotonic()
                yield Exported(written)
        return Exported(written)
