"""Everything about one task: its call, its outcome, its log and its output, page by page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.inputs.written import Call
from engine.job import JobError, display_name
from engine.query.codec import travels
from engine.query.parts import NOTHING, Kept, Parts
from engine.query.pictures import picture_of
from engine.query.request import AboutRun, Steps, Work
from engine.query.run import RunSource
from engine.query.sources import Sources
from engine.query.traces import Code, SourceFile
from engine.results.called import stage_of
from engine.results.names import STATUSES
from engine.runs import Failure, Printed, UnreadableRun
from engine.runs.unended import at_hand, status_of

PAGE = 10_000
"""Characters of a text on one page."""
STEP = 256
"""Pieces of a text that are processed in one step."""
MOST_ATTEMPTS = 20
"""Failed attempts that are shown: the last ones."""
LONGEST_CALL = 100_000
"""Longest call that can be copied."""
INPUT, VALUE, LOG, PRINTED = "input", "value", "log", "printed"
"""The texts of a task. There is also one for each failed attempt, named by its number."""

travels(SourceFile)


@travels
@dataclass(frozen=True)
class Text:
    """A page of a text."""

    kind: str
    """`text`, `bytes`, `value`, `display`, `long` or `none`, as in `parts.Kept`."""
    text: str = ""
    start: int = 0
    """How many characters precede it,"""
    more: bool = False
    """and whether more follow."""
    size: int = -1
    """Length in characters, or in bytes; -1 if unknown."""


@travels
@dataclass(frozen=True)
class Attempt:
    """A failed attempt at a task."""

    number: int
    kind: str
    message: str
    trace: Text
    worker: int
    time: float


@travels
@dataclass(frozen=True)
class Detail:
    """Everything about one task."""

    task: int
    status: str
    worker: int
    start: float
    """0 if it has not run."""
    end: float
    attempts: int
    input: Text
    value: Text
    failures: tuple[Attempt, ...]
    """The last one comes last."""
    log: Text
    printed: Text
    printers: tuple[int, int]
    """The first and last of the tasks that may have printed it."""
    left_out: int
    """Printed bytes that were not kept."""
    call: str
    """The call in Python; empty if the input is not kept as a value."""
    files: tuple[SourceFile, ...]
    """The source files named in its tracebacks."""
    can_debug: bool = False
    """Whether it can run on its own, unlike a part of a script."""
    picture: bytes = b""
    """The image file that is its value or its input."""
    cpu: float | None = None
    """Processor seconds that it took, or its batch; None if unknown."""
    cpu_tasks: int = 1
    """How many tasks took that together,"""
    cpu_seconds: float = 0.0
    """and in what time."""
    stage: str = ""
    """Of a script's task: the function that it calls, and where the script called that."""


@travels
@dataclass(frozen=True)
class ReadTask(AboutRun[Detail]):
    """Everything about a task, with the first page of each text."""

    task: int

    def steps(self, sources: Sources) -> Steps[Detail]:
        run = sources.get(RunSource, self.folder).reader
        yield
        parts = Parts(run, self.task)
        code = Code(self.folder)
        given, gave = _input(parts), parts.value()
        argument = yield from _first_page(given)
        value = yield from _first_page(gave)
        log = yield from _page("text", parts.log())
        printed = yield from _page("text", _printed(parts, code))
        failures = tuple([_attempt(failure, code) for failure in parts.failures[-MOST_ATTEMPTS:]])
        dump = [printed.text] if _is_crash(parts) else []
        files = code.files([*(attempt.trace.text for attempt in failures), *dump])
        prints = parts.prints()
        return Detail(
            self.task,
            *_facts(parts),
            argument,
            value,
            failures,
            log,
            printed,
            _printers(prints, self.task),
            sum(part.left_out for part in prints),
            _call(parts),
            tuple(files),
            _can_debug(parts),
            picture_of(parts, given, gave),
            *_cpu(parts),
            stage=stage_of(run, self.task),
        )


@travels
@dataclass(frozen=True)
class ReadText(AboutRun[Text]):
    """A page of one text of a task, from the character `start` on."""

    aside: ClassVar[bool] = True
    task: int
    part: str
    start: int

    def steps(self, sources: Sources) -> Steps[Text]:
        yield
        parts = Parts(sources.get(RunSource, self.folder).reader, self.task, whole=True)
        row_id = parts.row.id if parts.row else 0
        key = (self.task, self.part, row_id, len(parts.failures))
        last = sources.get(LastRead, self.folder)
        if last.key != key or last.reading.at > self.start:
            last.key, last.reading = key, self._reading(parts)
        return (yield from last.reading.page(self.start))

    def _reading(self, parts: Parts) -> Reading:
        code = Code(self.folder)
        if self.part in (INPUT, VALUE):
            kept = _input(parts) if self.part == INPUT else parts.value()
            return Reading(kept.kind, kept.pieces(), _size(kept))
        if self.part == LOG:
            return Reading("text", parts.log())
        if self.part == PRINTED:
            return Reading("text", _printed(parts, code))
        for failure in parts.failures:
            if str(failure.attempt) == self.part:
                return Reading("text", iter((code.with_sources(failure.traceback),)))
        raise UnreadableRun(f"Task {self.task} has no text {self.part} any more.")


@travels
@dataclass(frozen=True)
class Saved:
    """What was written: the file and its length."""

    path: Path
    size: int


