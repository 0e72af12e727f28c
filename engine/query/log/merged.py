"""Several logs as one, by time: the order of records, and the rows of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.log.chunk import NO_TIME
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION
from engine.log.selection import Selection
from engine.query.log.rows import ChosenRows, OneFile, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_RECORDS = 30_000_000
"""The most records that are merged; each takes about 60 bytes."""
_HOUR = 3_600_000_000


class Timeline:
    """Where the records of one file start, and when: one without a time gets that of the record above."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints]] = []
        self._firsts: list[int] = []
        self._ends: list[int] = []
        self.known = -1
        """What the log's clock knew when it was last asked, -1 if never."""

    def extend(self, log: Log) -> bool:
        """Add one more part of the index; False if there is none."""
        chunks = log.records.chunks
        if log.clock and self.known >= 0 and log.clock.known != self.known:
            self.known = log.clock.known
            self._ends, self._parts, self._firsts = [], [], []
        while self._ends and (
            len(chunks) < len(self._ends) or chunks[len(self._ends) - 1].end != self._ends[-1]
        ):
            self._ends.pop()  # its last part was read again
            self._parts.pop()
            self._firsts.pop()
        if len(self._ends) == len(chunks):
            return False
        chunk = chunks[len(self._ends)]
        codes = log.records.codes_of(chunk)
        starts = (codes != CONTINUATION).nonzero()[0]
        block = log.block_of(chunk)
        times = _instants(log, log.records.times_of(block, codes)[starts])
        unknown = (times == NO_TIME).nonzero()[0].tolist() if log.clock else ()
        if log.clock and unknown:
            self.known = log.clock.known
            for n in unknown:
                moment = log.clock.at(chunk.offset + int(block.raw_starts[starts[n]]))
                times[n] = NO_TIME if moment is None else moment
        self._parts.append((starts + chunk.first, times))
        self._firsts.append(chunk.first)
        self._ends.append(chunk.end)
        return True

    def records(self) -> tuple[Ints, Ints]:
        """First lines and times of all records; lines before the first one form a record at time 0."""
        import numpy as np

        none = np.empty(0, np.int64)
        lines = np.concatenate([none, *(part[0] for part in self._parts)])
        times = np.concatenate([none, *(part[1] for part in self._parts)])
        if self._parts and (not len(lines) or lines[0] > 0):
            lines, times = np.insert(lines, 0, 0), np.insert(times, 0, NO_TIME)
        known = np.where(times != NO_TIME, np.arange(len(times)), -1)
        last = np.maximum.accumulate(known) if len(known) else known
        return lines, np.where(last >= 0, times[last], 0)


