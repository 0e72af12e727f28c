"""Huge and endless inputs: the host's memory is bounded by what is in flight, not by the number of tasks."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from engine.job import Inputs
from engine.launch import Ended, HostHandle, Message, Progress
from engine.runs import create, runs_root
from tests.running import follow, make_job

MB = 1 << 20
SOURCE = """
from itertools import count

def f(x):
    return x

def some():
    return iter(range({tasks}))

def endless():
    return count()
"""

INPUTS = {
    "range": (2_000_000, Inputs("range", stop=2_000_000)),
    "generator": (1_000_000, Inputs("generator", generator="some")),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_the_memory_of_the_host_stays_flat(tmp_path: Path, kind: str) -> None:
    tasks, inputs = INPUTS[kind]
    job = make_job(tmp_path, SOURCE.format(tasks=tasks), inputs=inputs, workers=2)
    sizes: list[int] = []
    with HostHandle.start(job, create(job, runs_root())) as host:
        process = psutil.Process(host.pid)

        def look(_: HostHandle, message: Message) -> None:
            if isinstance(message, Progress) and message.done >= tasks // 4:
                sizes.append(process.memory_info().rss)

        ended = follow(host, look)[-1]
    assert isinstance(ended, Ended)
    assert (ended.ok, ended.failed) == (tasks, 0)
    assert max(sizes) < 100 * MB
    assert max(sizes) - sizes[0] < 25 * MB


def test_an_endless_generator_runs_until_it_is_stopped(tmp_path: Path) -> None:
    job = make_job(
        tmp_path, SOURCE.format(tasks=0), inputs=Inputs("generator", generator="endless"), workers=2
    )
    with HostHandle.start(job, create(job, runs_root())) as host:
        process = psutil.Process(host.pid)

        def stop(_: HostHandle, message: Message) -> None:
            if isinstance(message, Progress) and message.ok > 500_000:
                host.stop()

        ended = follow(host, stop)[-1]
        assert not process.is_running()
    assert isinstance(ended, Ended)
    assert (ended.state, ended.failed, ended.total) == ("stopped", 0, None)
    assert ended.ok > 500_000
