"""Mode threads: one process with many concurrent tasks. A fault costs the guilty task, and no other."""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.launch import HostHandle, Message, Started, Workers
from engine.runs import DB, open_run
from tests.running import START_METHODS, make_job, run_job

TOGETHER = """
import ctypes, os, re, signal, threading, time
together = threading.Barrier(4)

def meet():
    '''Wait until four tasks run at once, if there are as many.'''
    try:
        together.wait(10)
    except threading.BrokenBarrierError:
        pass
"""


def threads(folder: Path, source: str, tasks: int, **run: Any) -> Any:
    run = {"workers": 4, **run}
    return make_job(folder, TOGETHER + source, inputs=range(tasks), mode="threads", batch=1, **run)


CRASHES = {
    "os._exit": ("os._exit(5)", "exited with status 5"),
    "null pointer": ("ctypes.string_at(0)", "killed by SIGSEGV"),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
}


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("method", START_METHODS)
def test_a_crash_is_blamed_on_the_one_that_crashes(tmp_path: Path, crash: str, method: str) -> None:
    act, words = CRASHES[crash]
    source = f"def f(x):\n    if x < 4: meet()\n    if x == 2: {act}\n    time.sleep(0.05)\n    return x"
    source = source.replace("meet()", "meet() if threading.current_thread().name != 'MainThread' else None")
    run = run_job(threads(tmp_path, source, 12, start_method=method))
    assert run.statuses == {2: "died"}
    record = run.records[2]
    assert words in record.error
    assert record.attempts == 1
    with open_run(run.folder) as reader:
        assert [reader.failures(x) for x in range(12) if x != 2] == [[]] * 11
    with closing(sqlite3.connect(run.folder / DB)) as db:
        assert db.execute("SELECT sum(count) FROM batch").fetchone() == (12,), "none is recorded twice"
        assert db.execute("SELECT max(lane) < 4 FROM worker").fetchone() == (1,), "a lane of the pool each"


def test_tasks_beside_one_that_hangs_are_called_once(tmp_path: Path) -> None:
    source = f"""
def f(x):
    with open({str(tmp_path / "calls")!r}, "a") as file:
        file.write(f"{{x}}\\n")
    if x < 4: meet()
    if x == 1: time.sleep(600)
    time.sleep(0.2)
    return threading.current_thread().name
"""
    run = run_job(threads(tmp_path, source, 12, timeout=3.0))
    assert run.statuses == {1: "timeout"}
    calls = sorted(map(int, (tmp_path / "calls").read_text().split()))
    assert calls == list(range(12))
    assert all(r.value.startswith("Worker-") for r in run.records if r.index != 1), "none ran by itself"


def test_one_that_holds_the_interpreter_is_found(tmp_path: Path) -> None:
    """No other thread can run beside it, so none has a chance to end in time."""
    source = """
def f(x):
    if x < 4 and threading.current_thread().name != "MainThread": meet()
    if x == 3: re.match("(a*)*b", "a" * 64)
    time.sleep(0.1)
    return x
"""
    run = run_job(threads(tmp_path, source, 10, timeout=3.0))
    assert run.statuses == {3: "timeout"}
    assert [r.value for r in run.records if r.index != 3] == [0, 1, 2, *range(4, 10)]


def test_all_hang(tmp_path: Path) -> None:
    run = run_job(threads(tmp_path, "def f(x): time.sleep(600)", 6, workers=3, timeout=1.0))
    assert set(run.statuses.values()) == {"timeout"}
    assert len(run.statuses) == 6


def test_memory_is_blamed_on_the_one_that_takes_it(tmp_path: Path) -> None:
    source = """
def f(x):
    if x < 4 and threading.current_thread().name != "MainThread": meet()
    if x == 1:
        taken = [bytearray(64 << 20) for _ in range(200)]
    return len(bytearray(20 << 20))
"""
    run = run_job(threads(tmp_path, source, 12, memory_limit="2 GiB"))
    assert run.statuses == {1: "memory"}


def test_where_each_thread_is(tmp_path: Path) -> None:
    """Each has the stack of its own task; pausing and ending by hand work as always."""
    seen: dict[int, str] = {}
    gate = tmp_path / "gate"
    source = f"""
def wait_here_for_0(): wait()
def wait_here_for_1(): wait()
def wait():
    while not os.path.exists({str(gate)!r}): time.sleep(0.01)
def f(x):
    if x < 2: globals()[f"wait_here_for_{{x}}"]()
    return x
"""
    job = threads(tmp_path, source, 40, workers=2)

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Started):
            host.look()
        if isinstance(message, Workers):
            stacks = {w.task: w.stack for w in message.workers if w.task in (0, 1)}
            if len(stacks) == 2 and all("wait_here_for_" in stack for stack in stacks.values()):
                seen.update(stacks)
                gate.touch()
            else:
                host.look()

    run = run_job(job, react)
    assert run.statuses == {}
    for x, stack in seen.items():
        assert set(re.findall(r"wait_here_for_\d", stack)) == {f"wait_here_for_{x}"}
        assert "threading.py" not in stack


def test_a_thread_that_is_ended_by_hand(tmp_path: Path) -> None:
    mark = tmp_path / "hangs"
    source = f"""
def f(x):
    if x == 0:
        open({str(mark)!r}, "w").close()
        time.sleep(600)
    return x
"""

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Started):
            host.look()
        if isinstance(message, Workers):
            hung = [worker.number for worker in message.workers if worker.task == 0]
            if hung and mark.exists():
                host.kill_worker(hung[0])
            else:
                host.look()

    run = run_job(threads(tmp_path, source, 30), react)
    assert run.statuses == {0: "died"}
    assert "ended by hand" in run.records[0].error


def test_async_functions_share_a_loop_and_run_no_more_than_n_at_once(tmp_path: Path) -> None:
    source = """
import asyncio
running = most = 0
loops = set()
async def left_behind():
    await asyncio.sleep(600)
async def f(x):
    global running, most
    loops.add(id(asyncio.get_running_loop()))
    running += 1
    most = max(most, running)
    kept = asyncio.ensure_future(left_behind())
    await asyncio.sleep(0.05)
    running -= 1
    if x == 3: raise SystemExit(3)
    if x == 5: asyncio.get_running_loop().stop()
    return most, len(loops)
"""
    run = run_job(threads(tmp_path, source, 40, workers=8))
    assert run.statuses == {3: "error"}
    values = [r.value for r in run.records if r.index != 3]
    assert max(most for most, _ in values) <= 8
    assert {loops for _, loops in values} == {1}


def test_a_process_that_is_worn_out_is_replaced(tmp_path: Path) -> None:
    """Descriptors that a task closed are lost; the other tasks end in their own time."""
    source = "def f(x):\n    if x == 9: os.closerange(0, 3)\n    time.sleep(0.01)\n    return x"
    run = run_job(threads(tmp_path, source, 60))
    assert run.statuses == {}
    assert run.values == list(range(60))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a thread has stopped")
@pytest.mark.parametrize(("act", "holds"), [("sum(range(9999))", True), ("time.sleep(0.01)", False)])
def test_how_often_tasks_held_the_lock_is_told(tmp_path: Path, act: str, holds: bool) -> None:
    source = f"""
def f(x):
    meet()
    while time.thread_time() < 0.5 and time.perf_counter() < began + 1:
        {act}
began = time.perf_counter()
"""
    with open_run(run_job(threads(tmp_path, source, 4)).folder) as reader:
        held = reader.facts().lock_held
    assert held is not None
    assert (held > 0.5) is holds