def _instants(log: Log, times: Ints) -> Ints:
    """Times in UTC: those without an offset count as local times of this machine."""
    import numpy as np

    if not len(times) or is_aware(log):
        return times
    made = times.copy()
    known = times != NO_TIME
    hours, places = np.unique(times[known] // _HOUR, return_inverse=True)
    begin = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    offsets: list[int] = []
    for hour in hours.tolist():
        try:
            offset = (begin + timedelta(hours=hour)).astimezone().utcoffset()
        except (OverflowError, ValueError, OSError):
            offset = None
        offsets.append((offset or timedelta()) // timedelta(microseconds=1))
    made[known] -= np.array(offsets, np.int64)[places]
    return made


def is_aware(log: Log) -> bool:
    """Whether the first time of a log has an offset."""
    for raw in log.walk(0, min(log.records.lines, 100)):
        form = log.format_of(raw.code)
        moment = form.fields(raw.lines, log.today).time if form else None
        if moment:
            return moment.time.tzinfo is not None
    return False


@dataclass
class _Order:
    """All records in order of time, as arrays by position."""

    files: Ints
    lines: Ints
    rows: Ints
    """The row of the first line of each; the last entry is the number of rows."""
    places: list[Ints]
    """The positions of the records of each file."""
    starts: list[Ints]
    """The first lines of the records of each file."""


def _nothing(files: int) -> _Order:
    import numpy as np

    none = np.empty(0, np.int64)
    return _Order(none, none, np.zeros(1, np.int64), [none] * files, [none] * files)


class MergedRows:
    """The lines of several files by the times of their records, filtered if there is a filter.

    The order is computed once all files have been read, and again when they have grown.
    """

    def __init__(
        self, files: Sequence[OneFile], times: Sequence[Timeline], chosen: ChosenRows | None
    ) -> None:
        self._files, self._times, self._chosen = files, times, chosen
        self._made: tuple[tuple[int, ...], _Order] | None = None

    def _order(self) -> _Order:
        masks = list(self._chosen.chosen()) if self._chosen else []
        known = (*(times.known for times in self._times), *(mask.count for mask in masks))
        state = (*(file.lines for file in self._files), *known)
        if self._made and self._made[0] == state:
            return self._made[1]
        if all(file.complete or file.log is None for file in self._files):
            self._made = state, self._ordered(masks)
        return self._made[1] if self._made else _nothing(len(self._files))

    def _ordered(self, masks: Sequence[Selection]) -> _Order:
        import numpy as np

        records = [times.records() for times in self._times]
        if sum(len(lines) for lines, _ in records) > MOST_RECORDS:
            raise ValueError(f"More than {MOST_RECORDS:,} records cannot be merged.")
        files = np.concatenate([np.full(len(lines), n) for n, (lines, _) in enumerate(records)])
        lines = np.concatenate([lines for lines, _ in records])
        sizes = np.concatenate([self._sizes(n, lines, masks) for n, (lines, _) in enumerate(records)])
        order = np.argsort(np.concatenate([times for _, times in records]), kind="stable")
        rows = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[order])])
        inverse = np.empty(len(order), np.int64)
        inverse[order] = np.arange(len(order))
        ends = np.cumsum([len(lines) for lines, _ in records])
        places = np.split(inverse, ends[:-1])
        return _Order(files[order], lines[order], rows, places, [lines for lines, _ in records])

    def _sizes(self, file: int, lines: Ints, masks: Sequence[Selection]) -> Ints:
        """How many lines of each record are shown."""
        import numpy as np

        bounds = np.append(lines, self._files[file].lines)
        if not masks:
            return np.diff(bounds)
        sums = np.concatenate(
            [np.zeros(1, np.int64), np.cumsum(masks[file].mask(0, self._files[file].lines))]
        )
        return np.diff(sums[bounds])

    def _lines_of(self, file: int, line: int) -> list[int]:
        """The visible lines of a record."""
        log = self._files[file].log
        if log is None:
            return []
        end = log.records.next_start(line)
        if self._chosen is None:
            return list(range(line, end))
        mask = list(self._chosen.chosen())[file].mask(line, end)
        return [line + n for n in mask.nonzero()[0].tolist()]

    def total(self) -> int:
        return int(self._order().rows[-1])

    def places(self, first: int, count: int) -> list[Place]:
        import numpy as np

        order = self._order()
        first, last = max(first, 0), min(first + count, int(order.rows[-1]))
        found: list[Place] = []
        if first >= last:
            return found
        at = int(np.searchsorted(order.rows, first, "right")) - 1
        while len(found) < last - first and at < len(order.lines):
            file, line = int(order.files[at]), int(order.lines[at])
            skip = max(first - int(order.rows[at]), 0)
            if order.rows[at + 1] > order.rows[at]:
                found += [(file, shown) for shown in self._lines_of(file, line)[skip:]]
            at += 1
        return found[: last - first]

    def row_of(self, place: Place) -> int:
        import numpy as np

        order, (file, line) = self._order(), place
        if not len(order.starts[file]):
            return 0
        nth = max(int(np.searchsorted(order.starts[file], line, "right")) - 1, 0)
        start, at = int(order.starts[file][nth]), int(order.places[file][nth])
        inside = sum(shown < line for shown in self._lines_of(file, start))
        return min(int(order.rows[at]) + inside, int(order.rows[-1]))

    def shown(self, file: int, hits: Selection) -> int:
        return self._chosen.shown(file, hits) if self._chosen else hits.count
