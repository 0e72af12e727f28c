"""Filters and searches: their results are kept beside the log, and extended as the log grows."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from engine.log.choosing import Chooser, task_spans
from engine.log.filters import Filter
from engine.log.finding import Finder, Part
from engine.log.lines import Block
from engine.log.log import Log
from engine.log.source import Replaced
from engine.log.walk import last_time
from engine.query.codec import travels
from engine.query.log.kept import LogFinds
from engine.query.log.opened import Logs, OpenLog, logs_of
from engine.query.log.reading import TELL_SECONDS
from engine.query.log.spec import AboutLog, LogPattern, LogRef, LogWanted
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

ALL = LogWanted()
_MOST_AT_ONCE = 32
"""Parts of the index that are collected before they are searched together."""
Finding: TypeAlias = Generator["LogFinds | None", None, None]


@travels
@dataclass(frozen=True)
class LogChosen:
    """What a filter or a search has found so far."""

    generation: int
    count: int
    """Matching records, or visible lines with a hit."""
    rows: int
    """Visible lines."""
    covered: tuple[int, ...]
    """Lines of each file that have been examined."""
    share: float
    complete: bool


@travels
@dataclass(frozen=True)
class ChooseInLog(AboutLog[LogChosen]):
    """Apply a filter or a search to what is new; the first time, to everything."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    condition: LogWanted | LogPattern
    shown: LogWanted = ALL
    """For a search: the filter among whose lines hits are counted."""
    generation: int = 0
    """The generation of the next two numbers."""
    have: tuple[int, ...] = ()
    """Lines of each file that were examined before."""

    def steps(self, sources: Sources) -> Steps[LogChosen]:
        logs = logs_of(sources, self.ref)
        logs.look()
        told, share = monotonic(), 0.0
        generation = logs.generation
        _forget_if_tasks_wrote_more(logs, self.condition)
        for finds in self._find(logs, [kept.covered for kept in logs.kept(self.condition)]):
            if logs.generation != generation:
                break
            if finds:
                logs.kept(self.condition)[finds.file].take(finds)
                share = finds.share
            if monotonic() > told + TELL_SECONDS:
                yield self._state(logs, share, complete=False)
                told = monotonic()
            else:
                yield
        return self._state(logs, 1.0, complete=logs.generation == generation)

    def _find(self, logs: Logs, covered: list[int]) -> Finding:
        """Go through all files."""
        for n, file in enumerate(logs.files):
            if self._waits_for_the_end:
                for _ in file.extend():
                    yield None
            try:
                for finds in _find_in(n, file, self.condition, covered[n]):
                    if finds:
                        share = (n + finds.share) / len(logs.files)
                        yield LogFinds(n, finds.first, finds.count, finds.records, finds.hits, share)
                    else:
                        yield None
            except Replaced:
                file.look()

    @property
    def _waits_for_the_end(self) -> bool:
        """Whether a time is relative to the last record."""
        wanted = self.condition
        return isinstance(wanted, LogWanted) and bool(wanted.since or wanted.until)

    def _state(self, logs: Logs, share: float, *, complete: bool) -> LogChosen:
        kept = logs.kept(self.condition)
        if isinstance(self.condition, LogWanted):
            count = sum(one.records.count for one in kept)
            rows = logs.rows(self.condition).total()
        else:
            rows = sum(one.records.count for one in kept)
            count = rows
            if self.shown != ALL and complete:
                among = logs.rows(self.shown)
                count = sum(among.shown(n, one.records) for n, one in enumerate(kept))
        covered = tuple(one.covered for one in kept)
        return LogChosen(logs.generation, count, rows, covered, share, complete)


@travels
@dataclass(frozen=True)
class ChooseAside(ChooseInLog):
    """The same for a regular expression that may run forever: a cancel kills its process."""

    aside: ClassVar[bool] = True

    def steps(self, sources: Sources) -> Steps[Any]:
        logs = logs_of(sources, self.ref)
        logs.look()
        covered = list(self.have) if len(self.have) == len(logs.files) else [0] * len(logs.files)
        if isinstance(self.condition, LogWanted) and self.condition.tasks:
            covered = [0] * len(logs.files)
        yield from self._find(logs, covered)
        return None

    def keep(self, sources: Sources, found: LogFinds | None) -> LogChosen | None:
        logs = logs_of(sources, self.ref)
        if logs.generation != self.generation:  # replaced since: the question will be asked again
            return None if found else self._state(logs, 1.0, complete=False)
        if found:
            logs.kept(self.condition)[found.file].take(found)
        return self._state(logs, found.share if found else 1.0, complete=found is None)


