"""`poolhouse compare`: measures ways to run a job, in the terminal."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.check import check
from engine.cli import interrupts, status
from engine.cli.status import complain
from engine.compare import CannotCompare, Comparison, GivenUp, Line, Options, Way, compare
from engine.compare.ways import Demands
from engine.job import STDIN, Job, JobError, check_value, load
from engine.results.words import duration
from engine.trial import install_command


def compare_job(options: argparse.Namespace) -> int:
    """Compare the ways to run a job, and say which is best."""
    try:
        job = load(options.file)
        if options.python:
            job = job.with_(function=replace(job.function, python=str(Path(options.python).absolute())))
        problems = [*check(job), *_problems(options)]
        if problems:
            raise JobError(problems)
    except JobError as error:
        for problem in error.problems:
            complain(f"{options.file}: {problem.key}: {problem.message}" if problem.key else problem.message)
        return status.NOT_VALID
    with interrupts.Gathered() as came, _with_kept_input(job) as job:
        try:
            found = compare(job, _options(options), _Teller(options.quiet), lambda: came)
        except GivenUp:
            complain("Stopped.")
            return status.STOPPED
        except CannotCompare as error:
            _say_why(job, error)
            return status.NOT_VALID
        except OSError as error:
            complain(f"There is no folder for the measurements: {error}.")
            return status.NOT_VALID
    if options.format == "json":
        print(json.dumps(as_json(found), indent=2))
    else:
        print(_text(found))
    return status.FINISHED


def _problems(options: argparse.Namespace) -> list[Any]:
    """The problems of option values that a job file could also have."""
    given = [("run.start_method", name) for name in options.start_methods]
    given += [("run.batch", size) for size in options.batch_sizes]
    given += [("run.blas_threads", threads) for threads in options.blas]
    return [problem for key, value in given if (problem := check_value(key, value))]


def _options(options: argparse.Namespace) -> Options:
    demands = Demands(tuple(options.start_methods), tuple(options.batch_sizes), tuple(options.blas))
    return Options(options.sample, options.budget, demands)


@contextmanager
def _with_kept_input(job: Job) -> Generator[Job]:
    """The job with its standard input stored in a file, which can be read more than once."""
    if job.inputs.path != STDIN:
        yield job
        return
    with tempfile.TemporaryDirectory(prefix="poolhouse-stdin-") as place:
        path = Path(place) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield job.with_(inputs=replace(job.inputs, path=str(path)))


def _say_why(job: Job, error: CannotCompare) -> None:
    complain(f"{error.key}: {error.reason}" if error.key else error.reason)
    if error.details:
        print(error.details.rstrip(), file=sys.stderr)
    if install := install_command(job, error.reason):
        complain(f"To install what is missing: {install}")


class _Teller:
    """Prints on stderr what will be called, then the progress."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._told = ""
        self._rows = 0

    def __call__(self, found: Comparison) -> None:
        if self._quiet:
            return
        words = found.plan.words()
        if words != self._told:
            self._told = words
            self._say(words)
        if len(found.measured) > self._rows:
            self._rows = len(found.measured)
            last = found.measured[-1]
            self._say(f"  {last.way.title}: {_per(last.per_task)}")

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def _per(seconds: float) -> str:
    return f"{duration(seconds)} an input"


def as_json(found: Comparison) -> dict[str, Any]:
    """The measurements and the verdict as plain JSON."""
    reached = found.verdict
    assert reached is not None
    serial = _serial(found)
    told = asdict(reached)
    told["cpu_share"] = told.pop("share")
    for name in ("expected", "low", "high"):
        told[f"{name}_seconds"] = told.pop(name)
    curve = found.curve
    return {
        "function": found.plan.function,
        "inputs": found.plan.tasks,
        "sample": found.plan.sample,
        "spread": found.plan.is_spread,
        "calls": found.calls,
        "seconds": found.seconds,
        "cores": found.cores,
        "measurements": [_row(line, serial, found.plan.tasks) for line in found.lines],
        "curve": curve and {"law": curve.law, **asdict(curve), "most_workers": curve.most},
        "verdict": told,
    }


def _serial(found: Comparison) -> Line:
    return next(line for line in found.lines if line.way == Way("serial"))


def _row(line: Line, serial: Line, tasks: int | None) -> dict[str, Any]:
    return {
        **asdict(line.way),
        "rounds": len(line.rounds),
        "calls": line.tasks,
        "failed": line.failed,
        "seconds_per_input": line.per_task,
        "seconds_per_input_most": line.slowest,
        "rate": 1 / line.per_task,
        "speed_up": line.speed_up(serial),
        "speed_up_least": serial.per_task / line.slowest,
        "start_up": line.start_up,
        "task_seconds": line.mean,
        "task_seconds_most": line.longest,
        "cpu_seconds": line.cpu,
        "memory": line.memory,
        "expected_seconds": None if tasks is None else line.total(tasks),
    }


HEAD = ("", "an input", "+-", "speed-up", "start-up", "CPU", "memory", "all inputs")


def _text(found: Comparison) -> str:
    """A table and the verdict."""
    serial, reached = _serial(found), found.verdict
    assert reached is not None
    rows = [HEAD, *(_cells(line, serial, found.plan.tasks) for line in found.lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    table = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    advice = f"Advice: {_way(reached.mode, reached.workers)}"
    if reached.expected is not None:
        advice += f", about {duration(reached.expected)} for all {found.plan.tasks:,} inputs"
        advice += f" ({duration(reached.low)} to {duration(reached.high)})"
    return "\n".join([*table, "", f"{advice}.", reached.reason])


def _way(mode: str, workers: int) -> str:
    return f'mode "{mode}"' if mode == "serial" else f'mode "{mode}", {workers} workers'


def _cells(line: Line, serial: Line, tasks: int | None) -> tuple[str, ...]:
    noise = (line.slowest / line.per_task - 1) / 2
    return (
        line.way.title,
        duration(line.per_task),
        f"{noise:.0%}",
        f"{line.speed_up(serial):.2f}",
        duration(line.start_up),
        "" if line.share is None or line.is_tiny else f"{line.share:.0%}",
        "" if line.memory is None else f"{line.memory / (1 << 20):,.0f} MiB",
        "" if tasks is None else duration(line.total(tasks)),
    )
