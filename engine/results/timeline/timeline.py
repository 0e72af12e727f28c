"""A run by lane and time: views at any zoom, totals of a time span, and the place of a task."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results.names import STATUSES
from engine.results.timeline.answers import Bars, Main, Spot, Sums, Throughput, View
from engine.results.timeline.density import Ramps
from engine.results.timeline.drawing import Drawing
from engine.results.timeline.entries import Entries, entries
from engine.results.timeline.events import events
from engine.results.timeline.lanes import Lanes
from engine.results.timeline.marks import how_ended, marks
from engine.results.timeline.spans import Rows, Spans
from engine.results.timeline.stages import GROUPS, Stages
from engine.runs import RunReader, WorkerRecord

MANY = 200_000
"""If a view needs more tasks than this, a first version without them is returned."""
SHORTEST = 1e-6
"""Shortest view in seconds, the resolution of the clock."""
NEAREST = 16
"""Rows near a place that are searched for the nearest task."""
_PART = 200_000


@dataclass(frozen=True)
class Window:
    """What to show: the whole run without `begin` and `end`; `count` lanes from `top` on."""

    begin: float | None
    end: float | None
    width: int
    top: int
    count: int
    by_stage: bool = False
    """Whether to show which stage covers a pixel."""


class Timeline:
    """The rows and lanes of one run, kept up to date."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.spans = Spans()
        self.stages = Stages()
        self._last = 0.0
        """The end of the last row,"""
        self._first = np.inf
        """and the start of the first."""
        self._seen = 0
        self._has_retries = False

    def extend(self, run: RunReader) -> Generator[None]:
        """Add what is new."""
        yield from self.lanes.extend(run)
        yield from self.stages.extend(run)
        yield from self.spans.extend(run, self.lanes, self.stages)
        fresh = self.spans.rows[self._seen :]
        if len(fresh):
            self._seen += len(fresh)
            self._last = max(self._last, float(fresh["end"].max()))
            self._first = min(self._first, float(fresh["start"].min()))
        (attempts,) = run.select("SELECT count(*) FROM failure")[0]
        failed = run.facts((0, 0)).failed if run.has_counts() else 0
        self._has_retries = attempts > failed

    def bounds(self, run: RunReader, live: bool, now: float) -> tuple[float, float]:
        """When the run began, and the latest known time."""
        facts = run.facts((0, 0))
        times = (self._first, self.lanes.begin, facts.started)
        known = [time for time in times if time is not None and _is_time(time)]
        first = min(known, default=now)
        end = now if live else facts.ended
        last = max(self._last, end if end is not None and _is_time(end) else first, first)
        return first, last if last > first else first + 1.0

    # views

    def view(
        self, run: RunReader, live: bool, now: float, window: Window
    ) -> Generator[View | None, None, View]:
        """A part of it."""
        base = self._base(run, live, now, window)
        found = yield from marks(run, self.lanes, base.begin, base.end, self._has_retries)
        stop = base.top + len(base.lanes)
        visible = tuple([mark for mark in found if base.top <= mark.lane < stop])
        bands, commits = events(run, base.begin, base.end, base.last)
        base = replace(base, marks=visible, bands=bands, commits=commits)
        if self.lanes.main and _is_time(self.lanes.main.started) and not base.top:
            calls = self.stages.calls(run, base.begin, base.end, base.width, base.last)
            base = replace(base, main=self._main(self.lanes.main, base.last), calls=calls)
        drawing = self._drawing(base, window)
        if drawing.to_read > MANY:
            yield drawing.sketch(base)
        yield from drawing.draw(run)
        return drawing.drawn(base)

    def _main(self, main: WorkerRecord, last: float) -> Main:
        """The main process; its end may not have been seen."""
        covered = self.stages.covered(main.started, max(main.ended or last, main.started), last)
        return Main(main.started, main.ended, covered, how_ended(main.exit_code, main.signal))

    def sketch(self, run: RunReader, live: bool, now: float, window: Window) -> View:
        """A part of it from the rows so far, without their tasks."""
        base = self._base(run, live, now, window)
        return self._drawing(base, window).sketch(base)

    def _base(self, run: RunReader, live: bool, now: float, window: Window) -> View:
        """A view without its drawing."""
        first, last = self.bounds(run, live, now)
        begin = first if window.begin is None else window.begin
        end = max(last if window.end is None else window.end, begin + SHORTEST)
        top = max(0, min(window.top, len(self.lanes) - 1))
        lanes = self.lanes.some(top, window.count)
        total = len(self.lanes)
        view = View(live, first, last, begin, end, window.width, total, top, lanes, b"", Bars(), ())
        return replace(view, stages=self.stages.names)

    def _drawing(self, view: View, window: Window) -> Drawing:
        rows = self._inside(view.begin, view.end, view.top, len(view.lanes))
        return Drawing(rows, view, GROUPS if window.by_stage else 0)

    def _inside(self, begin: float, end: float, top: int = 0, count: int | None = None) -> Rows:
        rows = self.spans.rows
        inside = (rows["end"] > begin) & (rows["start"] < end)
        inside |= (rows["start"] == rows["end"]) & (rows["start"] >= begin) & (rows["start"] <= end)
        if count is not None:
            inside &= (rows["lane"] >= top) & (rows["lane"] < top + count)
        return rows[inside]

    # questions

    def sums(self, run: RunReader, begin: float, end: float, last: float) -> Generator[None, None, Sums]:
        """What happened in a time span; running workers count until `last`."""
        busy = took = 0.0
        tasks = failed = 0
        for part in entries(run, self._inside(begin, end)):
            length, stop = part.seconds * part.count, part.end
            inside = (stop > begin) & (part.start < end)
            inside |= (length == 0) & (part.start >= begin) & (part.start <= end)
            overlap = np.clip(np.minimum(stop, end) - np.maximum(part.start, begin), 0, None)
            share = np.divide(overlap, length, out=np.ones(len(length)), where=length > 0)
            count = np.where(inside, np.maximum(np.round(part.count * share), 1), 0)
            busy += float(overlap.sum())
            took += float((part.seconds * count).sum())
            tasks += int(count.sum())
            failed += int(count[part.status > 0].sum())
            yield
        idle = max(0.0, self.lanes.present(begin, end, last) - busy)
        return Sums(begin, end, busy, idle, tasks, failed, took / tasks if tasks else None)

    def nearest(self, run: RunReader, lane: int, time: float, slack: float) -> Spot | None:
        """The task in a lane at a moment, or the nearest one that is at most `slack` seconds away."""
        rows = self._inside(time - slack, time + slack, lane, 1)
        away = _distance(time, rows["start"], rows["end"])
        rows = rows[np.sort(np.argsort(away, kind="stable")[:NEAREST])]
        best: tuple[float, Spot] | None = None
        for part in entries(run, rows):
            away = _distance(time, part.start, part.end)
            at = int(away.argmin())
            if away[at] <= slack and (best is None or away[at] < best[0]):
                best = float(away[at]), _spot(part, at, rows, time)
        return best[1] if best else None

    def place_of(self, run: RunReader, task: int) -> Spot | None:
        """The place of a task; None if it is unfinished."""
        rows = self.spans.rows
        rows = rows[(rows["first"] <= task) & (task < rows["first"] + rows["count"])][:1]
        for part in entries(run, rows):
            at = int(np.searchsorted(part.task, task, side="right")) - 1
            begin = float(part.start[at] + part.seconds[at] * (task - int(part.task[at])))
            return _spot(part, at, rows, begin, task)
        return None

    def throughput(self, first: float, last: float, buckets: int) -> Generator[None, None, Throughput]:
        """Tasks by time, those of a row spread evenly over it."""
        rows = self.spans.rows
        ramps = Ramps(1, buckets)
        at_once = np.zeros(buckets)
        scale = buckets / (last - first)
        for start in range(0, len(rows), _PART):
            some = rows[start : start + _PART]
            begin, end = (some["start"] - first) * scale, (some["end"] - first) * scale
            length = end - begin
            has_length = length > 0
            none = np.zeros(int(has_length.sum()), np.int64)
            ramps.add(none, begin[has_length], end[has_length], (some["count"] / length)[has_length])
            is_inside = ~has_length & (begin >= 0) & (begin <= buckets)
            places = np.minimum(begin[is_inside], buckets - 1).astype(np.int64)
            at_once += np.bincount(places, some["count"][is_inside], buckets)
            yield
        tasks = np.clip(ramps.lengths()[0], 0, None) + at_once
        return Throughput(first, last, tuple(tasks.tolist()))


def _is_time(time: float) -> bool:
    return 0 < time < schema.MOST_TASKS


def _distance(time: float, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.maximum(start - time, time - end), 0)


def _spot(part: Entries, at: int, rows: Rows, time: float, task: int | None = None) -> Spot:
    """A task of an entry: the one at a time, unless it is given."""
    seconds, start = float(part.seconds[at]), float(part.start[at])
    count = int(part.count[at])
    place = int((time - start) / seconds) if task is None and seconds > 0 else 0
    place = max(0, min(place, count - 1)) if task is None else task - int(part.task[at])
    row = rows[int(part.row[at])]
    status = STATUSES[int(part.status[at])]
    first = int(part.task[at])
    return Spot(first + place, int(row["lane"]), int(row["worker"]), start + place * seconds, seconds, status)