def _forget_if_tasks_wrote_more(logs: Logs, condition: LogWanted | LogPattern) -> None:
    """A run records where a task wrote only when the task ends; then everything is examined again."""
    if not isinstance(condition, LogWanted) or not condition.tasks:
        return
    for file, kept in zip(logs.files, logs.kept(condition), strict=True):
        spans = task_spans(file.log, condition.tasks) if file.log else []
        if spans != kept.spans:
            kept.forget()
            kept.spans = spans


def choosing(
    ref: LogRef,
    condition: LogWanted | LogPattern,
    shown: LogWanted = ALL,
    generation: int = 0,
    have: tuple[int, ...] = (),
) -> ChooseInLog:
    """The request for a filter or a search. Raises ValueError for an invalid pattern."""
    for pattern in condition.patterns if isinstance(condition, LogWanted) else (condition,):
        pattern.made()
    kind = ChooseAside if condition.can_take_long else ChooseInLog
    return kind(ref, condition, shown, generation, have)


def _find_in(n: int, file: OpenLog, condition: LogWanted | LogPattern, covered: int) -> Finding:
    """Search a file as far as it is indexed, then go on with the index, once to its end: it may grow."""
    at_once, at_end = 1, False
    while (log := file.log) is not None:
        generation = file.generation
        for finds in _spans(n, log, condition, covered):
            covered = finds.first + finds.count
            yield finds
            if file.generation != generation:
                return
        if file.complete or at_end:
            return
        at_once = min(2 * at_once, _MOST_AT_ONCE)
        wanted = len(log.records.chunks) + at_once
        at_end = True
        for _ in file.extend():
            yield None
            if file.generation != generation:
                return
            if len(log.records.chunks) >= wanted:
                at_end = False
                break


def _spans(n: int, log: Log, condition: LogWanted | LogPattern, covered: int) -> Generator[LogFinds]:
    if isinstance(condition, LogPattern):
        yield from _hits(n, log, condition, covered)
        return
    wanted = condition.made(last_time(log), n)
    for first, mask, share in Chooser(log, wanted).spans(covered):
        hits = b""
        # a record from the part before may go on in this one
        if condition.only_hits and (mask.any() or log.records.start_of(first) < first):
            chunk = log.records.chunks[log.records.chunk_at(first)]
            hits = _packed(_marked(log.block_of(chunk), wanted))
        yield LogFinds(n, first, len(mask), _packed(mask), hits, share)


def _hits(n: int, log: Log, pattern: LogPattern, covered: int) -> Generator[LogFinds]:
    """The lines with a hit of a pattern."""
    import numpy as np

    made = pattern.made()
    chunks = log.records.chunks
    start = log.records.chunk_at(min(covered, log.records.lines) - 1) if covered and chunks else 0
    with Finder(log, made) as finder:
        for place in range(start, len(chunks)):
            if place >= len(chunks):  # the index is about to read its last part again
                return
            chunk = chunks[place]
            mask = np.zeros(chunk.count, bool)
            mask[np.asarray(finder.lines_in(Part(log, chunk)), np.int64)] = True
            yield LogFinds(n, chunk.first, chunk.count, _packed(mask), b"", (place + 1) / len(chunks))


def _marked(block: Block, wanted: Filter) -> Mask:
    """The lines with a hit of a filter's pattern."""
    import numpy as np

    mask = np.zeros(block.count, bool)
    for pattern in (*wanted.every, *wanted.any):
        mask[pattern.lines_in(block)] = True
    return mask


def _packed(mask: Mask) -> bytes:
    """The bits of a mask; empty if none is set."""
    import numpy as np

    return np.packbits(mask).tobytes() if mask.any() else b""
