"""The orders of tasks that views ask for, kept under handles."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.query.request import Work
from engine.query.run import RunSource
from engine.results.insertions import Insertions, Span
from engine.runs import UnreadableRun

if TYPE_CHECKING:
    from engine.results.arrange import Arrangement
    from engine.results.every import EveryTask

EVERY = -1
"""The handle of all tasks in input order, including unfinished ones."""
MOST = 8
"""Orders that are kept for one run; the least recently used one is dropped first."""
GONE = "This order is no longer kept: ask for it again."


class Arranged:
    """One order, and how it has grown."""

    def __init__(self, tasks: Arrangement | EveryTask, generation: int) -> None:
        self.tasks = tasks
        self.generation = generation
        """Generation of the run when it was made; in any other it is void."""
        self.insertions = Insertions()

    @property
    def has_unended(self) -> bool:
        """Whether unfinished tasks may be among its rows."""
        return self.tasks.has_unended

    @property
    def version(self) -> int:
        """Counts the insertions; 1 when everything is there."""
        return 1 + self.insertions.version

    def moved(self, version: int, spans: Sequence[Span]) -> list[Span] | None:
        """The current place of rows that were at `spans` in a version; None if that is too long ago."""
        return self.insertions.moved(version - 1, spans)

    def grow(self, newest: int) -> Work[None]:
        """Add new tasks."""
        for row, count in (yield from self.tasks.grow(newest)):
            self.insertions.add(row, count)


class Arrangements:
    """The orders of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: OrderedDict[int, Arranged] = OrderedDict()
        self._every: Arranged | None = None

    def close(self) -> None:
        self._kept.clear()
        self._every = None

    def add(self, arranged: Arranged) -> int:
        """Keep an order; returns its handle, which no other order has had, even in a process that died."""
        handle = secrets.randbits(47) + 1
        self._kept[handle] = arranged
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return handle

    def forget(self, handle: int) -> None:
        """The order is no longer needed."""
        self._kept.pop(handle, None)

    def get(self, handle: int, source: RunSource) -> Arranged:
        """The order with a handle. Raises `UnreadableRun` if it is gone."""
        if handle == EVERY:
            return self._get_every(source)
        found = self._kept.get(handle)
        if found is None or found.generation != source.generation:
            self._kept.pop(handle, None)
            raise UnreadableRun(GONE)
        self._kept.move_to_end(handle)
        return found

    def _get_every(self, source: RunSource) -> Arranged:
        """The order of all tasks, made again in each generation."""
        from engine.results.every import EveryTask

        reader = source.reader  # another run.db may have taken its place
        if self._every is None or self._every.generation != source.generation:
            self._every = Arranged(EveryTask(reader), source.generation)
        return self._every
