"""The same job in each mode: the same results, statuses, log and run folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.job import Inputs
from engine.runs import open_run
from tests.running import LOCAL_MODES, START_METHODS, Finished, make_job, run_job

SOURCE = """
import asyncio, logging, os, threading, time

TRIED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tried")

def inputs():
    yield from range(24)

async def later(x):
    await asyncio.sleep(0)
    logging.info("later %d", x)
    return x * 10

def f(x):
    logging.info("begins %d", x)
    print(f"printed {x}.")
    if x == 3:
        raise ValueError("three")
    if x == 5:
        return threading.Lock()
    if x == 7:
        os._exit(9)
    if x == 13:
        with open(TRIED, "a+") as file:
            file.seek(0)
            if not file.read():
                file.write("once")
                raise OSError("the first time")
    if x == 15:
        return later(x)
    if x == 17:
        return (n for n in range(x, x + 3))
    if x == 19:
        return {"x": b"x" * 100_000}
    return x
"""
STATUSES = {3: "error", 5: "unpicklable", 7: "died"}
ODD = {15: 150, 17: [17, 18, 19], 19: {"x": b"x" * 100_000}}
ATTEMPTS = {3: 2, 5: 2, 7: 2, 13: 2}


def expected() -> dict[int, Any]:
    """The values of the tasks that have one."""
    return {x: ODD.get(x, x) for x in range(24) if x not in STATUSES}


def check(run: Finished, mode: str) -> None:
    """Check all that must be the same in each mode."""
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 21, 3)  # type: ignore[union-attr]
    records = run.records
    assert run.statuses == STATUSES
    assert {r.index: r.value for r in records if r.status == "ok"} == expected()
    assert [r.input for r in records] == list(range(24))
    attempts = {r.index: r.attempts for r in records if r.attempts != 1}
    with open_run(run.folder) as reader:
        kinds = {x: [failure.kind for failure in reader.failures(x)] for x in (7, 13)}
    assert kinds[7] == ["died", "died"], "each call that ended is told once"
    if records[13].attempts == 1:
        # It failed, and before that was reported, the task beside it killed the process: it ran again.
        assert mode == "threads"
        assert kinds[13] == []
        assert {**attempts, 13: 2} == ATTEMPTS
    else:
        assert kinds[13] == ["error"]
        assert attempts == ATTEMPTS
    assert "ValueError: three" in records[3].error
    assert "exited with status 9 while on input 7 (task 7)" in records[7].error
    for x in range(24):
        assert f"{x} root - begins {x}" in run.log
        assert f"printed {x}." in run.output
    assert "15 root - later 15" in run.log, "what a coroutine logs is its task's"
    assert (
        len([line for line in run.log if line.startswith("Task 7 failed") or " Task 7 failed" in line]) == 2
    )


def job_of(folder: Path, mode: str, **run: Any) -> Any:
    made = make_job(
        folder, SOURCE, inputs=Inputs("generator", generator="inputs"), mode=mode, workers=3, retries=1, **run
    )
    return made.with_(log=replace(made.log, format="%(task)s %(name)s - %(message)s"))


@pytest.mark.parametrize("mode", LOCAL_MODES)
def test_each_mode_gives_the_same(tmp_path: Path, mode: str) -> None:
    check(run_job(job_of(tmp_path, mode)), mode)


@pytest.mark.parametrize("method", START_METHODS)
def test_threads_under_each_start_method(tmp_path: Path, method: str) -> None:
    check(run_job(job_of(tmp_path, "threads", start_method=method)), "threads")


@pytest.mark.parametrize("mode", ["threads", "serial"])
def test_on_every_interpreter(tmp_path: Path, interpreter: Path, mode: str) -> None:
    job = job_of(tmp_path, mode)
    check(run_job(job.with_(function=replace(job.function, python=str(interpreter)))), mode)


@pytest.mark.parametrize("mode", LOCAL_MODES)
def test_a_time_limit_in_each_mode(tmp_path: Path, mode: str) -> None:
    source = "import time\ndef f(x):\n    time.sleep(600 if x == 4 else 0)\n    return x"
    run = run_job(make_job(tmp_path, source, inputs=range(12), mode=mode, workers=3, timeout=2.0))
    assert run.statuses == {4: "timeout"}
    assert "The time limit of 2 s for a task was reached while on input 4" in run.records[4].error
    assert [r.value for r in run.records if r.index != 4] == [x for x in range(12) if x != 4]


@pytest.mark.parametrize("mode", LOCAL_MODES)
def test_a_run_of_each_mode_is_resumed(tmp_path: Path, mode: str) -> None:
    mark = tmp_path / "mended"
    source = f"import os\ndef f(x):\n    if x % 3 == 1 and not os.path.exists({str(mark)!r}):\n"
    source += "        os._exit(1)\n    return x"
    job = make_job(tmp_path, source, inputs=range(9), mode=mode, workers=3)
    first = run_job(job)
    assert first.statuses == {1: "died", 4: "died", 7: "died"}
    mark.touch()
    again = run_job(job, resume=first.folder)
    assert again.statuses == {}
    assert again.values == list(range(9))
