"""Retries and the limits of a job: time, memory, failures, tasks of a worker."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from engine.runs import open_run
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)


def test_retries_until_it_works(tmp_path: Path) -> None:
    source = """
import os
import shutil
def f(x):
    tries = len(os.listdir(".")) if x == 3 else 9
    if tries < 4:
        open(f"try{tries}", "w").close()
        os._exit(1) if tries == 2 else 1 / 0
    return x
"""
    folder = tmp_path / "job"
    folder.mkdir()
    run = run_job(make_job(folder, source, inputs=range(6), batch=6, workers=1, retries=4))
    assert run.values == list(range(6))
    assert run.records[3].attempts > 1
    with open_run(run.folder) as reader:
        assert [f.attempt for f in reader.failures(3)] == list(range(1, run.records[3].attempts))


def test_retries_run_out(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "def f(x):\n    return 1 / x", inputs=[1, 0, 2], retries=2))
    assert run.statuses == {1: "error"}
    assert run.records[1].attempts == 3
    assert run.ended.failed == 1


def test_stop_after_failures(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.01)\n    return 1 / 0"
    run = run_job(make_job(tmp_path, source, inputs=range(1000), stop_after_failures=3))
    assert run.ended.state == "stopped"
    assert 3 <= run.ended.failed < 30
    assert "3" in run.ended.reason


def test_tasks_per_worker(tmp_path: Path) -> None:
    source = "import os\ndef f(x):\n    return os.getpid()"
    run = run_job(make_job(tmp_path, source, inputs=range(20), tasks_per_worker=4))
    pids = run.values
    assert all(pids.count(pid) <= 4 for pid in pids)


@every_start_method
@pytest.mark.parametrize("watched", [False, True], ids=["by the system", "by the host"])
def test_memory_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: bool, method: str) -> None:
    """If the system cannot enforce it on a process (macOS, Windows), the host watches."""
    if watched:
        monkeypatch.setenv("POOLHOUSE_WATCH_MEMORY", "1")
    source = """
import time
def f(x):
    kept = bytearray(x)
    kept[::4096] = b"x" * len(kept[::4096])
    if x > 1 << 20:
        time.sleep(60)
    return len(kept)
"""
    inputs = [10, 20, 700 << 20, 30, 40]
    job = make_job(tmp_path, source, inputs=inputs, memory_limit="512 MiB", start_method=method, batch=5)
    run = run_job(job)
    assert run.statuses == {2: "memory"}
    assert [record.value for record in run.records] == [10, 20, None, 30, 40]
    if watched:
        words = "The memory limit of 512 MiB was reached while on input 734003200 (task 2)."
        assert run.records[2].error == words


@every_start_method
def test_a_time_limit_with_retries(tmp_path: Path, method: str) -> None:
    """Each attempt gets the full time; what waits in the batch behind a hang has its own."""
    source = """
import os, time
def f(x):
    time.sleep(0.05)
    if x == 3:
        tries = len([name for name in os.listdir(".") if name.startswith("try")])
        if tries < 2:
            open(f"try{tries}", "w").close()
            time.sleep(60)
    return x
"""
    job = make_job(
        tmp_path, source, inputs=range(12), workers=1, batch=12, timeout=0.5, retries=2, start_method=method
    )
    run = run_job(job)
    assert run.values == list(range(12))
    assert [record.attempts for record in run.records] == [3 if x == 3 else 1 for x in range(12)]
    with open_run(run.folder) as reader:
        attempts = reader.failures(3)
    assert [(f.attempt, f.kind, f.signal) for f in attempts] == [
        (1, "timeout", "SIGKILL"),
        (2, "timeout", "SIGKILL"),
    ]
    if sys.platform != "win32":
        assert any('.py", line 9 in f' in f.traceback for f in attempts), "the stack that it was in"
    assert len({f.worker for f in attempts}) == 2


def test_the_wait_before_another_attempt_doubles(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "def f(x):\n    return 1 / 0", inputs=[0], workers=1, retries=3))
    with open_run(run.folder) as reader:
        times = [failure.time for failure in reader.failures(0)]
    waits = [after - before for before, after in pairwise(times)]
    assert all(wait >= least for wait, least in zip(waits, (0.1, 0.2, 0.4), strict=True))
