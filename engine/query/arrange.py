"""Filtered and sorted tasks, for a table: the order stays here under a handle, and `rows.Rows` reads it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.query.arrangements import EVERY, Arranged, Arrangements
from engine.query.codec import travels
from engine.query.failures import FailuresOf
from engine.query.guard import return_memory
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.conditions import ConditionError, Sort, parse

if TYPE_CHECKING:
    from engine.results.arrange import Arrangement

NEWS_SECONDS = 0.1
"""Seconds between two progress reports."""
MANY = 1_000_000
"""An order of this many tasks leaves enough freed memory to be worth returning."""


@travels
@dataclass(frozen=True)
class Arranging:
    """The progress of an order."""

    handle: int
    """0 if the conditions cannot be read."""
    generation: int
    version: int
    rows: int
    """How many tasks it has so far; once it is complete, `rows.Grow` reports additions from `version` on."""
    known: int
    """This many of them, from the first, can already be read, and stay where they are."""
    counts: tuple[tuple[str, int], ...]
    """The chosen tasks by status."""
    done: int
    """Tasks that have been examined."""
    complete: bool
    problem: str = ""
    """What is wrong with a condition,"""
    position: int = 0
    """and where in the text."""


@travels
@dataclass(frozen=True)
class Arrange(AboutRun[Arranging]):
    """Filter and sort tasks. Partial answers have rows that can be shown; a cancel forgets the order."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    where: str = ""
    """Conditions in the syntax of `engine.results.conditions`."""
    sort: str = ""
    """`COLUMN`, or `COLUMN:desc`."""
    group: str = ""
    """Only tasks of this group of failures."""
    waiting: bool = False
    """Whether unfinished tasks are rows too: those of now, whatever becomes of them."""

    def steps(self, sources: Sources) -> Steps[Arranging]:
        from engine.results.arrange import Arrangement
        from engine.results.choosing import Among, choosers

        try:
            conditions = parse(self.where)
            sort = Sort.read(self.sort) if self.sort else None
        except ConditionError as error:
            return Arranging(0, 0, 0, 0, 0, (), 0, True, str(error), error.position)
        source = sources.get(RunSource, self.folder)
        yield from source.extend()
        group: list[Among] = []
        if self.group:
            failures = sources.get(FailuresOf, self.folder)
            groups = yield from failures.groups(source)
            group.append(Among(groups.tasks_of(self.group)))
        tasks = Arrangement(source.reader, choosers(conditions, *group), sort, self.waiting)
        arranged = Arranged(tasks, source.generation)
        kept = sources.get(Arrangements, self.folder)
        handle = kept.add(arranged)
        told_at, is_complete = time.monotonic(), False
        try:
            for _ in tasks.build(source.newest):
                yield
                if time.monotonic() > told_at + NEWS_SECONDS:
                    told_at = time.monotonic()
                    yield _news(handle, arranged, tasks, False)
            is_complete = True
        finally:
            if not is_complete:
                kept.forget(handle)
            if tasks.done >= MANY:
                return_memory()
        return _news(handle, arranged, tasks, True)


def _news(handle: int, arranged: Arranged, tasks: Arrangement, complete: bool) -> Arranging:
    return Arranging(
        handle,
        arranged.generation,
        arranged.version,
        len(tasks),
        tasks.known,
        tuple(tasks.counts.items()),
        tasks.done,
        complete,
    )


@travels
@dataclass(frozen=True)
class Forget(AboutRun[bool]):
    """An order is no longer needed."""

    handle: int

    def steps(self, sources: Sources) -> Steps[bool]:
        yield
        sources.get(Arrangements, self.folder).forget(self.handle)
        return True


@travels
@dataclass(frozen=True)
class RowOf(AboutRun[int]):
    """The row of a task; -1 if it has none."""

    task: int
    handle: int = 0
    """Of an order; 0 is all finished tasks."""

    def steps(self, sources: Sources) -> Steps[int]:
        import numpy as np

        source = sources.get(RunSource, self.folder)
        yield
        if self.handle:
            tasks = sources.get(Arrangements, self.folder).get(self.handle, source).tasks
            rows = tasks.rows_of(np.array([self.task]))
            return int(rows[0]) if len(rows) else -1
        return source.row_of_task(self.task)


@travels
@dataclass(frozen=True)
class FindFailed(AboutRun[int]):
    """The row of the failed task nearest to a row, which may be that row itself; -1 if there is none."""

    row: int
    backwards: bool = False
    handle: int = 0

    def steps(self, sources: Sources) -> Steps[int]:
        import numpy as np

        from engine.results.failed import next_among

        source = sources.get(RunSource, self.folder)
        failed = yield from sources.get(FailuresOf, self.folder).tasks(source)
        if self.handle:
            rows = sources.get(Arrangements, self.folder).get(self.handle, source).tasks.tasks
            if self.handle != EVERY:
                return (yield from next_among(np.asarray(rows), failed, self.row, self.backwards))
            at = int(np.searchsorted(failed, self.row, "right" if self.backwards else "left"))
            at -= self.backwards
            return int(failed[at]) if 0 <= at < len(failed) and failed[at] < len(rows) else -1
        if not 0 <= self.row < source.ranges.rows:
            return -1
        ref, offset = source.ranges.locate(self.row)
        at = int(np.searchsorted(failed, ref.first + offset, "right" if self.backwards else "left"))
        at -= self.backwards
        return source.row_of_task(int(failed[at])) if 0 <= at < len(failed) else -1
