"""A host that does not answer: nobody waits for it, and it is killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.job import Job
from engine.launch import HostHandle, LaunchError, LinkLost, Progress, Started
from engine.launch import client as launching
from engine.runs import create, open_run, runs_root
from tests.running import follow, make_job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped there")

SLOW = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return make_job(tmp_path, SLOW, inputs=range(10_000))


@pytest.fixture
def host(job: Job) -> Iterator[HostHandle]:
    """A host with counted results, which is then stopped."""
    with HostHandle.start(job, create(job, runs_root())) as host:
        while not isinstance(message := host.receive(10), Progress) or not message.ok:
            pass
        os.kill(host.pid, signal.SIGSTOP)
        yield host


def test_stop_at_once_ends_it_after_a_grace(host: HostHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "KILL_SECONDS", 0.3)
    workers = psutil.Process(host.pid).children(recursive=True)
    host.kill()
    host.kill()
    last = follow(host)[-1]
    assert isinstance(last, LinkLost)
    assert "did not answer" in last.reason
    assert "resume" in last.reason
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    assert host._folder is not None
    with open_run(host._folder) as run:
        assert run.facts().state == "interrupted"
        assert run.facts().ok


def test_nobody_waits_for_what_it_does_not_read(host: HostHandle) -> None:
    for number in range(5000):
        host.resize(number % 3 + 1)
    os.kill(host.pid, signal.SIGCONT)
    host.kill()
    assert follow(host)[-1].state == "stopped"  # it has read them all, in order


def test_a_large_job_is_handed_over_without_waiting(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "KILL_SECONDS", 0.3)
    large = replace(job.inputs, kind="list", values=("x" * 1_000_000,) * 8)
    greet = HostHandle._greet

    def stop_then(self: HostHandle, *arguments: Any) -> None:
        greet(self, *arguments)
        os.kill(self.pid, signal.SIGSTOP)

    monkeypatch.setattr(HostHandle, "_greet", stop_then)
    with HostHandle.start(job.with_(inputs=large), create(job, runs_root())) as host:
        host.kill()
        assert isinstance(follow(host)[-1], LinkLost)


def test_an_interpreter_that_hangs_at_its_start_is_given_up_with_what_it_started(
    job: Job, tmp_path: Path
) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n/bin/sleep 600 & echo $! > {tmp_path / 'asleep'}\nwait\n")
    python.chmod(0o755)
    hung = job.with_(function=replace(job.function, python=str(python)))
    asleep = tmp_path / "asleep"
    with pytest.raises(LaunchError, match="stopped before it began"):
        HostHandle.start(
            hung, create(hung, runs_root()), given_up=lambda: asleep.exists() and asleep.read_text()
        )
    number = int(asleep.read_text())
    left = [process for process in psutil.process_iter() if process.pid == number]
    _, alive = psutil.wait_procs(left, timeout=30)
    assert not alive


def test_one_that_ends_in_time_is_not_said_to_be_silent(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "KILL_SECONDS", 60.0)
    with HostHandle.start(job, create(job, runs_root())) as host:
        while not isinstance(host.receive(10), Started):
            pass
        host.kill()
        assert follow(host)[-1].state == "stopped"
        assert host._last_resort is not None
        assert host._last_resort.finished.is_set()
