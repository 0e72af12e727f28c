"""The report of a run, written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.query.codec import travels
from engine.query.export import Exported
from engine.query.request import Request, Steps, Urgency
from engine.query.run import RunSource
from engine.query.sources import Sources


@travels
@dataclass(frozen=True)
class SaveReport(Request[Exported]):
    """Write a page of HTML about the run to `path`, which appears when it is whole."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    folder: Path
    path: Path

    @property
    def source(self) -> Path:
        return self.folder

    def steps(self, sources: Sources) -> Steps[Exported]:
        from engine.results.export.writing import replacing
        from engine.results.report import report
        from engine.results.summary import summary

        found = yield from summary(sources.get(RunSource, self.folder).reader)
        with replacing(self.path) as draft:
            draft.write_text(report(self.folder, found), "utf-8", "backslashreplace")
        return Exported(found.done)
