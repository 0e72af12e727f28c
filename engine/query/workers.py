"""The workers of a run in pages: running ones first, then the ended ones, the latest first.

The main process of a script is among them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from engine.host.record.schema import CANCELLED, MAIN, MEMORY, STATUSES, TIMEOUT
from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Work
from engine.query.run import CHUNK, RunSource
from engine.query.sources import Sources
from engine.query.traces import Code
from engine.runs import RunReader, WorkerRecord

travels(WorkerRecord)


class WorkersOf:
    """All workers of one run: their numbers, and how many tasks each has finished."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start_over(0)

    def _start_over(self, generation: int) -> None:
        self._generation = generation
        self.numbers = array("q")
        """In order."""
        self.done = array("q")
        """By index in `numbers`."""
        self.running: list[int] = []
        """Workers whose end was not seen, in order."""
        self._batch = 0

    def close(self) -> None:
        """Nothing is open."""

    def extend(self, sources: Sources) -> Work[bool]:
        """Read who started, who ended, and what each did; returns whether the run is active."""
        source = sources.get(RunSource, self.folder)
        reader = source.look()
        if reader is None:
            return True
        yield from source.extend()
        if source.generation != self._generation:
            self._start_over(source.generation)
        reader = source.reader
        live = reader.is_live()
        self.running = [n for n in self.running if reader.workers.one(n).ended is None]
        while fresh := reader.workers.after(self.numbers[-1] if self.numbers else MAIN - 1, CHUNK):
            self.numbers.extend(record.number for record in fresh)
            self.done.extend([0] * len(fresh))
            self.running += [record.number for record in fresh if record.ended is None]
            yield
        while True:
            done, last = reader.workers.done(self._batch, CHUNK)
            if last == self._batch:
                return live
            self._batch = last
            for number, count in done.items():
                place = bisect_left(self.numbers, number)
                if self.numbers[place : place + 1] == array("q", [number]):
                    self.done[place] += count
            yield

    def row_of(self, number: int) -> int | None:
        """The row of a worker."""
        if number in self.running:
            return self.running.index(number)
        place = bisect_left(self.numbers, number)
        if self.numbers[place : place + 1] != array("q", [number]):
            return None
        later_running = len(self.running) - bisect_left(self.running, number)
        return len(self.running) + len(self.numbers) - 1 - place - later_running

    def place_of(self, row: int) -> int:
        """The index in `numbers` of the worker in a row."""
        if row < len(self.running):
            return bisect_left(self.numbers, self.running[row])
        place = len(self.numbers) - 1 - (row - len(self.running))
        for number in reversed(self.running):  # those after it are further up
            if bisect_left(self.numbers, number) < place:
                break
            place -= 1
        return place


@travels
@dataclass(frozen=True)
class WorkersPage:
    """Some workers, and their total number."""

    live: bool
    """Whether the run is active."""
    total: int
    running: tuple[int, ...]
    """The numbers of running workers; they have the first rows."""
    start: int
    records: tuple[WorkerRecord, ...]
    done: tuple[int, ...]
    """How many tasks each has finished."""
    row: int | None
    """The row of the requested worker,"""
    record: WorkerRecord | None
    """and its record."""
    causes: tuple[str, ...] = ()
    """Why each of the records was killed; empty if it was not, or nobody knows."""
    cause: str = ""
    """The same for the requested one."""


BY_HAND, STOPPED = "hand", "stop"


def cause_of(reader: RunReader, record: WorkerRecord) -> str:
    """Why a worker was killed: by `hand`, by the `stop` of the run, or because of its task, as a status.

    Empty if the run did not kill it.
    """
    if record.signal is None or record.last_task is None:
        return ""
    mine = (one for one in reader.failures(record.last_task) if one.worker == record.number)
    last = next(mine, None)
    if last is None:
        return ""
    if "ended by hand" in last.message:
        return BY_HAND
    if last.kind == CANCELLED:
        return STOPPED
    return last.kind if last.kind in (STATUSES[TIMEOUT], STATUSES[MEMORY]) else ""


@travels
@dataclass(frozen=True)
class WithSources(AboutRun[str]):
    """A worker's stack with the source lines that it names."""

    stack: str

    def steps(self, sources: Sources) -> Steps[str]:
        yield
        return Code(self.folder).with_sources(self.stack)


@travels
@dataclass(frozen=True)
class Workers(AboutRun[WorkersPage]):
    """The workers in `count` rows from `start` on as they are now, and the row of the one with `number`."""

    start: int
    count: int
    number: int | None = None

    def steps(self, sources: Sources) -> Steps[WorkersPage]:
        workers = sources.get(WorkersOf, self.folder)
        live = yield from workers.extend(sources)
        source = sources.get(RunSource, self.folder)
        row = None if self.number is None else workers.row_of(self.number)
        chosen = None if row is None or self.number is None else source.reader.workers.one(self.number)
        records: list[WorkerRecord] = []
        done: list[int] = []
        for at in range(self.start, min(self.start + self.count, len(workers.numbers))):
            place = workers.place_of(at)
            records.append(source.reader.workers.one(workers.numbers[place]))
            done.append(workers.done[place])
        return WorkersPage(
            live,
            len(workers.numbers),
            tuple(workers.running if live else ()),
            self.start,
            tuple(records),
            tuple(done),
            row,
            chosen,
            tuple(cause_of(source.reader, record) for record in records),
            "" if chosen is None else cause_of(source.reader, chosen),
        )
