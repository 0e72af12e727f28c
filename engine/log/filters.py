"""Filters: conditions that combine, and the records of a log that they choose."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from engine.log.formats.format import Fields, Format
from engine.log.lines import Block, blocks
from engine.log.log import Log
from engine.log.record import RawRecord, exception_of
from engine.log.records import CONTINUATION, NO_TIME, Chunk
from engine.log.search import Pattern, lines_with
from engine.log.times import Moment, microseconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_MARGIN = 15 * 3_600_000_000
"""How far the clocks of two zones can be apart: within that, the times of a block decide nothing."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a span of time. Without an offset it is what the writers' clocks show."""

    time: datetime

    @property
    def aware(self) -> bool:
        return self.time.tzinfo is not None

    @property
    def microseconds(self) -> int:
        return microseconds(self.time.astimezone(UTC) if self.aware else self.time)

    def of(self, moment: Moment) -> int:
        """A moment on the scale of this bound."""
        return moment.instant if self.aware else moment.wall


@dataclass(frozen=True)
class Filter:
    """Which records are wanted: all conditions must hold; within one, any of its values."""

    level: int | None = None
    """The lowest level."""
    loggers: tuple[str, ...] = ()
    """Loggers, with their children."""
    processes: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    since: Bound | None = None
    until: Bound | None = None
    lines: tuple[int, int] | None = None
    """The first and the last line, from 0; a record counts if any of its lines is among them."""
    every: tuple[Pattern, ...] = ()
    any: tuple[Pattern, ...] = ()
    none: tuple[Pattern, ...] = ()

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Filter()

    @cached_property
    def fields_asked(self) -> bool:
        return bool(self.loggers or self.processes or self.threads or self.tasks or self.exceptions)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        return (*self.every, *self.any, *self.none)

    def marks(self, line: str) -> bool:
        """Whether a line is one of those that a pattern was looking for."""
        wanted = (*self.every, *self.any)
        return not wanted or any(pattern.matches(line) for pattern in wanted)

    def fits_text(self, lines: Sequence[str]) -> bool:
        """Whether the patterns hold for a record."""

        def found(pattern: Pattern) -> bool:
            return any(pattern.matches(line) for line in lines)

        return (
            all(found(pattern) for pattern in self.every)
            and (not self.any or any(found(pattern) for pattern in self.any))
            and not any(found(pattern) for pattern in self.none)
        )

    def fits_fields(self, fields: Fields, exception: str | None) -> bool:
        """Whether the conditions on fields hold."""
        return (
            _among(self.loggers, fields.logger, _is_child)
            and _among(self.processes, fields.process, _is_equal, fields.more.get("process_name"))
            and _among(self.threads, fields.thread, _is_equal, fields.more.get("tid"))
            and _among(self.tasks, fields.task, _is_equal)
            and _among(self.exceptions, exception, _is_class)
        )

    def fits(self, raw: RawRecord, form: Format | None, today: date) -> bool:
        """Whether one record is wanted, by itself: what `Chooser` finds for many at once."""
        known = form is not None
        if not known and (self.level is not None or self.since or self.until or self.fields_asked):
            return False
        if self.level is not None and raw.code & 7 < self.level:
            return False
        if not self.fits_lines(raw) or not self.fits_text(raw.lines):
            return False
        if not known or not (self.fields_asked or self.since or self.until):
            return True
        fields = form.fields(raw.lines, today)
        exception = exception_of(raw.lines, fields, form) if self.exceptions else None
        return self.fits_time(fields.time) and self.fits_fields(fields, exception)

    def fits_lines(self, raw: RawRecord) -> bool:
        if self.lines is None:
            return True
        return raw.line <= self.lines[1] and raw.line + len(raw.lines) > self.lines[0]

    def fits_time(self, moment: Moment | None) -> bool:
        """Whether a moment is within the span; a record without one is not."""
        if moment is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since.of(moment) >= self.since.microseconds) and (
            self.until is None or self.until.of(moment) <= self.until.microseconds
        )


def _among(
    wanted: Sequence[str], value: object, same: Callable[[str, str], bool], other: object = None
) -> bool:
    if not wanted:
        return True
    return any(same(text, str(given)) for text in wanted for given in (value, other) if given is not None)


