"""Logs that a query process has open: indexed in slices, checked for changes, with cached results."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias, TypeVar

from engine.log.log import Log, Progress
from engine.log.source import Change, Replaced
from engine.query.log.kept import Kept
from engine.query.log.merged import MergedRows, Timeline
from engine.query.log.rows import AllRows, ChosenRows, HitRows, Rows
from engine.query.log.spec import LogPattern, LogReading, LogRef, LogWanted
from engine.query.request import Work
from engine.query.sources import Sources
from engine.runs.logged import tasks_of
from engine.runs.timed import clock_of

MOST_KEPT = 12
"""Filters and searches whose results are kept; the least recently used one is dropped first."""
MOST_PASSES = 3
"""How often a request reads on if a file has grown again meanwhile: it may never stop."""
MOST_REFS = 3
"""Ways to read the same files that are kept open."""
Condition: TypeAlias = LogWanted | LogPattern
K = TypeVar("K")
V = TypeVar("V")


class OpenLog:
    """One file, which may not exist yet.

    Invariant: `_steps` indexes `log` as it was at its start, and is dropped when that changes.
    """

    def __init__(self, path: Path, reading: LogReading) -> None:
        self.path = path
        self._reading = reading
        self.log: Log | None = None
        self.openings = 0
        self.complete = False
        """Whether it has been read to its end, or to where that was a moment ago if it always grows."""
        self._has_grown = False
        """Whether it has grown meanwhile."""
        self._steps: Iterator[Progress] | None = None
        self._began_at: int | None = None
        """The end of the file when they began."""

    @property
    def generation(self) -> int:
        """If it changes, everything known about its lines is void."""
        return self.openings + (self.log.generation if self.log else 0)

    @property
    def lines(self) -> int:
        return self.log.lines.count if self.log else 0

    def look(self) -> None:
        """Check the file for changes. Raises OSError if it cannot be read."""
        if self.log is None:
            try:
                self.log = Log(self.path, self._reading.made())
            except FileNotFoundError:
                return
            self.openings += 1
            self.log.tasks, self.log.clock = tasks_of(self.path), clock_of(self.path)
            self._look_at_run()
            return
        self._look_at_run()
        before = self.log.generation, self.log.lines
        change = self.log.refresh()
        if (self.log.generation, self.log.lines) != before:
            self._steps = None
        if change is not Change.NONE or self._has_grown:
            self.complete = self._has_grown = False

    def _look_at_run(self) -> None:
        for known in (self.log.tasks, self.log.clock) if self.log else ():
            if known:
                known.refresh()

    def extend(self) -> Work[None]:
        """Read on to the end. Several requests may do so in turn and share the work."""
        passes = 0
        while not self.complete and self.log is not None:
            if self._steps is None:
                self._steps = self.log.index()
                self._began_at = self.log.source.end()
            try:
                next(self._steps)
            except StopIteration:
                self._steps = None
                # the file may have grown since the index began, which is not reported again
                self._has_grown = self._began_at not in (None, self.log.source.end())
                passes += 1
                self.complete = not self._has_grown or passes >= MOST_PASSES
                if self.complete:
                    return
            except Replaced:
                self._steps = None
                self.look()
            yield


class Logs:
    """The files of a `LogRef` as one log."""

    def __init__(self, ref: LogRef) -> None:
        self.ref = ref
        self.files = [OpenLog(path, ref.reading) for path in ref.paths]
        self._kept: OrderedDict[Condition, list[Kept]] = OrderedDict()
        self._rows: OrderedDict[LogWanted, Rows] = OrderedDict()
        self._hit_rows: OrderedDict[tuple[object, ...], Rows] = OrderedDict()
        self._kept_of = 0
        self._times = [Timeline() for _ in self.files]

    @property
    def generation(self) -> int:
        return sum(file.generation for file in self.files)

    @property
    def lines(self) -> int:
        return sum(file.lines for file in self.files)

    @property
    def complete(self) -> bool:
        return all(file.complete or file.log is None for file in self.files)

    def look(self) -> None:
        """Check the files for changes. Raises OSError if none of them can be read."""
        failed: list[OSError] = []
        for file in self.files:
            try:
                file.look()
            except OSError as error:
                failed.append(error)
        if len(failed) == len(self.files):
            raise failed[0]

    def extend(self) -> Work[None]:
        """Read on to the end of all."""
        for n, file in enumerate(self.files):
            yield from file.extend()
            self._forget_if_replaced()
            while self.merges and file.log and self._times[n].extend(file.log):
                yield

    def _forget_if_replaced(self) -> None:
        """If files were replaced, forget what was found in them."""
        if self._kept_of != self.generation:
            self._kept.clear()
            self._rows.clear()
            self._hit_rows.clear()
            self._times = [Timeline() for _ in self.files]
            self._kept_of = self.generation

    def kept(self, condition: Condition) -> list[Kept]:
        """The result of a condition so far, for each file."""
        self._forget_if_replaced()
        return _remembered(self._kept, condition, lambda: [Kept() for _ in self.files])

    def rows(self, wanted: LogWanted) -> Rows:
        """The lines that pass a filter, as far as known."""
        kept = self.kept(wanted)
        return _remembered(self._rows, wanted, lambda: self._make_rows(wanted, kept))

    def _make_rows(self, wanted: LogWanted, kept: list[Kept]) -> Rows:
        chosen = None if wanted == LogWanted() else ChosenRows(self.files, kept, wanted)
        if self.merges:
            return MergedRows(self.files, self._times, chosen)
        return chosen or AllRows(self.files)

    def hit_rows(self, wanted: LogWanted, pattern: LogPattern) -> Rows:
        """Those of these lines that have a hit of a search, as far as known."""
        kept, hits = self.kept(wanted), self.kept(pattern)

        def make() -> Rows:
            among = None if wanted == LogWanted() else ChosenRows(self.files, kept, wanted)
            rows = HitRows(self.files, hits, among)
            return MergedRows(self.files, self._times, rows) if self.merges else rows

        parts = hits if wanted == LogWanted() else [*kept, *hits]
        return _remembered(self._hit_rows, (wanted, pattern, *map(id, parts)), make)

    @property
    def merges(self) -> bool:
        """Whether records are in order of time."""
        return self.ref.by_time and len(self.files) > 1


def _remembered(known: OrderedDict[K, V], key: K, make: Callable[[], V], most: int = MOST_KEPT) -> V:
    if key not in known:
        known[key] = make()
        while len(known) > most:
            known.popitem(last=False)
    known.move_to_end(key)
    return known[key]


class _LogsOf:
    """All that is open under one path, by request."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: OrderedDict[LogRef, Logs] = OrderedDict()

    def get(self, ref: LogRef) -> Logs:
        return _remembered(self._open, ref, lambda: Logs(ref), MOST_REFS)

    def close(self) -> None:
        """Files are open only while they are read."""


def logs_of(sources: Sources, ref: LogRef) -> Logs:
    """The logs of a reference, opened if necessary."""
    return sources.get(_LogsOf, ref.paths[0]).get(ref)
