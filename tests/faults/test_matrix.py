"""Every fault, under every start method, in a batch of quick tasks and as a slow one: it costs one task."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.host.record.display import display
from engine.job import Inputs
from engine.runs import DB, output_files
from tests.faults.table import FAULTS, HANGS, Fault, module
from tests.running import START_METHODS, Finished, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)


@every_start_method
def test_in_the_middle_of_batches_of_quick_tasks(tmp_path: Path, method: str) -> None:
    """Between two faults there are batches without any, so that tasks are run in groups."""
    faults = {73 + 150 * n: fault for n, fault in enumerate(FAULTS.values())}
    source = module({x: fault.code for x, fault in faults.items()})
    tasks = 150 * len(faults)
    job = make_job(tmp_path, source, inputs=range(tasks), batch=50, start_method=method, memory_limit="4 GiB")
    check(run_job(job), faults, tasks)


@every_start_method
def test_as_slow_tasks(tmp_path: Path, method: str) -> None:
    faults = {4 + 6 * n: fault for n, fault in enumerate(FAULTS.values())}
    codes = {x: fault.code for x, fault in faults.items()}
    source = module(codes, before_fault="time.sleep(0.05)", every_task="time.sleep(0.003)")
    tasks = 6 * len(faults)
    job = make_job(tmp_path, source, inputs=range(tasks), start_method=method, memory_limit="4 GiB")
    check(run_job(job), faults, tasks)


def test_in_threads(tmp_path: Path) -> None:
    """Each beside three others in their process. Only the main thread may set signal handlers."""
    chosen = [fault for name, fault in FAULTS.items() if name != "signals"]
    faults = {4 + 6 * n: fault for n, fault in enumerate(chosen)}
    # A signal to the process goes to its main thread: the task could end before that handles it.
    to_thread = "os.kill(os.getpid(),", "signal.pthread_kill(threading.get_ident(),"
    codes = {x: fault.code.replace(*to_thread) for x, fault in faults.items()}
    source = module(codes, before_fault="time.sleep(0.05)", every_task="time.sleep(0.003)")
    tasks = 6 * len(faults)
    job = make_job(tmp_path, source, inputs=range(tasks), mode="threads", workers=4, memory_limit="4 GiB")
    check(run_job(job), faults, tasks)


def test_hangs_of_threads_end_at_the_time_limit(tmp_path: Path) -> None:
    words = "The time limit of 1 s for a task was reached while on input {x}"
    hangs = [code for name, code in HANGS.items() if name != "ignores SIGTERM"]
    hangs = [code.replace("SIGSTOP)", "SIGSTOP); time.sleep(1000)") for code in hangs]  # it comes a bit later
    faults = {10 + 20 * n: Fault(code, "timeout", words) for n, code in enumerate(hangs)}
    source = module({x: fault.code for x, fault in faults.items()})
    tasks = 20 * len(faults)
    job = make_job(tmp_path, source, inputs=range(tasks), mode="threads", workers=3, timeout=1.0)
    check(run_job(job), faults, tasks)


def test_on_every_interpreter(tmp_path: Path, interpreter: Path) -> None:
    faults = {4 + 6 * n: fault for n, fault in enumerate(FAULTS.values())}
    source = module({x: fault.code for x, fault in faults.items()})
    tasks = 6 * len(faults)
    job = make_job(
        tmp_path, source, inputs=range(tasks), batch=6, start_method="forkserver", memory_limit="4 GiB"
    )
    job = job.with_(function=replace(job.function, python=str(interpreter)))
    check(run_job(job), faults, tasks)


@every_start_method
def test_hangs_end_at_the_time_limit(tmp_path: Path, method: str) -> None:
    """The first half in batches of quick tasks, the others after some time of their own."""
    hang = {"timeout": 0.5, "words": "The time limit of 0.5 s for a task was reached while on input {x}"}
    faults = {
        10 + 20 * n: Fault(code, "timeout", str(hang["words"])) for n, code in enumerate(HANGS.values())
    }
    codes = {x: fault.code for x, fault in faults.items()}
    source = module(codes, before_fault="time.sleep(0.2 if x > 60 else 0)")
    tasks = 20 * len(faults)
    job = make_job(tmp_path, source, inputs=range(tasks), batch=20, start_method=method, timeout=0.5)
    run = run_job(job)
    check(run, faults, tasks)
    ended = [record.seconds for record in run.records if record.status == "timeout"]
    assert all(seconds is not None and seconds > 0.4 for seconds in ended), "not before the limit"


@pytest.mark.parametrize(
    ("method", "size", "lines"), [("fork", 300, 1000), ("forkserver", 20, 300), ("spawn", 20, 300)]
)
def test_large_results_and_much_output(tmp_path: Path, method: str, size: int, lines: int) -> None:
    """Up to 300 MB as a result, and 1 GB printed: results are kept whole, output files are bounded."""
    size *= 1_000_000
    source = f"""