def _is_child(wanted: str, logger: str) -> bool:
    return logger == wanted or logger.startswith(f"{wanted}.")


def _is_equal(wanted: str, value: str) -> bool:
    return wanted == value


def _is_class(wanted: str, name: str) -> bool:
    """Whether an exception has this name, with or without its module."""
    return name == wanted or name.rsplit(".", 1)[-1] == wanted


class Selection:
    """The records that a filter chose, as a bit for each line that starts one; and lines by place among them.

    The lines before the first record of the file count as one that starts at line 0.
    """

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._counts: list[int] = []
        self._before: list[int] = []
        self._bits: list[bytes] = []
        self.count = 0
        """Records chosen."""
        self.lines = 0
        """Lines that it covers."""
        self.preamble = False
        """Whether what stands before the first record is among them."""

    def add(self, first: int, mask: Mask) -> None:
        """Take in the lines that follow those known."""
        import numpy as np

        self._firsts.append(first)
        self._before.append(self.count)
        chosen = int(np.count_nonzero(mask))
        self._bits.append(np.packbits(mask).tobytes() if chosen else b"")
        self._counts.append(len(mask))
        self.count += chosen
        self.lines = first + len(mask)

    def cut(self, first: int) -> None:
        """Forget the lines from `first` on, where a part begins."""
        while self._firsts and self._firsts[-1] >= first:
            self.count = self._before.pop()
            self._firsts.pop()
            self._counts.pop()
            self._bits.pop()
        self.lines = first if self._firsts else 0

    def _mask(self, place: int) -> Mask:
        import numpy as np

        size = self._counts[place]
        if not self._bits[place]:
            return np.zeros(size, bool)
        return np.unpackbits(np.frombuffer(self._bits[place], np.uint8), count=size).astype(bool)

    def starts(self, first: int = 0, count: int | None = None) -> Iterator[int]:
        """The first lines of the records chosen, from the one at place `first` on."""
        import numpy as np

        place = max(bisect_right(self._before, first) - 1, 0)
        given = 0
        while place < len(self._firsts) and (count is None or given < count):
            found = np.flatnonzero(self._mask(place)) + self._firsts[place]
            skip = max(first - self._before[place], 0)
            for line in found[skip:].tolist():
                yield line
                given += 1
                if given == count:
                    return
            place += 1

    def rank(self, line: int) -> int:
        """How many records chosen start before a line."""
        import numpy as np

        place = bisect_right(self._firsts, line) - 1
        if place < 0:
            return 0
        return self._before[place] + int(np.count_nonzero(self._mask(place)[: line - self._firsts[place]]))

    def spans(self) -> Iterator[tuple[int, Mask]]:
        """The parts that have any: the first line of each, and its mask."""
        for place, bits in enumerate(self._bits):
            if bits:
                yield self._firsts[place], self._mask(place)


