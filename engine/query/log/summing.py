"""Totals of a log: the number of records over time, and groups of similar messages."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from engine.log.chunk import NO_TIME, Chunk
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION, LEVEL_MASK
from engine.log.source import Replaced
from engine.log.summary import Grouping
from engine.query.codec import travels
from engine.query.log.merged import is_aware
from engine.query.log.opened import Logs, logs_of
from engine.query.log.reading import TELL_SECONDS
from engine.query.log.spec import AboutLog, LogWanted
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALL = LogWanted()
LEVELS = 7
MOST_TOLD = 500
"""The most groups that are returned."""
STEP = 200
"""Records that are read in a step."""


@travels
@dataclass(frozen=True)
class LogHistogram:
    """Records by equal time spans and by level, in UTC if the log has offsets, else on the writer's clock."""

    low: int
    step: float
    """Microseconds."""
    counts: bytes
    """For each span a 64-bit count for each level."""
    lines: bytes
    """The first line in each span, -1 if there is none, as 64-bit integers; its file is in `files`."""
    files: bytes
    complete: bool
    aware: bool = False
    """Whether the times are in UTC."""

    def by_span(self) -> list[tuple[int, ...]]:
        """The counts, span by span."""
        flat = array("q", self.counts)
        return [tuple(flat[at : at + LEVELS]) for at in range(0, len(flat), LEVELS)]


@travels
@dataclass(frozen=True)
class CountOverTime(AboutLog[LogHistogram]):
    """Count the filtered records over time, in `spans` spans."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    wanted: LogWanted
    spans: int

    def steps(self, sources: Sources) -> Steps[LogHistogram]:
        import numpy as np

        logs = logs_of(sources, self.ref)
        for _ in logs.extend():
            yield
        chunks = [chunk for file in logs.files if file.log for chunk in file.log.records.chunks]
        low = min((chunk.earliest for chunk in chunks if chunk.earliest != NO_TIME), default=0)
        high = max((chunk.latest for chunk in chunks if chunk.latest != NO_TIME), default=0)
        aware = any(is_aware(file.log) for file in logs.files if file.log)
        made = _Counts(
            aware, low, max((high - low + 1) / self.spans, 1.0), np.zeros((self.spans, LEVELS), np.int64)
        )
        told = monotonic()
        for n, file in enumerate(logs.files):
            for chunk in list(file.log.records.chunks) if file.log else ():
                assert file.log is not None
                mask = self._mask(logs, n, chunk)
                if mask is None or mask.any():
                    made.add(n, file.log, chunk, mask)
                if monotonic() > told + TELL_SECONDS:
                    told = monotonic()
                    yield made.told(complete=False)
                else:
                    yield
        return made.told(complete=True)

    def _mask(self, logs: Logs, file: int, chunk: Chunk) -> NDArray[np.bool_] | None:
        """The records of a chunk that pass the filter; None for all."""
        if self.wanted == ALL:
            return None
        return logs.kept(self.wanted)[file].records.mask(chunk.first, chunk.first + chunk.count)


class _Counts:
    """Counts that are built up chunk by chunk."""

    def __init__(self, aware: bool, low: int, step: float, counts: NDArray[np.int64]) -> None:
        self._aware = aware
        self._low, self._step, self._counts = low, step, counts
        self._lines = array("q", [-1]) * len(counts)
        self._files = bytearray(len(counts))

    def add(self, file: int, log: Log, chunk: Chunk, mask: NDArray[np.bool_] | None) -> None:
        """Add the records of a chunk, at once if all are in one span."""
        import numpy as np

        if chunk.earliest == NO_TIME:
            return
        first, last = self._span(chunk.earliest), self._span(chunk.latest)
        if first == last and mask is None:
            self._counts[first] += chunk.by_level
            self._begin(first, file, chunk.first)
            return
        try:
            codes = log.records.codes_of(chunk)
            times = log.records.times_of(log.block_of(chunk), codes)
        except Replaced:
            return
        chosen = (codes != CONTINUATION) & (times != NO_TIME)
        if mask is not None:
            chosen &= mask
        lines = np.flatnonzero(chosen)
        spans = np.clip(((times[lines] - self._low) / self._step).astype(np.int64), 0, len(self._counts) - 1)
        np.add.at(self._counts, (spans, codes[lines] & LEVEL_MASK), 1)
        found, places = np.unique(spans, return_index=True)
        for span, place in zip(found.tolist(), places.tolist(), strict=True):
            self._begin(span, file, chunk.first + int(lines[place]))

    def _span(self, time: int) -> int:
        return min(int((time - self._low) / self._step), len(self._counts) - 1)

    def _begin(self, span: int, file: int, line: int) -> None:
        if self._lines[span] < 0:
            self._lines[span] = line
            self._files[span] = file

    def told(self, *, complete: bool) -> LogHistogram:
        return LogHistogram(
            self._low,
            self._step,
            self._counts.tobytes(),
            self._lines.tobytes(),
            bytes(self._files),
            complete,
            self._aware,
        )


@travels
@dataclass(frozen=True)
class LogGroup:
    """Records whose messages have the same shape."""

    count: int
    level: str
    shape: str
    file: int
    line: int
    """The first line of the first of them, counted from 0."""


@travels
@dataclass(frozen=True)
class LogGroups:
    """The largest groups."""

    groups: tuple[LogGroup, ...]
    records: int
    """Records that have been examined."""
    complete: bool


@travels
@dataclass(frozen=True)
class GroupLog(AboutLog[LogGroups]):
    """Group the filtered records by the shape of their messages."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    wanted: LogWanted

    def steps(self, sources: Sources) -> Steps[LogGroups]:
        logs = logs_of(sources, self.ref)
        for _ in logs.extend():
            yield
        grouping, records, told = Grouping(), 0, monotonic()
        for seen in self._seen(logs, grouping):
            records += seen
            if monotonic() > told + 5 * TELL_SECONDS:
                told = monotonic()
                yield _told(logs, grouping, records, complete=False)
            else:
                yield
        return _told(logs, grouping, records, complete=True)

    def _seen(self, logs: Logs, grouping: Grouping) -> Iterator[int]:
        """Yields how many records were examined in each step."""
        for n, file in enumerate(logs.files):
            if file.log is None:
                continue
            chosen = None if self.wanted == ALL else logs.kept(self.wanted)[n].records
            seen = 0
            try:
                for raw in file.log.walk():
                    if raw.code != CONTINUATION and (
                        chosen is None or chosen.mask(raw.line, raw.line + 1)[0]
                    ):
                        grouping.add(file.log.read(raw))
                    seen += 1
                    if seen >= STEP:
                        yield seen
                        seen = 0
            except Replaced:
                return
            yield seen


def _told(logs: Logs, grouping: Grouping, records: int, *, complete: bool) -> LogGroups:
    numbers = {str(file.path): n for n, file in enumerate(logs.files)}
    groups = grouping.largest()[:MOST_TOLD]
    return LogGroups(
        tuple(
            LogGroup(
                group.count, group.level or "", group.shape, numbers[group.first.source], group.first.line - 1
            )
            for group in groups
        ),
        records,
        complete,
    )
