"""The task that a line belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.log.recogniser import CONTINUATION
from engine.query.codec import travels
from engine.query.log.opened import logs_of
from engine.query.log.spec import AboutLog
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources


@travels
@dataclass(frozen=True)
class LogTask:
    """The task that a line belongs to, if any."""

    task: int | None


@travels
@dataclass(frozen=True)
class TaskOfLine(AboutLog[LogTask]):
    """The task that wrote a line, by the run's records or by the text of the line."""

    urgency: ClassVar[Urgency] = Urgency.FACTS
    file: int
    line: int

    def steps(self, sources: Sources) -> Steps[LogTask]:
        logs = logs_of(sources, self.ref)
        logs.look()
        for _ in logs.extend():
            yield
        log = logs.files[self.file].log
        if log is None or not 0 <= self.line < log.records.lines:
            return LogTask(None)
        raw = log.record_lines(self.line)
        task: object = log.task_at(log.lines.offset(log.source, self.line))
        if task is None and raw.code != CONTINUATION:
            task = log.read(raw).task
        return LogTask(task if isinstance(task, int) else None)
