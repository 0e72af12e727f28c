"""What a case of the conformance suite is, and how our engine runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.check import check
from engine.job import Inputs
from engine.launch import Ended, HostHandle, Message, Progress
from engine.runs import open_run
from tests.running import START_METHODS, Finished, make_job, run_job

ANY_METHOD = ("",)
"""The engine's own choice of start method, if the case does not depend on it."""
EVERY_METHOD = START_METHODS


@dataclass(frozen=True)
class Failed:
    """The outcome of a task without a result; its message or traceback contains `words`."""

    status: str
    words: str = ""


@dataclass(frozen=True)
class Refused:
    """A job that does not run: the key at fault, and words of the reason."""

    key: str
    words: str = ""


@dataclass(frozen=True)
class Case:
    """A behaviour that another pool's test suite checks, as a job of ours with its expected outcomes."""

    name: str
    origin: str
    """The suites that check it, and how, if the name does not say so."""
    source: str
    """Source of the module with the function."""
    inputs: Iterable[Any] | Inputs
    expected: Any
    """An outcome for each task, or what `view` makes of them; or `Refused`."""
    run: dict[str, Any] = field(default_factory=dict[str, Any])
    function: str = "f"
    view: Callable[[list[Any]], Any] = list
    methods: tuple[str, ...] = ANY_METHOD
    stop_at: int = 0
    """The run is stopped once this many tasks are counted."""

    def __str__(self) -> str:
        return self.name


def outcomes(case: Case, method: str, folder: Path) -> Any:
    """The outcomes of `case` in our engine, as `case.view` shows them."""
    job = make_job(folder, case.source, case.function, case.inputs, **{"start_method": method, **case.run})
    if problems := check(job):
        return Refused(problems[0].key, problems[0].message)

    def stop(host: HostHandle, message: Message) -> None:
        if case.stop_at and isinstance(message, Progress) and message.done >= case.stop_at:
            host.stop()

    run = run_job(job, stop)
    assert isinstance(run.ended, Ended)
    if run.ended.state == "failed":
        return Refused(run.ended.key, run.ended.reason)
    return case.view(_outcomes(run))


def _outcomes(run: Finished) -> list[Any]:
    with open_run(run.folder) as reader:
        traces = {
            record.index: "".join(failure.traceback for failure in reader.failures(record.index))
            for record in run.records
            if record.status != "ok"
        }
    return [
        record.value
        if record.status == "ok"
        else Failed(record.status, f"{record.error}\n{traces[record.index]}")
        for record in run.records
    ]


def same(found: Any, expected: Any) -> bool:
    """Whether an outcome equals the expected one, including its type: 1 is not True."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(same(one, other) for one, other in zip(found, expected, strict=True))
        )
    if type(found) is not type(expected):
        return False
    if isinstance(expected, Failed):
        return found.status == expected.status and expected.words in found.words
    if isinstance(expected, Refused):
        return found.key == expected.key and expected.words in found.words
    return found == expected
