"""Two runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.query.codec import travels
from engine.query.request import AboutRun, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.results.differences import JobChange, RunDifferences, RunSide, TaskPair

for kind in (JobChange, TaskPair, RunSide, RunDifferences):
    travels(kind)


@travels
@dataclass(frozen=True)
class CompareRuns(AboutRun[RunDifferences]):
    """How two runs differ: their jobs and code, times, results and failures."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    aside: ClassVar[bool] = True
    other: Path

    def steps(self, sources: Sources) -> Steps[RunDifferences]:
        from engine.results.versus import differences

        one, other = (sources.get(RunSource, folder).reader for folder in (self.folder, self.other))
        return (yield from differences(one, other))
