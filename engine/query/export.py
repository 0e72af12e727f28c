"""Writes tasks of a run to a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from engine.query.arrangements import EVERY, Arrangements
from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource, Span
from engine.query.sources import Sources
from engine.results.conditions import conditions_of
from engine.results.export import Choice, write
from engine.runs import UnreadableRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEWS_SECONDS = 0.1


@travels
@dataclass(frozen=True)
class Exported:
    """How many tasks were written."""

    tasks: int


@travels
@dataclass(frozen=True)
class Export(AboutRun[Exported]):
    """Write tasks to `path`, which appears when everything is written. A cancel leaves nothing."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    path: Path
    format: str = "csv"
    where: str = ""
    sort: str = ""
    limit: int = -1
    spread: bool = False
    handle: int = 0
    """Of an order: its rows replace `where` and `sort`."""
    rows: tuple[Span, ...] = ()
    """Only these rows, as they were in the version below; all if empty."""
    generation: int = 0
    version: int = 0

    def steps(self, sources: Sources) -> Steps[Exported]:
        source = sources.get(RunSource, self.folder)
        choice = Choice(self.format, conditions_of([self.where]), self.sort, self.limit, self.spread)
        tasks = tasks_of(self, sources, source)
        told_at, written = time.monotonic(), 0
        for count in write(source.reader, choice, self.path, tasks):
            written += count
            yield
            if time.monotonic() > told_at + NEWS_SECONDS:
                told_at = time.monotonic()
                yield Exported(written)
        return Exported(written)


class Named(Protocol):
    """Rows of an order, as they were in a version."""

    @property
    def folder(self) -> Path: ...
    @property
    def handle(self) -> int: ...
    @property
    def rows(self) -> tuple[Span, ...]: ...
    @property
    def generation(self) -> int: ...
    @property
    def version(self) -> int: ...


def tasks_of(named: Named, sources: Sources, source: RunSource) -> NDArray[np.integer[Any]] | None:
    """The indexes of the tasks that were named by row or order; None if none were."""
    import numpy as np

    order = sources.get(Arrangements, named.folder).get(named.handle, source) if named.handle else None
    if not named.rows:
        return None if order is None or named.handle == EVERY else np.asarray(order.tasks.tasks)
    shown = source if order is None else order
    known = shown.generation == named.generation
    spans = shown.moved(named.version, named.rows) if known else None
    if spans is None:
        raise UnreadableRun("These rows were removed from the run, to be run again.")
    if order is not None:
        return np.concatenate([order.tasks.tasks[first : first + count] for first, count in spans])
    return np.concatenate([part for span in spans for part in _tasks_in(source, *span)])


def _tasks_in(source: RunSource, row: int, count: int) -> Iterator[NDArray[np.int64]]:
    """The tasks of rows in input order, by batch."""
    import numpy as np

    stop = min(row + count, source.ranges.rows)
    while row < stop:
        ref, offset = source.ranges.locate(row)
        found = min(ref.count - offset, stop - row)
        yield np.arange(ref.first + offset, ref.first + offset + found)
        row += found
