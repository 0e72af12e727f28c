"""A run as a source: its run.db, opened when there is one; how it stands, and where its results are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.query.codec import travels
from engine.query.request import Request, Steps, Work
from engine.query.sources import Sources
from engine.results import Ranges
from engine.results.insertions import Insertions, Span
from engine.runs import (
    DB,
    BatchRef,
    Failure,
    RunFacts,
    RunReader,
    Stand,
    UnreadableRun,
    open_run,
    stand,
)

__all__ = ["Facts", "Failures", "ReadStand", "RunSource", "Span"]

travels(RunFacts)
travels(Failure)
travels(Stand)

CHUNK = 2_000
"""Rows of run.db that are gone through at once."""


def _number() -> int:
    """A number that no other generation has, nor had one of a process that died."""
    return secrets.randbits(48)


class RunSource:
    """The run.db of one folder, also while it is not there yet, and when another takes its place.

    The results are rows in the order of their tasks. Whoever shows them keeps a `version`; `inserted` tells
    which rows have come in since. In another `generation` nothing is where it was.
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
        """Tells whether rows were taken out of run.db since they were read."""

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
        """The run; None while it has not made its database."""
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

    def extend(self) -> Work[None]:
        """Take in the rows of run.db that have come since the last time."""
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

    @property
    def version(self) -> int:
        """Counts the insertions of this generation."""
        return self.insertions.version

    def moved(self, version: int, spans: Sequence[Span]) -> list[Span] | None:
        """Where rows stand now that stood in `spans` in a version; None if that is too long ago."""
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
        """How the run stands now."""
        yield from self.extend()
        return self.reader.facts((self.ok, self.failed))


@travels
@dataclass(frozen=True)
class Facts(Request[RunFacts]):
    """How a run stands."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[RunFacts]:
        return (yield from sources.get(RunSource, self.folder).facts())


@travels
@dataclass(frozen=True)
class ReadStand(Request[Stand]):
    """How a run stands, and for how long it ran."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Stand]:
        source = sources.get(RunSource, self.folder)
        facts = yield from source.facts()
        return stand(source.reader, facts)


@travels
@dataclass(frozen=True)
class Failures(Request[tuple[Failure, ...]]):
    """The failed attempts at one task."""

    folder: Path
    task: int

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[tuple[Failure, ...]]:
        yield
        return tuple(sources.get(RunSource, self.folder).reader.failures(self.task))
