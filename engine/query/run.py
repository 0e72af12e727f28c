"""A run as a source: its run.db, opened once it exists; its state, and where its results are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Work
from engine.query.sources import Sources
from engine.results import Ranges
from engine.results.called import has_several
from engine.results.insertions import Insertions, Span
from engine.runs import (
    DB,
    BatchRef,
    RunFacts,
    RunReader,
    Stand,
    UnreadableRun,
    open_run,
    stand,
)

__all__ = ["Facts", "ReadStand", "RunSource", "Span"]

travels(RunFacts)
travels(Stand)

CHUNK = 2_000
"""Rows of run.db that are processed at once."""


def _number() -> int:
    """A number that no other generation has had, not even in a process that died."""
    return secrets.randbits(48)


class RunSource:
    """The run.db of one folder, even before it exists, and when another one replaces it.

    The results are rows in task order. Views keep a `version`; `inserted` tells which rows came in since.
    In another `generation` all positions are void.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generation = _number()
        self.ranges = Ranges()
        self.ok = self.failed = 0
        self._reader: RunReader | None = None
        self._file = (0, 0)
        self.insertions = Insertions()
        self._last: BatchRef | None = None
        self._taken_out = 0
        """Detects whether rows were removed from run.db since they were read."""
        self._stages = 0, False
        """The number of stages, and whether they differ, when that was last looked at."""

    def close(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None

    @property
    def reader(self) -> RunReader:
        """The run. Raises `UnreadableRun`."""
        found = self.look()
        if found is None:
            raise UnreadableRun(f"There is no {DB} in {self.folder} yet.")
        return found

    def look(self) -> RunReader | None:
        """The run; None while it has not created its database."""
        try:
            status = (self.folder / DB).stat()
        except FileNotFoundError:
            if self._reader is None:
                return None
            raise UnreadableRun(f"{self.folder / DB} is gone.") from None
        file = (status.st_dev, status.st_ino)
        if self._reader is not None and file != self._file:
            self.close()
            self._start_over()
        if self._reader is None:
            self._reader = open_run(self.folder)
            self._file = file
        return self._reader

    @property
    def has_stages(self) -> bool:
        """Whether the stages of the run differ, so that a task's stage is worth a column."""
        run = self.reader
        ((count,),) = ((0,),) if run.is_old else run.select("SELECT coalesce(max(id), 0) FROM stage")
        if count != self._stages[0]:
            self._stages = count, has_several(run)
        return self._stages[1]

    def extend(self) -> Work[None]:
        """Read the rows of run.db that are new."""
        reader = self.look()
        if reader is None:
            return
        while True:
            taken_out, rows = reader.news(self.newest, CHUNK)
            if taken_out != self._taken_out:
                self._start_over()
                self._taken_out = taken_out
                continue
            if not rows:
                return
            for group in self.ranges.groups([ref for ref, _ in rows]):
                self._insert(group)
            for ref, failed in rows:
                self.ok += ref.count - failed
                self.failed += failed
            self._last = rows[-1][0]
            yield

    def _insert(self, group: Sequence[BatchRef]) -> None:
        row, count = self.ranges.row_of(group[0].first), sum(ref.count for ref in group)
        self.ranges.insert(group)
        self.insertions.add(row, count)

    def _start_over(self) -> None:
        """What was read may not be there any more."""
        self.generation = _number()
        self.ranges = Ranges()
        self.ok = self.failed = 0
        self.insertions = Insertions()
        self._last, self._taken_out = None, 0
        self._stages = 0, False

    @property
    def version(self) -> int:
        """Counts the insertions in this generation."""
        return self.insertions.version

    def moved(self, version: int, spans: Sequence[Span]) -> list[Span] | None:
        """The current place of rows that were at `spans` in a version; None if that is too long ago."""
        return self.insertions.moved(version, spans)

    @property
    def newest(self) -> int:
        """The id of the last row of run.db that was read."""
        return self._last.id if self._last else 0

    def row_of_task(self, task: int) -> int:
        """The row of a task; -1 if it has none."""
        row = self.ranges.row_of(task)
        if row < self.ranges.rows:
            ref, offset = self.ranges.locate(row)
            if ref.first + offset == task:
                return row
        return -1

    def facts(self) -> Work[RunFacts]:
        """The current state of the run."""
        yield from self.extend()
        return self.reader.facts((self.ok, self.failed))


@travels
@dataclass(frozen=True)
class Facts(AboutRun[RunFacts]):
    """The state of a run."""

    def steps(self, sources: Sources) -> Steps[RunFacts]:
        return (yield from sources.get(RunSource, self.folder).facts())


@travels
@dataclass(frozen=True)
class ReadStand(AboutRun[Stand]):
    """The state of a run, and how long it ran."""

    def steps(self, sources: Sources) -> Steps[Stand]:
        source = sources.get(RunSource, self.folder)
        facts = yield from source.facts()
        return stand(source.reader, facts)
