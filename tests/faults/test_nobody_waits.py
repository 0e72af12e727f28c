"""The host waits for nobody: neither a stopped worker, reader or app, nor a task that ignores signals."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.host.errors import BrokenRun
from engine.host.loop import crew as crews
from engine.host.loop.crew import Crew
from engine.host.processes.local import CannotStart
from engine.host.system import Selector
from engine.job import Inputs, save
from engine.launch import Ended, HostHandle, Message, Progress, Started, Workers
from engine.runs import create, open_run, runs_root
from tests.program import command
from tests.running import PATIENCE, START_METHODS, follow, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)
SLOW = "import time\ndef f(x):\n    time.sleep(0.01)\n    return x"


def workers_of(host: HostHandle) -> list[psutil.Process]:
    """The workers that are alive."""
    folder = host._folder  # pyright: ignore[reportPrivateUsage]
    assert folder is not None
    with open_run(folder) as run:
        pids = [worker.pid for worker in run.workers.after() if worker.ended is None]
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


@every_start_method
def test_a_stopped_worker_with_a_long_batch_holds_up_nobody(tmp_path: Path, method: str) -> None:
    """480 KB do not fit into its pipe, and "End this worker" ends it."""
    source = "import time\ndef f(x):\n    time.sleep(0.01)\n    return len(x)"
    inputs = Inputs("list", tuple(f"{n:060000}" for n in range(80)))
    stopped: list[psutil.Process] = []
    done = ended = 0

    def react(host: HostHandle, message: Message) -> None:
        nonlocal done, ended
        if not isinstance(message, Progress):
            return
        if not stopped and message.done >= 8:
            stopped.append(workers_of(host)[0])
            stopped[0].suspend()
            done = message.done
        elif stopped and not ended and message.done >= done + 32:
            ended = message.done
            host.kill_worker(1)

    job = make_job(tmp_path, source, inputs=inputs, batch=8, start_method=method)
    run = run_job(job, react)
    assert ended
    assert isinstance(run.ended, Ended)
    assert run.ended.state == "finished"
    assert set(run.statuses.values()) <= {"died"}
    assert len(run.statuses) <= 1


@every_start_method
def test_stop_at_once_ends_workers_that_are_stopped(tmp_path: Path, method: str) -> None:
    stopped: list[psutil.Process] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.done >= 4 and not stopped:
            stopped.extend(workers_of(host))
            for process in stopped:
                process.suspend()
            host.kill()

    run = run_job(make_job(tmp_path, SLOW, inputs=range(100_000), start_method=method), react)
    assert isinstance(run.ended, Ended)
    assert run.ended.state == "stopped"


def test_an_app_that_stops_to_read_holds_up_no_run(tmp_path: Path) -> None:
    """The run reaches its end; whoever reads afterwards learns how it ended."""
    source = "import time\ndef f(x):\n    time.sleep(0.001)\n    return x"
    job = make_job(tmp_path, source, inputs=range(3000))
    folder = create(job, runs_root())
    with HostHandle.start(job, folder) as host:
        for _ in range(5_000):
            host.look(stacks=False)  # each answer fills the pipe to the app
        while not isinstance(host.receive(PATIENCE), Started):
            pass
        while True:
            with open_run(folder) as run:
                if run.facts().state == "finished":
                    break
        last = follow(host)[-1]
    assert isinstance(last, Ended)
    assert (last.state, last.ok) == ("finished", 3000)


def test_a_task_that_takes_the_signal_for_itself_costs_nothing(tmp_path: Path) -> None:
    """It shows no stack, and its run goes on."""
    source = """
import signal, time
def f(x):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    end = time.monotonic() + (1.5 if x == 0 else 0.002)
    while time.monotonic() < end:
        time.sleep(0.001)
    return x
"""
    stacks: list[str] = []
    done: list[int] = []

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Workers):
            stacks.extend(worker.stack for worker in message.workers if worker.task == 0)
        if isinstance(message, Progress):
            done.append(message.done)
            host.look()

    run = run_job(make_job(tmp_path, source, inputs=range(600)), react)
    assert run.values == list(range(600))
    assert stacks
    assert not any(stacks)
    assert any(0 < count < 600 for count in done)


@every_start_method
def test_workers_that_are_killed_while_idle_end_no_run(tmp_path: Path, method: str) -> None:
    """By the kernel because memory is short, or by hand; here while the run is paused."""
    killed: set[int] = set()

    def react(host: HostHandle, message: Message) -> None:
        if not isinstance(message, Progress):
            return
        if message.done >= 4 and not killed:
            host.pause()
        if message.state == "paused" and len(killed) < 2:
            host.look(stacks=False)
            for process in workers_of(host):
                if process.pid not in killed:
                    killed.add(process.pid)
                    process.kill()
                    process.wait()
            host.resume()

    run = run_job(make_job(tmp_path, SLOW, inputs=range(60), start_method=method, batch=1), react)
    assert len(killed) >= 2
    assert isinstance(run.ended, Ended)
    assert run.ended.state == "finished"
    assert run.statuses.keys() <= set(range(60))


def test_few_descriptors_make_few_workers(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.4)\n    return x"
    job = make_job(tmp_path, source, inputs=range(120), workers=120)
    save(job, tmp_path / "job.pool")
    script = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128));"
        " os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command("run", tmp_path / "job.pool")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "workers could be started" in done.stderr
    assert "ulimit -n" in done.stderr


def test_workers_have_the_limit_of_open_files_that_the_person_has(tmp_path: Path) -> None:
    source = "import resource\ndef f(x):\n    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(500, hard), hard))
    try:
        for method in START_METHODS:
            job = make_job(tmp_path, source, inputs=range(2), start_method=method)
            assert run_job(job).values == [500] * 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_run_without_any_worker_says_why_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, since the limit may be caused by another program, and pass."""
    now = 0.0

    def refuse(*_: object) -> None:
        raise CannotStart("the limit on processes (30) is reached")

    monkeypatch.setattr(crews, "WorkerProcess", refuse)
    monkeypatch.setattr("engine.host.system.clock", lambda: now)
    crew = Crew.__new__(Crew)
    crew.__dict__.update(
        _plan=type("P", (), {"worker_name": "W", "setup": None, "start_method": "fork", "threads": False}),
        _workers=[],
        _processes=[],
        _selector=Selector(),
        _heard=None,
        _last_number=0,
        _delay=1.0,
        _try_at=0.0,
        _none_since=None,
        _said_fewer=False,
        _template=type("T", (), {"ready": True}),
    )
    tries = 0

    def go_on() -> None:
        nonlocal now, tries
        while True:
            if crew.may_start():
                tries += 1
                crew.start(4, 4)
            now += 0.1

    with pytest.raises(BrokenRun, match="limit on processes"):
        go_on()
    assert 5 < tries < 20
