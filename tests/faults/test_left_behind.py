"""What a task leaves running neither delays the run's end nor outlives the run, whoever dies first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.job import save
from engine.launch import Ended, HostHandle, LinkLost, Message, Progress
from tests.program import command
from tests.running import START_METHODS, Finished, make_job, run_job

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a system that hands orphans over")
every_start_method = pytest.mark.parametrize("method", START_METHODS)

PRELUDE = """
import multiprocessing, os, signal, subprocess, sys, threading, time

def sleep():
    time.sleep(1000)

def daemonize():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
    os.wait()

def hang(_):
    time.sleep(1000)
"""
LEFT = {
    "a fork": "os.fork() or (time.sleep(1000), os._exit(0))",
    "a process": "multiprocessing.Process(target=sleep).start()",
    "a daemon process": "multiprocessing.Process(target=sleep, daemon=True).start()",
    "a manager": "MANAGERS.append(multiprocessing.Manager())",
    "a pool": "MANAGERS.append(multiprocessing.Pool(2))",
    "a command": "subprocess.Popen(['sleep', '1000'])",
    "a command in a session of its own": "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "a command that ignores signals": "subprocess.Popen(['sh', '-c', 'trap \"\" TERM HUP INT; sleep 1000'])",
    "a daemon, twice forked": "daemonize()",
    "a thread": "threading.Thread(target=sleep).start()",
}


def left(code: str, then: str = "") -> str:
    """A function that leaves something behind for some inputs, and then does something for one."""
    return f"""
{PRELUDE}
MANAGERS = []
def f(x):
    if x % 3 == 0:
        {code}
    if x == 4:
        {then or "pass"}
    return x
"""


@every_start_method
@pytest.mark.parametrize("what", LEFT)
def test_a_run_ends_when_its_tasks_have(tmp_path: Path, method: str, what: str) -> None:
    run = run_job(make_job(tmp_path, left(LEFT[what]), inputs=range(7), start_method=method))
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.values) == ("finished", list(range(7)))


DEATHS = {
    "os._exit(3)": ("died", "exited with status 3"),
    "os.kill(os.getpid(), signal.SIGKILL)": ("died", "killed by SIGKILL"),
    "time.sleep(1000)": ("timeout", "The time limit of 1 s"),
    "multiprocessing.Pool(2).map(hang, range(2))": ("timeout", "The time limit of 1 s"),
    "os.closerange(3, 65536); time.sleep(1000)": ("died", "closed the pipe"),
    "os.execv('/bin/sleep', ['sleep', '1000'])": ("died", "closed the pipe"),
}


@every_start_method
@pytest.mark.parametrize("then", DEATHS)
def test_a_death_is_noticed_though_somebody_holds_the_pipe(tmp_path: Path, method: str, then: str) -> None:
    source = left(LEFT["a fork"], then)
    run = run_job(make_job(tmp_path, source, inputs=range(20), start_method=method, timeout=1.0))
    status, words = DEATHS[then]
    assert run.statuses == {4: status}
    assert words in run.records[4].error


@every_start_method
def test_workers_that_run_few_tasks_are_replaced_whatever_they_leave(tmp_path: Path, method: str) -> None:
    source = left(LEFT["a process"])
    job = make_job(tmp_path, source, inputs=range(7), start_method=method, tasks_per_worker=1)
    assert run_job(job).values == list(range(7))


def test_what_is_left_may_be_left(tmp_path: Path) -> None:
    source = f"""
{PRELUDE}
def f(x):
    return subprocess.Popen(["sleep", "1000"], start_new_session=bool(x)).pid
"""
    run = run_job(make_job(tmp_path, source, inputs=range(2), leftovers="leave"))
    for pid in run.values:
        process = psutil.Process(pid)
        assert process.name() == "sleep"
        process.kill()
        process.wait()


def test_semaphores_and_shared_memory_that_tasks_leave_are_removed(tmp_path: Path) -> None:
    source = """
import multiprocessing
from multiprocessing import shared_memory
KEPT = []
def f(x):
    memory = shared_memory.SharedMemory(create=True, size=9)
    lock = multiprocessing.get_context("spawn").Lock()
    KEPT.append((lock, memory))
    return memory.name.lstrip("/"), "sem." + lock._semlock.name.lstrip("/")
"""
    for method in START_METHODS:
        run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
        names = {name for value in run.values for name in value}
        assert len(names) == 8
        assert not names & shared()


def shared() -> set[str]:
    return {path.name for path in Path("/dev/shm").iterdir()}


STAYS = f"""
{PRELUDE}
def f(x):
    if x == 0:
        daemonize()
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    time.sleep(0.05 if x < 10 else 1000)
    return x
"""


@every_start_method
@pytest.mark.parametrize("victim", ["host", "guardian", "both"])
def test_whoever_is_killed_nothing_is_left(tmp_path: Path, method: str, victim: str) -> None:
    """The check for leftover processes after each test proves it; here, all of the family is awaited."""
    job = make_job(tmp_path, STAYS, inputs=range(12), start_method=method)
    family: list[psutil.Process] = []

    def kill(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.done >= 8 and not family:
            running = psutil.Process(host.pid)
            guardian = running.parent()
            assert guardian is not None
            family.extend([guardian, running, *running.children(recursive=True)])
            for process in {"host": [running], "guardian": [guardian], "both": [guardian, running]}[victim]:
                process.kill()

    run = run_job(job, kill)
    assert isinstance(run.ended, LinkLost)
    assert not psutil.wait_procs(family, timeout=10)[1]


def test_a_killed_command_leaves_nothing(tmp_path: Path) -> None:
    job = make_job(tmp_path, STAYS, inputs=range(12))

    save(job, tmp_path / "job.pool")
    with subprocess.Popen(
        command("run", tmp_path / "job.pool", "--quiet"), stdout=subprocess.PIPE
    ) as process:
        leader = psutil.Process(process.pid)
        while len(family := leader.children(recursive=True)) < 6:
            psutil.wait_procs([leader], timeout=0.05)
        process.kill()
    assert not psutil.wait_procs(family, timeout=10)[1]


def test_sigterm_to_the_host_ends_the_run_in_order(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"
    told = False

    def ask(host: HostHandle, message: Message) -> None:
        nonlocal told
        if isinstance(message, Progress) and message.done and not told:
            told = True
            os.kill(host.pid, signal.SIGTERM)

    run = run_job(make_job(tmp_path, source, inputs=range(10_000)), ask)
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, "SIGTERM" in run.ended.reason) == ("stopped", True)


def test_sigchld_may_be_ignored_by_who_starts_it(tmp_path: Path) -> None:
    """Nobody can wait for the children of a process that ignores it, unless that is put right."""
    source = "import os\ndef f(x):\n    if x == 5: os._exit(4)\n    return x"
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        for method in START_METHODS:
            run: Finished = run_job(make_job(tmp_path, source, inputs=range(20), start_method=method))
            assert run.statuses == {5: "died"}
            assert "status 4" in run.records[5].error
    finally:
        signal.signal(signal.SIGCHLD, before)
