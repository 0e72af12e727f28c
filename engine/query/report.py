"""The report of a run, as text or as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from engine.query.codec import travels
from engine.query.export import Exported
from engine.query.request import AboutRun, Steps, Urgency, Work
from engine.query.sources import Sources
from engine.query.summary import Summarised, WorkerUsage
from engine.query.timeline import TasksOverTime

T = TypeVar("T")


@travels
@dataclass(frozen=True)
class Report:
    """An HTML page, and the number of its tasks."""

    page: str
    tasks: int


@travels
@dataclass(frozen=True)
class ReadReport(AboutRun[Report]):
    """An HTML page about the run."""

    urgency: ClassVar[Urgency] = Urgency.SCAN

    def steps(self, sources: Sources) -> Steps[Report]:
        return (yield from _report(self.folder, sources))


@travels
@dataclass(frozen=True)
class SaveReport(AboutRun[Exported]):
    """Write such a page to `path`, which appears when it is complete."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    path: Path

    def steps(self, sources: Sources) -> Steps[Exported]:
        from engine.results.export.writing import replacing

        found = yield from _report(self.folder, sources)
        with replacing(self.path) as draft:
            draft.write_text(found.page, "utf-8", "backslashreplace")
        return Exported(found.tasks)


def _report(folder: Path, sources: Sources) -> Work[Report]:
    from engine.results.report import report

    summary = yield from _answer(Summarised(folder).steps(sources))
    usage = yield from _answer(WorkerUsage(folder).steps(sources))
    throughput = yield from _answer(TasksOverTime(folder).steps(sources))
    return Report(report(folder, summary, throughput, usage), summary.done)


def _answer(steps: Steps[T]) -> Work[T]:
    """An answer, without its partial answers."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        yield