@travels
@dataclass(frozen=True)
class SaveText(AboutRun[Saved]):
    """Write the input or value of a task to `path`: bytes and texts as they are, others as their text."""

    aside: ClassVar[bool] = True
    task: int
    part: str
    path: Path

    def steps(self, sources: Sources) -> Steps[Saved]:
        yield
        parts = Parts(sources.get(RunSource, self.folder).reader, self.task, whole=True)
        kept = parts.input() if self.part == INPUT else parts.value()
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.draft")
        try:
            with draft.open("wb") as file:
                for piece in kept.data():
                    file.write(piece)
                size = file.tell()
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
        return Saved(self.path, size)


def _input(parts: Parts) -> Kept:
    try:
        return parts.input()
    except JobError:  # the page says so
        return NOTHING


def _first_page(kept: Kept) -> Work[Text]:
    """The beginning of a value."""
    return (yield from Reading(kept.kind, kept.pieces(), _size(kept)).page(0))


def _size(kept: Kept) -> int:
    return len(kept.value) if kept.kind in ("text", "bytes") else -1


class Reading:
    """A text that is read page by page."""

    def __init__(self, kind: str, pieces: Iterator[str], size: int = -1) -> None:
        self._kind = kind
        self._pieces = pieces
        self._size = size
        self.at = 0
        """Pages can be read from here on: earlier pieces are gone."""
        self._rest = ""

    def page(self, start: int) -> Work[Text]:
        """The page that begins at `start`; later pieces are not read."""
        if self._kind == "none":
            return Text(self._kind)
        found: list[str] = []
        at, piece, stop, count = self.at, self._rest, start + PAGE, 0
        while True:
            end = at + len(piece)
            if end > start:
                found.append(piece[max(start - at, 0) : stop - at])
            if end > stop or (following := next(self._pieces, None)) is None:
                break
            at, piece, count = end, following, count + 1
            if count % STEP == 0:
                yield
        self.at, self._rest = (stop, piece[stop - at :]) if end > stop else (end, "")
        more = end > stop or self._kind == "long"
        return Text(self._kind, _travelling("".join(found)), start, more, self._size)


class LastRead:
    """The text of a run that was read last, so that turning its pages does not start over."""

    def __init__(self, _folder: Path) -> None:
        self.key: tuple[object, ...] = ()
        self.reading = Reading("none", iter(()))

    def close(self) -> None:
        """Nothing is open."""


def _page(kind: str, pieces: Iterator[str]) -> Work[Text]:
    return (yield from Reading(kind, pieces).page(0))


def _travelling(text: str) -> str:
    """A text without lone surrogates, which nothing can display."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cut(text: str, start: int) -> Text:
    """The same for a text that is in memory."""
    return Text("text", _travelling(text[start : start + PAGE]), start, len(text) > start + PAGE, len(text))


def _is_crash(parts: Parts) -> bool:
    return parts.status is not None and STATUSES[parts.status] == "died"


def _printed(parts: Parts, code: Code) -> Iterator[str]:
    """What it printed; a crash dump of the interpreter is completed with the source lines that it names."""
    return map(code.with_sources, parts.printed()) if _is_crash(parts) else parts.printed()


def _attempt(failure: Failure, code: Code) -> Attempt:
    trace = _cut(code.with_sources(failure.traceback), 0)
    message = _travelling(failure.message[:PAGE])
    return Attempt(failure.attempt, failure.kind, message, trace, failure.worker, failure.time)


def _facts(parts: Parts) -> tuple[str, int, float, float, int]:
    """Status, worker, start, end, and how many attempts there were."""
    row, failed = parts.row, len(parts.failures)
    if row is None or parts.status is None:
        last = parts.failures[-1] if parts.failures else None
        doing = at_hand(parts.run)
        now = doing.get(parts.task) if doing else None
        status = status_of(parts.task, last.kind if last else None, doing)
        if now is not None:
            return status, now.worker, now.since, 0.0, failed
        return status, last.worker if last else 0, 0.0, 0.0, failed
    (start,), (seconds,) = parts.run.times_of(row, parts.place, parts.place + 1)
    return STATUSES[parts.status], row.worker, start, start + seconds, failed + (parts.status == 0)


def _cpu(parts: Parts) -> tuple[float | None, int, float]:
    """The processor time of its batch, its number of tasks, and their total duration."""
    row = parts.row
    if row is None or (cpu := parts.run.cpu_of(row)) is None:
        return None, 1, 0.0
    _, seconds = parts.run.times_of(row, 0, row.count)
    return cpu, row.count, sum(seconds)


def _printers(prints: list[Printed], task: int) -> tuple[int, int]:
    spans = [part.tasks for part in prints]
    return min([task, *(s.start for s in spans)]), max([task, *(s.stop - 1 for s in spans)])


def _can_debug(parts: Parts) -> bool:
    try:
        return not parts.run.facts((0, 0)).is_script and bool(parts.run.job)
    except JobError:
        return False


def _call(parts: Parts) -> str:
    """The task as a call."""
    if parts.run.facts((0, 0)).is_script:
        return ""  # whether its input is one argument or several is not recorded
    try:
        job = parts.run.job
        call = Call(display_name(job), job.inputs.called, job.parameters, whole=True)
        if job.inputs.kind == "none":
            return call.without_input()
        if _input(parts).kind == "none":
            return ""
        written = call.written(parts.argument())
    except (JobError, ValueError):
        return ""
    return _travelling(written) if len(written) <= LONGEST_CALL else ""
