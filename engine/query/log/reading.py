"""The index of a log, built in slices, and what is known about the log meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar
from zoneinfo import available_timezones

from engine.log.formats.detect import format_names
from engine.log.log import Log
from engine.log.rotated import parts_of
from engine.query.codec import travels
from engine.query.log.opened import Logs, logs_of
from engine.query.log.spec import AboutLog
from engine.query.request import Steps, Urgency
from engine.query.sources import Sources
from engine.runs.logged import printed_beside

TELL_SECONDS = 0.1
"""Seconds between two progress reports."""


@travels
@dataclass(frozen=True)
class LogFormat:
    """A format, and how many of the sampled lines are in it."""

    name: str
    text: str
    lines: int


@travels
@dataclass(frozen=True)
class LogState:
    """What is known about a log."""

    generation: int
    """If it changes, files or the way of reading them changed, and earlier line numbers are void."""
    lines: int
    end: int
    """Bytes that have been read."""
    records: int
    by_level: tuple[int, ...]
    """Records of each level, those without one first."""
    share: float
    """The share of it that has been read."""
    complete: bool
    formats: tuple[str, ...]
    """The names of the formats, the most frequent first."""
    sure: float
    """The share of possible first lines that match one of the formats."""
    misfits: tuple[str, ...]
    """Some lines that match no format."""
    encoding: str
    notes: tuple[str, ...]
    """Oddities of the files, in words."""
    places: int
    """Rows of a run's database that say where tasks wrote into the log; 0 if it is not a run's log."""
    rotated: tuple[Path, ...]
    """The parts of a rotated log whose newest part is this file; empty if there are no others."""
    printed: tuple[Path, ...] = ()
    """What workers printed, if the first file is the log of a run."""
    detected: tuple[LogFormat, ...] = ()
    """The formats again, with what they look like."""


@travels
@dataclass(frozen=True)
class ReadLog(AboutLog[LogState]):
    """Read what is new, to its end."""

    urgency: ClassVar[Urgency] = Urgency.FACTS

    def steps(self, sources: Sources) -> Steps[LogState]:
        logs = logs_of(sources, self.ref)
        logs.look()
        told = monotonic()
        for _ in logs.extend():
            now = monotonic()
            if now > told + TELL_SECONDS:
                told = now
                yield state_of(logs)
            else:
                yield
        return state_of(logs)


@travels
@dataclass(frozen=True)
class LogChoices:
    """What can be chosen by hand."""

    formats: tuple[str, ...]
    zones: tuple[str, ...]


@travels
@dataclass(frozen=True)
class ChoicesForLog(AboutLog[LogChoices]):
    """The names of all known formats and time zones."""

    urgency: ClassVar[Urgency] = Urgency.FACTS

    def steps(self, sources: Sources) -> Steps[LogChoices]:
        yield
        return LogChoices(tuple(format_names()), tuple(sorted(available_timezones())))


def state_of(logs: Logs) -> LogState:
    """What is known so far."""
    found = [file.log for file in logs.files if file.log]
    first = found[0] if found else None
    names: Counter[str] = Counter()
    for log in found:
        names.update({ranked.format.name: ranked.votes for ranked in log.detection.formats})
    levels = [log.records.by_level() for log in found]
    paths = logs.ref.paths
    return LogState(
        logs.generation,
        logs.lines,
        sum(log.records.end for log in found),
        sum(log.records.count for log in found),
        tuple(sum(counts) for counts in zip(*levels, strict=True)) if levels else (0,) * 7,
        1.0 if logs.complete else _share(found),
        logs.complete,
        tuple(name for name, _ in names.most_common()),
        min((log.detection.sure for log in found if log.detection.formats), default=0.0),
        first.detection.misfits[:5] if first else (),
        first.encoding.name if first else "",
        tuple(note for log in found for note in log.notes()),
        sum(log.tasks.known for log in found if log.tasks),
        _rotated(paths[0]) if len(paths) == 1 else (),
        tuple(printed_beside(paths[0])),
        _detected(found),
    )


def _detected(logs: list[Log]) -> tuple[LogFormat, ...]:
    """The formats of all files, the most frequent first."""
    votes: Counter[tuple[str, str]] = Counter()
    for log in logs:
        votes.update(
            {(ranked.format.name, ranked.format.text): ranked.votes for ranked in log.detection.formats}
        )
    return tuple(LogFormat(name, text, lines) for (name, text), lines in votes.most_common())


def _share(logs: list[Log]) -> float:
    ends = [log.source.end() for log in logs]
    total = sum(end or 0 for end in ends)
    return sum(log.records.end for log in logs) / total if total and None not in ends else 0.0


def _rotated(path: Path) -> tuple[Path, ...]:
    found = parts_of(path)
    return tuple(found) if len(found) > 1 else ()
