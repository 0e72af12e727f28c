"""The summary of a run, and the resources that its workers used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.answers import Called, Group, Histogram, LongTask, Summary
from engine.results.usage import Series, Usage, usage

for kind in (Called, Group, Histogram, LongTask, Series, Summary, Usage):
    travels(kind)


@travels
@dataclass(frozen=True)
class Summarised(AboutRun[Summary]):
    """Counts, times, speed-up, the longest tasks and the groups of failures of a run."""

    urgency: ClassVar[Urgency] = Urgency.SCAN

    def steps(self, sources: Sources) -> Steps[Summary]:
        from engine.results.summary import summary

        return (yield from summary(sources.get(RunSource, self.folder).reader))


@travels
@dataclass(frozen=True)
class WorkerUsage(AboutRun[Usage]):
    """Memory and processor time of the workers of a run, over its time."""

    urgency: ClassVar[Urgency] = Urgency.SCAN

    def steps(self, sources: Sources) -> Steps[Usage]:
        yield
        return usage(sources.get(RunSource, self.folder).reader)


@travels
@dataclass(frozen=True)
class Durations(AboutRun["Histogram | None"]):
    """How many tasks took how long, among those between two durations."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    least: float
    greatest: float

    def steps(self, sources: Sources) -> Steps[Histogram | None]:
        from engine.results.histogram import part

        return (yield from part(sources.get(RunSource, self.folder).reader, self.least, self.greatest))