class Chooser:
    """Applies a filter to a log, chunk by chunk, and goes on where it stopped when the log has grown."""

    def __init__(self, log: Log, wanted: Filter) -> None:
        self.log = log
        self.wanted = wanted
        self.selection = Selection()
        self._generation = log.generation

    def run(self) -> Iterator[float]:
        """Choose from what is new, and give the share that is done after each step."""
        log = self.log
        if log.generation != self._generation:
            self.selection = Selection()
            self._generation = log.generation
        chunks = log.records.chunks
        # The last record may go on, so what it is in is looked at again.
        self.selection.cut(self._last_sure())
        start = log.records.chunk_at(self.selection.lines) if self.selection.lines else 0
        for place in range(start, len(chunks)):
            chunk = chunks[place]
            self.selection.add(chunk.first, self._choose(place, chunk))
            yield (place + 1) / len(chunks)

    def _last_sure(self) -> int:
        records = self.log.records
        if not self.selection.lines or not records.chunks:
            return 0
        place = records.chunk_at(records.start_of(min(self.selection.lines, records.lines) - 1))
        return records.chunks[place].first

    def _choose(self, place: int, chunk: Chunk) -> Mask:
        import numpy as np

        codes = self.log.records.codes_of(chunk)
        mask = codes != CONTINUATION
        if place == 0 and len(codes) and codes[0] == CONTINUATION:
            mask = mask.copy()
            mask[0] = self._preamble()
        wanted = self.wanted
        if wanted.level is not None:
            mask = mask & ((codes & 7) >= wanted.level) & (codes != CONTINUATION)
        if wanted.lines and mask.any():
            mask = mask & self._among_lines(chunk, mask)
        if (wanted.since or wanted.until) and mask.any():
            mask = self._in_time(chunk, codes, mask)
        if (wanted.patterns or wanted.fields_asked) and mask.any():
            mask = self._by_text(chunk, codes, mask)
        self.selection.preamble |= place == 0 and len(codes) > 0 and codes[0] == CONTINUATION and bool(mask[0])
        return np.asarray(mask)

    def _preamble(self) -> bool:
        """Whether what stands before the first record may be chosen: it has text, but no field."""
        wanted = self.wanted
        return not (wanted.level is not None or wanted.since or wanted.until or wanted.fields_asked)

    def _among_lines(self, chunk: Chunk, mask: Mask) -> Mask:
        import numpy as np

        assert self.wanted.lines
        low, high = self.wanted.lines
        starts = np.flatnonzero(mask) + chunk.first
        all_starts = np.flatnonzero(self.log.records.codes_of(chunk) != CONTINUATION) + chunk.first
        ends = np.append(all_starts, self.log.records.next_start(chunk.first + chunk.count - 1))
        good = np.zeros(len(mask), bool)
        following = ends[np.searchsorted(ends, starts, "right").clip(max=len(ends) - 1)]
        good[starts[(starts <= high) & (following > low)] - chunk.first] = True
        return good

    def _in_time(self, chunk: Chunk, codes: NDArray[np.uint8], mask: Mask) -> Mask:
        import numpy as np

        since, until = self.wanted.since, self.wanted.until
        low = since.microseconds if since else None
        high = until.microseconds if until else None
        place = self.log.records.chunk_at(chunk.first)
        before = self.log.records.chunks[place - 1].last_time if place else NO_TIME
        times = [time for time in (chunk.earliest, chunk.latest, before) if time != NO_TIME]
        if not times:
            return np.zeros(len(mask), bool)
        earliest, latest = min(times), max(times)
        if (low is not None and latest < low - _MARGIN) or (high is not None and earliest > high + _MARGIN):
            return np.zeros(len(mask), bool)
        inside = (low is None or earliest > low + _MARGIN) and (high is None or latest < high - _MARGIN)
        if inside and before != NO_TIME:
            return mask
        return mask & self._times_fit(chunk, codes)

    def _times_fit(self, chunk: Chunk, codes: NDArray[np.uint8]) -> Mask:
        """Which records of a chunk are within the span: one without a time has that of the record above."""
        import numpy as np

        block = self._block(chunk)
        lines = np.flatnonzero(codes != CONTINUATION)
        good = np.zeros(len(codes), bool)
        records = self.log.records
        if records.recogniser.prefix and self._one_scale(block):
            _, times = records.scan(block)
            known = times[lines]
            sure = known != NO_TIME
            low = self.wanted.since.microseconds if self.wanted.since else NO_TIME + 1
            high = self.wanted.until.microseconds if self.wanted.until else -(NO_TIME + 1)
            fits = (known >= low) & (known <= high)
            good[lines[sure]] = fits[sure]
            if sure.all():
                return good
        last = self._time_before(chunk)
        for n in lines.tolist():
            form = records.recogniser.format_of(int(codes[n]))
            moment = form.fields([block.encoding.text(block.piece(n))], self.log.today).time if form else None
            last = moment or last
            good[n] = self.wanted.fits_time(last)
        return good

    def _one_scale(self, block: Block) -> bool:
        """Whether all bounds are on the scale of the times that numpy reads."""
        prefix = self.log.records.recogniser.prefix
        bounds = [bound for bound in (self.wanted.since, self.wanted.until) if bound]
        return prefix is not None and all(bound.aware == prefix.aware for bound in bounds)

    def _time_before(self, chunk: Chunk) -> Moment | None:
        """The time of the last record before a chunk that has one."""
        records = self.log.records
        line = chunk.first
        while line > 0:
            line = records.start_of(line - 1)
            if int(records.codes(line, 1)[0]) == CONTINUATION:
                return None
            if moment := self.log.record(line).time:
                return moment
        return None

    def _block(self, chunk: Chunk) -> Block:
        log = self.log
        for block in blocks(log.source, log.encoding, chunk.offset, chunk.first, chunk.end, chunk.end - chunk.offset):
            return block
        return Block(b"", chunk.offset, chunk.first, log.encoding, chunk.end)

    def _by_text(self, chunk: Chunk, codes: NDArray[np.uint8], mask: Mask) -> Mask:
        """Which records fit by patterns and fields; the last one, which may go on, is looked at whole."""
        import numpy as np

        block = self._block(chunk)
        starts = np.flatnonzero(codes != CONTINUATION)
        if len(codes) and codes[0] == CONTINUATION and mask[0]:
            starts = np.concatenate([np.zeros(1, np.int64), starts])
        good = np.zeros(len(codes), bool)
        fits = self._patterns_fit(block, starts)
        chosen = starts[fits & mask[starts]]
        good[chosen] = True
        if self.wanted.fields_asked:
            good[chosen] = False
            ends = np.append(starts, len(codes))
            for n in self._worth_reading(block, starts, chosen):
                end = int(ends[np.searchsorted(starts, n, "right")])
                good[n] = self._fields_fit(block.texts[n:end], int(codes[n]))
        last = int(starts[-1])
        if mask[last] and self._goes_on(chunk):
            raw = self.log.record_lines(chunk.first + last)
            good[last] = self._fits(raw)
        return good

    def _goes_on(self, chunk: Chunk) -> bool:
        """Whether the last record of a chunk goes on in the next one."""
        following = self.log.records.codes(chunk.first + chunk.count, 1)
        return len(following) > 0 and int(following[0]) == CONTINUATION

    def _fits(self, raw: RawRecord) -> bool:
        wanted = self.wanted
        if not wanted.fits_text(raw.lines):
            return False
        return not wanted.fields_asked or self._fields_fit(raw.lines, raw.code)

    def _fields_fit(self, lines: Sequence[str], code: int) -> bool:
        form = self.log.format_of(code)
        if form is None:
            return False
        fields = form.fields(lines, self.log.today)
        exception = exception_of(lines, fields, form) if self.wanted.exceptions else None
        return self.wanted.fits_fields(fields, exception)

    def _patterns_fit(self, block: Block, starts: NDArray[np.int64]) -> Mask:
        """For each record of a block that starts in it: whether the patterns hold, by its lines in the block."""
        import numpy as np

        def found(pattern: Pattern) -> Mask:
            hit = np.zeros(len(starts) + 1, bool)
            hit[np.searchsorted(starts, pattern.lines_in(block), "right")] = True
            return hit[1:]

        fits = np.ones(len(starts), bool)
        for pattern in self.wanted.every:
            fits &= found(pattern)
        if self.wanted.any:
            either = np.zeros(len(starts), bool)
            for pattern in self.wanted.any:
                either |= found(pattern)
            fits &= either
        for pattern in self.wanted.none:
            fits &= ~found(pattern)
        return fits

    def _worth_reading(self, block: Block, starts: NDArray[np.int64], chosen: NDArray[np.int64]) -> list[int]:
        """Of the records chosen so far those that have the text of a field that is asked for."""
        import numpy as np

        keep = np.ones(len(starts), bool)
        wanted = self.wanted
        for values in (wanted.loggers, wanted.processes, wanted.threads, wanted.tasks, wanted.exceptions):
            if not values or not all(value.isascii() and value.replace(".", "").isalnum() for value in values):
                continue
            hit = np.zeros(len(starts) + 1, bool)
            for value in values:
                hit[np.searchsorted(starts, lines_with(block, block.data, value.encode()), "right")] = True
            keep &= hit[1:]
        return np.intersect1d(chosen, starts[keep]).tolist()

