"""What a task changes or leaves behind reaches no other task, and outlives no run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from engine.launch import Host, Message, Progress
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)


def test_closed_descriptors_and_streams(tmp_path: Path) -> None:
    source = """
import logging, os, sys
def f(x):
    if x == 10: os.closerange(0, 64)
    if x == 30: sys.stdout.close()
    logging.info("at %d", x)
    return x
"""
    run = run_job(make_job(tmp_path, source, inputs=range(60), batch=20))
    assert run.values == list(range(60))
    assert sorted(run.log) == sorted(f"root - INFO - at {x}" for x in range(60))


CHANGES = {
    3: "os.chdir('/')",
    5: "os.umask(0o777)",
    7: "locale.setlocale(locale.LC_ALL, 'C.UTF-8' if locale.setlocale(locale.LC_ALL) == 'C' else 'C')",
    9: "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    11: "logging.basicConfig(force=True, level=50, filename=os.devnull)",
    13: "logging.disable(); logging.shutdown()",
    15: "sys.stdout.close()",
    17: "os.close(2)",
    19: "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)",
}
LOOKS = """
import locale, logging, os, signal, sys

def look():
    mask = os.umask(0o22)
    os.umask(mask)
    os.fstat(1), os.fstat(2)
    term = signal.getsignal(signal.SIGTERM)
    return [os.getcwd(), mask, locale.setlocale(locale.LC_ALL), term == signal.SIG_DFL]

CHANGES = {changes}

def f(x):
    seen = look()
    print("printed", x)
    logging.warning("logged %d", x)
    exec(CHANGES.get(x, ""))
    return seen
"""


@every_start_method
def test_what_a_task_changes_is_put_back_for_the_next(tmp_path: Path, method: str) -> None:
    source = LOOKS.replace("{changes}", repr(CHANGES))
    run = run_job(make_job(tmp_path, source, inputs=range(22), workers=1, batch=1, start_method=method))
    assert run.statuses == {}
    assert all(value == run.values[0] for value in run.values)
    assert run.log == [f"root - WARNING - logged {x}" for x in range(22)]
    assert [line for line in run.output.splitlines() if line] == [f"printed {x}" for x in range(22)]


@every_start_method
def test_a_worker_whose_descriptors_were_closed_gives_way_to_another(tmp_path: Path, method: str) -> None:
    """With them went those of multiprocessing, which a task may need."""
    source = """
import multiprocessing, os
def f(x):
    if x == 3:
        os.closerange(0, 64)
        return os.getpid()
    multiprocessing.Lock()
    return os.getpid()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(10), workers=1, batch=10, start_method=method))
    assert run.statuses == {}
    assert set(run.values[4:]).isdisjoint(run.values[:4])


def test_a_task_that_forks_and_comes_back_twice(tmp_path: Path) -> None:
    source = """
import os
import shutil
def f(x):
    if x in (5, 6):
        os.fork()
    return [x, os.getpid()]
"""
    run = run_job(make_job(tmp_path, source, inputs=range(40), batch=10, workers=1))
    assert [value[0] for value in run.values] == list(range(40))
    assert len({value[1] for value in run.values}) == 1, "no result is a child's"


def test_children_that_a_task_leaves_running_end_with_the_run(tmp_path: Path) -> None:
    source = """
import subprocess, threading, time
def f(x):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return subprocess.Popen(["sleep", "1000"]).pid
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4)))
    assert run.ended.ok == 4
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in run.values)


def test_what_user_code_left_running_ends_with_a_killed_host(tmp_path: Path) -> None:
    source = "import subprocess\ndef f(x):\n    return subprocess.Popen(['sleep', '1000']).pid"
    job = make_job(tmp_path, source + "\n", inputs=range(2000), workers=1)
    family: list[psutil.Process] = []

    def kill_it(host: Host, message: Message) -> None:
        if isinstance(message, Progress) and message.done and not family:
            family.extend(psutil.Process(host.pid).children(recursive=True))
            os.kill(host.pid, signal.SIGKILL)

    run_job(job, kill_it)
    assert any("sleep" in process.name() for process in family if process.is_running()) or family
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
