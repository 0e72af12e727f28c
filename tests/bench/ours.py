"""Poolhouse as the benchmarks run it: a whole run each time, with results on disk and each task timed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.job import Function, Inputs, Job, Run
from engine.launch import Ended, HostHandle, LinkLost, Message, Progress, Started
from engine.runs import create
from tests.bench.loads import Load

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def job_for(load: Load, count: int, workers: int, method: str = "", mode: str = "pool") -> Job:
    """The job that runs the first `count` tasks of a load."""
    source = "\n".join(
        [
            f"import sys; sys.path.insert(0, {str(ROOT)!r})",
            "from functools import partial",
            "from tests.bench import payloads" if "payloads" in _text(load.task) + _text(load.inputs) else "",
            "from tests.bench import tasks",
            f"task = {_text(load.task)}",
            f"def inputs(): return {_text(load.inputs)}({count})",
        ]
    )
    if load.inputs is range:
        inputs = Inputs(kind="range", stop=count)
    else:
        inputs = Inputs(kind="generator", generator="inputs")
    return Job(Function(source=source, name="task"), inputs, Run(mode, workers, method))


def _text(function: Any) -> str:
    """A function of the benchmarks, or a partial one, as source code."""
    if isinstance(function, partial):
        given = ", ".join(f"{name}={value!r}" for name, value in function.keywords.items())
        return f"partial({_text(function.func)}, {given})"
    module = function.__module__.removeprefix("tests.bench.")
    return function.__name__ if module == "builtins" else f"{module}.{function.__name__}"


def messages(host: HostHandle) -> Iterator[Message]:
    """The messages of the host until its end, which must be a success."""
    while message := host.receive():
        assert not isinstance(message, LinkLost), message
        yield message
        if isinstance(message, Ended):
            assert message.state == "finished", message
            return


@contextmanager
def run(job: Job) -> Iterator[tuple[HostHandle, Path]]:
    """The host that runs `job`, in a run folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as root:
        folder = create(job, Path(root))
        with HostHandle.start(job, folder) as host:
            yield host, folder


def measure(load: Load, count: int, workers: int, mode: str = "pool") -> float:
    """Seconds from the first worker being ready until the last result is on disk."""
    return seconds(job_for(load, count, workers, mode=mode), count)


def seconds(job: Job, count: int) -> float:
    """The seconds that a job takes for its `count` tasks."""
    began = took = 0.0
    with run(job) as (host, _):
        for message in messages(host):
            if isinstance(message, Started):
                began = perf_counter()
            elif isinstance(message, Progress) and message.ok == count and not took:
                took = perf_counter() - began
    assert took
    return took
