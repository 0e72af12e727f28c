"""Applies a filter to a log: by level and time for whole blocks at once, by text only if necessary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.log.chunk import NO_TIME, Chunk
from engine.log.filters import Filter
from engine.log.finding import Finder, Part
from engine.log.formats.format import Fields, TextFormat, number, stripped
from engine.log.lines import Block
from engine.log.log import Log
from engine.log.places import lines_of, places_of
from engine.log.recogniser import CONTINUATION
from engine.log.record import RawRecord, exception_of
from engine.log.search import Pattern
from engine.log.selection import Selection
from engine.log.times import Moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.log.lines import Positions

    Mask = NDArray[np.bool_]
    Found = dict[Pattern, "Positions | Sequence[int]"]

_MARGIN = 15 * 3_600_000_000
"""The largest difference between the clocks of two zones: within it, the times of a block decide nothing."""


class Chooser:
    """Applies a filter to a log, chunk by chunk, and continues where it stopped when the log has grown."""

    def __init__(self, log: Log, wanted: Filter) -> None:
        self.log = log
        self.wanted = wanted
        self.selection = Selection()
        self.preamble = False
        """Whether the lines before the first record are among the matches."""
        self._generation = log.generation
        self._test = _FieldTest(log, wanted)
        self._finders: dict[Pattern, Finder] = {}
        unpatterned = replace(wanted, every=(), any=(), none=())
        self._by_patterns_alone = not wanted.is_empty and unpatterned.is_empty
        self._spans = task_spans(log, wanted.tasks)
        """Where the tasks in question wrote, as recorded by the run."""

    def run(self) -> Iterator[float]:
        """Filter what is new; yields the finished share after each step."""
        log = self.log
        if log.generation != self._generation:
            self.selection = Selection()
            self._generation = log.generation
            self._test = _FieldTest(log, self.wanted)
        self._spans = task_spans(log, self.wanted.tasks)
        for first, mask, share in self.spans(self.selection.lines):
            self.selection.cut(first)
            self.selection.add(first, mask)
            self.selection.preamble = self.preamble
            yield share

    def spans(self, covered: int = 0) -> Iterator[tuple[int, Mask, float]]:
        """Yields parts, beginning where the first `covered` lines are uncertain: the first line, those
        of matching records in the part, and the finished share of the log."""
        chunks = self.log.records.chunks
        with ExitStack() as stack:
            finders = [stack.enter_context(Finder(self.log, pattern)) for pattern in self.wanted.patterns]
            self._finders = {finder.pattern: finder for finder in finders}
            for place in range(self._first_unsure(covered), len(chunks)):
                if place >= len(chunks):  # the index is about to read its last part again
                    return
                chunk = chunks[place]
                yield chunk.first, self._choose(place, chunk), (place + 1) / len(chunks)

    def _first_unsure(self, covered: int) -> int:
        """The chunk to continue with: the last record may have grown, so it is examined again."""
        records = self.log.records
        if not covered or not records.chunks:
            return 0
        return records.chunk_at(records.start_of(min(covered, records.lines) - 1))

    def _choose(self, place: int, chunk: Chunk) -> Mask:
        import numpy as np

        part = Part(self.log, chunk)
        found = self._found(part) if self._by_patterns_alone else None
        if found is not None and place and not self._may_match(found) and not self._goes_on(place):
            return np.zeros(chunk.count, bool)
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
            mask = self._by_text(place, part, codes, mask, found or self._found(part))
        if place == 0:
            self.preamble = len(codes) > 0 and codes[0] == CONTINUATION and bool(mask[0])
        return np.asarray(mask)

    def _preamble(self) -> bool:
        """Whether the lines before the first record can match: they have text, but no fields."""
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

        if self.log.recogniser.late_times:
            return mask & self._late_times_fit(chunk)
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

        block = self.log.block_of(chunk)
        lines = np.flatnonzero(codes != CONTINUATION)
        good = np.zeros(len(codes), bool)
        records = self.log.records
        if records.recogniser.prefix and self._is_on_one_scale():
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

    def _late_times_fit(self, chunk: Chunk) -> Mask:
        """The same if records may have their times in later lines."""
        import numpy as np

        good = np.zeros(chunk.count, bool)
        last = self._time_before(chunk)
        for raw in self.log.walk(chunk.first, chunk.first + chunk.count):
            if raw.code != CONTINUATION:
                last = self.log.read(raw).time or last
                good[raw.line - chunk.first] = self.wanted.fits_time(last)
        return good

    def _is_on_one_scale(self) -> bool:
        """Whether all bounds are on the scale of the times that numpy reads."""
        prefix = self.log.records.recogniser.prefix
        bounds = [bound for bound in (self.wanted.since, self.wanted.until) if bound]
        return prefix is not None and all(bound.aware == prefix.aware for bound in bounds)

    def _time_before(self, chunk: Chunk) -> Moment | None:
        """The last known time before a chunk."""
        records = self.log.records
        line = chunk.first
        while line > 0:
            line = records.start_of(line - 1)
            if int(records.codes(line, 1)[0]) == CONTINUATION:
                return None
            if moment := self.log.record(line).time:
                return moment
        return None

    def _found(self, part: Part) -> Found:
        """The lines of a part with a hit of each pattern."""
        return {pattern: finder.lines_in(part) for pattern, finder in self._finders.items()}

    def _may_match(self, found: Found) -> bool:
        """Whether a record that ends in the part can meet the patterns."""
        wanted = self.wanted
        return all(len(found[pattern]) for pattern in wanted.every) and (
            not wanted.any or any(len(found[pattern]) for pattern in wanted.any)
        )

    def _by_text(self, place: int, part: Part, codes: NDArray[np.uint8], mask: Mask, found: Found) -> Mask:
        """Which records match by patterns and fields; the last one, which may continue, is examined whole."""
        import numpy as np

        starts = np.flatnonzero(codes != CONTINUATION)
        if len(codes) and codes[0] == CONTINUATION and mask[0]:
            starts = np.concatenate([np.zeros(1, np.int64), starts])
        good = np.zeros(len(codes), bool)
        chosen = starts[self._patterns_fit(found, starts) & mask[starts]]
        good[chosen] = True
        if self.wanted.fields_asked:
            block = part.block
            good[chosen] = False
            ends = np.append(starts, len(codes))
            placed = self._placed(block, starts)
            for n in self._worth_reading(block, starts, chosen, placed):
                nth = int(np.searchsorted(starts, n))
                by_task = bool(placed[nth])
                fits = None if by_task else self._test.quick(int(codes[n]), block.texts[n])
                if fits is None:
                    lines = block.texts[n : int(ends[nth + 1])]
                    fits = self._fields_fit(lines, int(codes[n]), by_task=by_task)
                good[n] = fits
        last = int(starts[-1])
        if mask[last] and self._goes_on(place):
            raw = self.log.record_lines(part.chunk.first + last)
            good[last] = self._fits(raw)
        return good

    def _placed(self, block: Block, starts: NDArray[np.int64]) -> Mask:
        """Which records were written by the tasks in question, as recorded by the run."""
        import numpy as np

        if not self._spans:
            return np.zeros(len(starts), bool)
        begins, ends = np.array(self._spans, np.int64).T
        offsets = np.asarray(block.raw_starts)[starts] + block.offset
        last = np.searchsorted(begins, offsets, "right") - 1
        return (last >= 0) & (offsets < ends[last])

    def _goes_on(self, place: int) -> bool:
        """Whether the last record of a chunk continues in the next one."""
        chunks = self.log.records.chunks
        return place + 1 < len(chunks) and chunks[place + 1].continues

    def _fits(self, raw: RawRecord) -> bool:
        wanted = self.wanted
        if not wanted.fits_text(raw.lines):
            return False
        by_task = any(begin <= raw.offset < end for begin, end in self._spans)
        return not wanted.fields_asked or self._fields_fit(raw.lines, raw.code, by_task=by_task)

    def _fields_fit(self, lines: Sequence[str], code: int, *, by_task: bool) -> bool:
        form = self.log.format_of(code)
        if form is None:
            return False
        fields = form.fields(lines, self.log.today)
        exception = exception_of(lines, fields, form) if self.wanted.exceptions else None
        if by_task:
            fields.task = self.wanted.tasks[0]
        return self.wanted.fits_fields(fields, exception)

    def _patterns_fit(self, found: Found, starts: NDArray[np.int64]) -> Mask:
        """For each record that starts in a part: whether the patterns match its lines in the part."""
        import numpy as np

        def met(pattern: Pattern) -> Mask:
            hit = np.zeros(len(starts) + 1, bool)
            hit[np.searchsorted(starts, np.asarray(found[pattern], np.int64), "right")] = True
            return hit[1:]

        fits = np.ones(len(starts), bool)
        for pattern in self.wanted.every:
            fits &= met(pattern)
        if self.wanted.any:
            either = np.zeros(len(starts), bool)
            for pattern in self.wanted.any:
                either |= met(pattern)
            fits &= either
        for pattern in self.wanted.none:
            fits &= ~met(pattern)
        return fits

    def _worth_reading(
        self, block: Block, starts: NDArray[np.int64], chosen: NDArray[np.int64], placed: Mask
    ) -> list[int]:
        """Those of the matching records so far that contain the text of a required field."""
        import numpy as np

        keep = np.ones(len(starts), bool)
        wanted = self.wanted
        for values in (wanted.loggers, wanted.processes, wanted.threads, wanted.tasks, wanted.exceptions):
            if not values or not all(
                value.isascii() and value.replace(".", "").isalnum() for value in values
            ):
                continue
            hit = np.zeros(len(starts) + 1, bool)
            for value in values:
                lines = lines_of(block.data, places_of(block.data, value.encode()))
                hit[np.searchsorted(starts, lines, "right")] = True
            keep &= (hit[1:] | placed) if values is wanted.tasks else hit[1:]
        return chosen[keep[np.searchsorted(starts, chosen)]].tolist()


def task_spans(log: Log, tasks: Sequence[str]) -> list[tuple[int, int]]:
    """Where some tasks wrote into the log, as recorded by the run."""
    numbers = [int(text) for text in tasks if text.isdecimal()]
    return log.tasks.spans(numbers) if log.tasks and numbers else []


class _FieldTest:
    """Conditions on fields of the first line. Answers are cached: most records repeat what others say."""

    _MOST = 50_000

    def __init__(self, log: Log, wanted: Filter) -> None:
        self._log = log
        self._wanted = wanted
        self._known: dict[tuple[str | None, ...], bool] = {}

    def quick(self, code: int, line: str) -> bool | None:
        """Whether the conditions hold, None if that needs more than this line."""
        form = self._log.format_of(code)
        if not isinstance(form, TextFormat) or self._wanted.exceptions or form.ending:
            return None
        found = form.whole.match(line)
        if found is None:
            return None
        values = found.group(*form.tested)
        known = self._known.get(values)
        if known is None:
            known = self._wanted.fits_fields(_fields(dict(zip(form.tested, values, strict=True))), None)
            if len(self._known) < self._MOST:
                self._known[values] = known
        return known


def _fields(groups: dict[str, str | None]) -> Fields:
    fields = Fields(
        logger=stripped(groups.get("logger")),
        process=number(groups.get("pid") or groups.get("process")),
        thread=number(groups.get("thread") or groups.get("tid")),
        task=number(groups.get("task")),
    )
    fields.more = {"process_name": groups.get("process"), "tid": number(groups.get("tid"))}
    return fields
