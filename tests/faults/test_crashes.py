"""Whatever else breaks: host, app, disk, run folder, log file. What was counted is kept."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from engine.job import Inputs, Log
from engine.launch import Ended, HostHandle, LaunchError, LinkLost, Message, Progress, Started, Workers
from engine.runs import DB, create, open_run, runs_root
from tests.running import START_METHODS, follow, make_job, run_job

SLOW = "import time\ndef f(x):\n    time.sleep(0.01)\n    return x"
every_start_method = pytest.mark.parametrize("method", START_METHODS)


@pytest.mark.parametrize("method", START_METHODS)
def test_a_killed_host_leaves_its_results_and_no_process(tmp_path: Path, method: str) -> None:
    # A match that takes years, in C, while holding the interpreter's lock.
    source = """
import re, time
def f(x):
    time.sleep(0.01) if x < 50 else re.match("(a*)*b", "a" * 60)
    return x
"""
    job = make_job(tmp_path, source, inputs=Inputs("range", stop=60), start_method=method)
    folder = create(job, runs_root())
    counted = 0
    with HostHandle.start(job, folder) as host:
        family = [psutil.Process(host.pid)]

        def kill_it(_: HostHandle, message: Message) -> None:
            nonlocal counted
            if len(family) > 1:
                return  # it is killed; earlier messages may still come
            if isinstance(message, Progress):
                counted = message.done
                host.look()
            elif isinstance(message, Workers):
                hanging = [worker for worker in message.workers if (worker.task or 0) >= 50]
                if len(hanging) == 2:  # there may be a spare one too
                    family.extend(family[0].children(recursive=True))
                    os.kill(host.pid, signal.SIGKILL)
                else:
                    host.look()

        messages = follow(host, kill_it)
    assert isinstance(messages[-1], LinkLost)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    with open_run(folder) as reader:
        facts = reader.facts()
    assert facts.state == "interrupted"
    assert facts.ok >= counted

    quick = make_job(
        tmp_path, "def f(x):\n    return x", inputs=Inputs("range", stop=60), start_method=method
    )
    again = run_job(quick, resume=folder)
    assert again.values == list(range(60))


def test_the_app_dies_and_the_run_with_it(tmp_path: Path) -> None:
    job = make_job(tmp_path, "import time\ndef f(x):\n    time.sleep(1000)", inputs=range(4))
    host = HostHandle.start(job, create(job, runs_root()))
    while not isinstance(host.receive(10), Started):
        pass
    family = [psutil.Process(host.pid), *psutil.Process(host.pid).children(recursive=True)]
    assert len(family) > 1
    host.close()  # all that a host notices of an app's end: its pipe is closed
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


def test_a_run_folder_that_is_removed_ends_the_run(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.05)"

    def react(host: HostHandle, message: Message) -> None:
        folder = next(runs_root().iterdir(), None)
        while folder is not None and folder.exists() and isinstance(message, Started):
            shutil.rmtree(folder, ignore_errors=True)  # the run may write a file into it at the same time

    run = run_job(make_job(tmp_path, source, inputs=range(10_000)), react)
    assert run.ended.state == "failed"
    assert "run folder was removed" in run.ended.reason


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_ends_the_run_with_its_cause(tmp_path: Path, small_disk: Path) -> None:
    """Once there is room again, the run can be resumed."""
    job = make_job(tmp_path, "def f(x):\n    return str(x) * 100", inputs=range(30_000))
    folder = create(job, small_disk)
    with HostHandle.start(job, folder) as host:
        messages = follow(host)
    counted = max((m.done for m in messages if isinstance(m, Progress)), default=0)
    assert messages[-1].state == "failed"
    assert "full" in messages[-1].reason
    assert "resume" in messages[-1].reason
    with open_run(folder) as run:
        assert run.facts().ok >= counted
        assert run.facts().state == "interrupted"
    assert integrity(folder) == "ok"
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    again = run_job(job, resume=folder)
    assert (again.ended.state, again.ended.ok) == ("finished", 30_000)
    assert again.values == [str(x) * 100 for x in range(30_000)]
    assert integrity(folder) == "ok"


def test_a_run_folder_that_may_not_be_written(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)  # it has enough room
    job = make_job(tmp_path, SLOW, inputs=range(200))
    folder = create(job, small_disk)
    with HostHandle.start(job, folder) as host:
        *_, ended = follow(host, lambda host, message: host.stop() if isinstance(message, Started) else None)
    assert isinstance(ended, Ended), ended
    assert ended.state == "stopped", ended
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(OSError, match="Read-only"):
        create(job, small_disk)
    with pytest.raises(LaunchError, match="cannot be written: Read-only file system"):
        HostHandle.start(job, folder, resume=True)
    with open_run(folder) as run:
        assert run.facts().state == "stopped"


def integrity(folder: Path) -> str:
    with closing(sqlite3.connect(folder / DB)) as db:
        return db.execute("PRAGMA integrity_check").fetchone()[0]


def test_a_log_file_that_is_removed_begins_anew(tmp_path: Path) -> None:
    source = """
import logging, os, time
def f(x):
    logging.warning("at %d", x)
    if x == 1:
        os.remove("own.log")
        time.sleep(1.2)
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), workers=1, log=Log(file="own.log")))
    assert run.statuses == {}
    assert run.log == [f"root - WARNING - at {x}" for x in range(4)]
    assert (tmp_path / "own.log").read_text().splitlines() == run.log[2:]


def test_a_log_file_that_is_rotated_goes_on(tmp_path: Path) -> None:
    source = """
import logging, os, time
def f(x):
    logging.warning("at %d", x)
    if x == 1:
        os.rename("own.log", "own.log.1")
        time.sleep(1.2)
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), workers=1, log=Log(file="own.log")))
    assert run.statuses == {}
    assert (tmp_path / "own.log.1").read_text().splitlines() == [
        "root - WARNING - at 0",
        "root - WARNING - at 1",
    ]
    assert (tmp_path / "own.log").read_text().splitlines() == [
        "root - WARNING - at 2",
        "root - WARNING - at 3",
    ]
