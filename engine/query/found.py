"""A text looked for in all tasks of a run."""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.query.arrangements import Arrangements
from engine.query.codec import travels
from engine.query.request import Request, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.conditions import ConditionError
from engine.results.names import SEARCHED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEWS_SECONDS = 0.1


@travels
@dataclass(frozen=True)
class Hits:
    """Rows that have the text: those since the last partial answer. The last answer has the rest of them."""

    rows: bytes
    """int64 in the machine's order, growing within one answer."""
    done: int
    """Tasks that were gone through,"""
    total: int
    """of this many."""
    problem: str = ""
    """What is wrong with a regular expression,"""
    position: int = 0
    """and where in it."""


@travels
@dataclass(frozen=True)
class Find(Request[Hits]):
    """Rows with a text in input, value or error. Hits come as they are found, in the order of the tasks."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    folder: Path
    text: str
    is_regex: bool = False
    any_case: bool = True
    handle: int = 0
    columns: tuple[str, ...] = SEARCHED

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Hits]:
        from engine.results.search import find, matcher

        try:
            matches = matcher(self.text, self.is_regex, self.any_case)
        except ConditionError as error:
            return Hits(b"", 0, 0, str(error), error.position)
        source = sources.get(RunSource, self.folder)
        yield from source.extend()
        rows: list[int] = []
        told_at, done = time.monotonic(), 0
        for tasks, done in find(source.reader, matches, self.columns):
            rows += self._rows(sources, source, tasks)
            yield
            if time.monotonic() > told_at + NEWS_SECONDS:
                told_at = time.monotonic()
                yield _hits(rows, done, source)
                rows = []
        return _hits(rows, done, source)

    def _rows(self, sources: Sources, source: RunSource, tasks: NDArray[np.int64]) -> list[int]:
        if not len(tasks):
            return []
        if self.handle:
            arranged = sources.get(Arrangements, self.folder).get(self.handle, source)
            return arranged.tasks.rows_of(tasks).tolist()
        found = (source.row_of_task(task) for task in tasks.tolist())
        return [row for row in found if row >= 0]


def _hits(rows: list[int], done: int, source: RunSource) -> Hits:
    return Hits(array("q", rows).tobytes(), done, source.ranges.rows)