import time
def f(x):
    if x == 5:
        for n in range({lines}):
            print("x" * 1_000_000)
        time.sleep(1)  # not all file systems can cut a file that is written to, and lose nothing
        print("the last line")
    return b"x" * (x if x != 9 else {size})
"""
    run = run_job(make_job(tmp_path, source, inputs=range(20), start_method=method))
    try:
        assert run.statuses == {}
        sizes = [x if x != 9 else size for x in range(20)]
        assert [len(value) for value in run.values] == sizes
        assert all(path.stat().st_size < 200_000_000 for path in output_files(run.folder))
        assert "bytes of output are left out here]" in run.output
        assert run.output.endswith("the last line\n")
    finally:
        shutil.rmtree(run.folder)


def check(run: Finished, faults: dict[int, Fault], tasks: int) -> None:
    """Each fault has its outcome and message, every other task is ok, and none appears twice."""
    bad = {x: fault.status for x, fault in faults.items() if fault.status != "ok"}
    assert run.statuses == bad
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", tasks - len(bad), len(bad))
    records = run.records
    assert [record.index for record in records] == list(range(tasks))
    assert [r.value for r in records if r.index not in faults] == [x for x in range(tasks) if x not in faults]
    log, output = run.log, run.output
    for x, fault in faults.items():
        record, words = records[x], fault.words.replace("{x}", str(x))
        if fault.status == "ok":
            assert display(record.value) == words
        else:
            assert words in record.error
            assert any(f"Task {x} failed" in line for line in log)
        assert record.attempts == 1
        assert f"root - INFO - last words of {x}" in log
        assert not fault.dump or f"in fault_{x}\n" in output
    with closing(sqlite3.connect(run.folder / DB)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT sum(count) FROM batch").fetchone() == (tasks,)
        ends = {number: end for number, *end in db.execute("SELECT id, last_task, signal FROM worker")}
    for x, fault in faults.items():
        end = ends[records[x].worker or 0]
        if fault.status == "died":
            assert end == [x, next((word for word in fault.words.split() if word.startswith("SIG")), None)]
        elif fault.status == "timeout":
            assert end == [x, "SIGKILL"]


def test_every_task_kills_its_worker(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "import os\ndef f(x):\n    os._exit(1)", inputs=range(12)))
    assert run.ended.state == "finished"
    assert set(run.statuses.values()) == {"died"}
    assert len(run.statuses) == 12


@every_start_method
def test_pools_of_every_kind_inside_a_task(tmp_path: Path, method: str) -> None:
    source = """
import math, multiprocessing
def f(inner):
    with multiprocessing.get_context(inner).Pool(2) as pool:
        return pool.map(math.sqrt, [9, 4])
"""
    inputs = Inputs("list", START_METHODS)
    run = run_job(make_job(tmp_path, source, inputs=inputs, start_method=method))
    assert run.values == [[3.0, 2.0]] * 3
