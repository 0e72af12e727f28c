"""The timeline of a run: views of it, totals of a time span, and the place of a task."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from engine.query.codec import travels
from engine.query.request import A, AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.timeline.answers import Band, Bars, Call, Lane, Main, Mark, Spot, Sums, Throughput, View
from engine.runs import RunReader, UnreadableRun

if TYPE_CHECKING:
    from engine.results.timeline.timeline import Timeline, Window

for kind in (Band, Bars, Call, Lane, Main, Mark, Spot, Sums, Throughput, View):
    travels(kind)

MOST_LANES = 512
"""Bars in one view."""
MOST_WIDTH = 16_384
BUCKETS = 200
"""Points of the throughput."""
SHORTEST = 1e-3
"""Shortest time span for totals, in seconds."""
SKETCH = 0.3
"""Seconds between two partial answers."""
_TRIES = 3


class TimelineOf:
    """The timeline of one run, created when first needed, and again if rows were removed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._of: tuple[RunReader, int] | None = None
        self._made: Timeline | None = None

    def close(self) -> None:
        self._of = self._made = None

    def extend(
        self, sources: Sources, sketch: Callable[[RunReader, Timeline, bool], Any]
    ) -> Generator[Any, None, tuple[RunReader, Timeline, bool] | None]:
        """Add what is new: the run, its timeline, and whether it is active. None without a run.db.

        If that takes long, it yields from time to time what `sketch` makes of the state so far.
        """
        from engine.results.timeline.timeline import Timeline

        run = sources.get(RunSource, self.folder).look()
        if run is None:
            return None
        live = run.is_live()
        while True:
            now = (run, run.generation())
            if self._made is None or self._of != now:
                self._of, self._made = now, Timeline()
            made = self._made
            due = time.monotonic() + SKETCH
            for _ in made.extend(run):
                if time.monotonic() < due:
                    yield None
                else:
                    yield sketch(run, made, live)
                    due = time.monotonic() + SKETCH
            if run.generation() == now[1]:
                return run, made, live

    def is_current(self, run: RunReader) -> bool:
        """Whether no rows were removed since."""
        return self._of == (run, run.generation())


class _AboutTimeline(AboutRun[A | None]):
    """Starts over if rows were removed in the meantime."""

    def steps(self, sources: Sources) -> Steps[A | None]:
        kept = sources.get(TimelineOf, self.folder)
        for left in reversed(range(_TRIES)):
            found = yield from kept.extend(sources, self._sketch)
            if found is None:
                return None
            try:
                return (yield from self._answer(*found))
            except UnreadableRun:
                if not left or kept.is_current(found[0]):
                    raise
        return None

    def _sketch(self, run: RunReader, timeline: Timeline, live: bool) -> View | None:
        """What can be shown before everything is read."""

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Generator[Any, None, Any]:
        raise NotImplementedError


@travels
@dataclass(frozen=True)
class SeeTimeline(_AboutTimeline[View]):
    """A part of the timeline, at a width in pixels; `count` lanes from `top` on. None without a run.db.

    Without `begin` it starts with the run, without `end` it reaches to the latest known time. With `by_stage`
    it has the stage of each pixel.
    """

    begin: float | None
    end: float | None
    width: int
    top: int
    count: int
    by_stage: bool = False

    def _sketch(self, run: RunReader, timeline: Timeline, live: bool) -> View | None:
        return timeline.sketch(run, live, time.time(), self._window)

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Steps[View | None]:
        return timeline.view(run, live, time.time(), self._window)

    @property
    def _window(self) -> Window:
        from engine.results.timeline.timeline import Window

        width, count = max(1, min(self.width, MOST_WIDTH)), max(1, min(self.count, MOST_LANES))
        return Window(self.begin, self.end, width, max(0, self.top), count, self.by_stage)


@travels
@dataclass(frozen=True)
class SumUp(_AboutTimeline[Sums]):
    """What happened in a time span."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    begin: float
    end: float

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Steps[Sums]:
        _, last = timeline.bounds(run, live, time.time())
        return timeline.sums(run, self.begin, self.end, last)


@travels
@dataclass(frozen=True)
class TaskAt(_AboutTimeline[Spot]):
    """The task in a lane at a moment, or the nearest one within `slack` seconds."""

    lane: int
    time: float
    slack: float

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Steps[Spot | None]:
        yield
        return timeline.nearest(run, self.lane, self.time, self.slack)


@travels
@dataclass(frozen=True)
class PlaceOfTask(_AboutTimeline[Spot]):
    """The place of a task; None if it is unfinished."""

    task: int

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Steps[Spot | None]:
        yield
        return timeline.place_of(run, self.task)


@travels
@dataclass(frozen=True)
class TasksOverTime(_AboutTimeline[Throughput]):
    """How many tasks ended in each part of the run's time, or of a time span."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    begin: float | None = None
    """Seconds since the epoch."""
    end: float | None = None

    def _answer(self, run: RunReader, timeline: Timeline, live: bool) -> Steps[Throughput]:
        first, last = timeline.bounds(run, live, time.time())
        begin = first if self.begin is None else max(self.begin, first)
        end = last if self.end is None else min(self.end, last)
        return timeline.throughput(begin, max(end, begin + SHORTEST), BUCKETS)
