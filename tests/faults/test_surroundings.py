"""What a task changes or leaves behind reaches no other task, and does not outlive the run."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from engine.launch import HostHandle, Message, Progress
from tests.leftovers import is_there
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
    21: "sys.stdout = object()",
    23: "sys.stdout = sys.stderr = Raises()",
    25: "sys.stdout = None; del sys.stderr, sys.stdin",
    27: "sys.stdout.detach()",
    29: "sys.stdout = io.TextIOWrapper(sys.stdout.buffer)",
    31: "logging.getLogger().handlers = None",
    33: "signal.alarm(1000)",
    35: "[signal.setitimer(timer, 1000) for timer in TIMERS]",
    37: "signal.signal(signal.SIGALRM, lambda *_: 1 / 0)",
    39: "[signal.signal(n, signal.SIG_IGN) for n in (1, 10, 12, 13, 28, 31)]",
    41: "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))",
    43: "signal.pthread_sigmask(signal.SIG_BLOCK, [12]); os.kill(os.getpid(), 12)",
    45: "resource.setrlimit(resource.RLIMIT_CPU, (1000, resource.getrlimit(resource.RLIMIT_CPU)[1]))",
    47: "resource.setrlimit(resource.RLIMIT_AS, (1 << 36, resource.getrlimit(resource.RLIMIT_AS)[1]))",
    49: "resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))",
    51: "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))",
    53: "faulthandler.dump_traceback_later(1000, exit=True)",
    55: "faulthandler.disable()",
}
LOOKS = """
import faulthandler, io, locale, logging, os, resource, signal, sys

TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
LIMITS = sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")})

class Raises:
    def __getattr__(self, name):
        raise SystemExit(name)

def look():
    mask = os.umask(0o22)
    os.umask(mask)
    os.fstat(1), os.fstat(2)
    term = signal.getsignal(signal.SIGTERM)
    handlers = [str(signal.getsignal(n)).partition(" at ")[0] for n in range(1, 32)]
    timers = [signal.getitimer(timer) for timer in TIMERS]
    limits = [resource.getrlimit(limit) for limit in LIMITS]
    streams = [type(sys.stdin).__name__, type(sys.stdout).__name__, type(sys.stderr).__name__]
    surroundings = os.getcwd(), mask, locale.setlocale(locale.LC_ALL), term == signal.SIG_DFL
    blocked = sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ())))
    return [surroundings, handlers, timers, limits, streams, blocked, faulthandler.is_enabled()]

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
    run = run_job(make_job(tmp_path, source, inputs=range(58), workers=1, batch=1, start_method=method))
    assert run.statuses == {}
    assert all(value == run.values[0] for value in run.values)
    assert run.log == [f"root - WARNING - logged {x}" for x in range(58)]
    assert [line for line in run.output.splitlines() if line] == [f"printed {x}" for x in range(58)]


@every_start_method
def test_what_would_go_off_while_no_task_runs_does_not(tmp_path: Path, method: str) -> None:
    """Alarms that nobody cancels, if one worker keeps the others waiting."""
    source = """
import faulthandler, os, resource, signal, time
def f(x):
    if x % 3 == 0:
        signal.alarm(1)
    elif x % 3 == 1:
        faulthandler.dump_traceback_later(1, exit=True)
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    if x == 0:
        signal.alarm(0)
        time.sleep(2.5)
    return os.getpid()
"""
    job = make_job(tmp_path, source, inputs=[0, 1, 2, 4, 5, 7], workers=3, batch=1, start_method=method)
    run = run_job(job)
    assert run.statuses == {}
    assert len(set(run.values)) <= 3, "no worker was replaced"


@every_start_method
def test_streams_that_the_module_replaces_when_it_is_imported(tmp_path: Path, method: str) -> None:
    source = """
import sys
class Tee:
    def __init__(self, stream): self.stream = stream
    def write(self, text): self.stream.write(text.upper())
    def __getattr__(self, name): raise SystemExit(name)
sys.stdout, sys.stderr = Tee(sys.stdout), None
def f(x):
    print("printed", x)
    return x
"""
    run = run_job(make_job(tmp_path, source, inputs=range(6), workers=1, batch=2, start_method=method))
    assert run.values == list(range(6))
    assert run.output.count("PRINTED") + run.output.count("printed") == 6


@pytest.mark.skipif(sys.platform != "linux", reason="its capabilities are Linux's")
def test_a_worker_whose_hard_limit_was_lowered_gives_way_to_another(tmp_path: Path) -> None:
    source = """
import ctypes, os, resource
def f(x):
    if x == 3:
        nothing = ctypes.byref((ctypes.c_uint32 * 6)())  # no capabilities: root could raise it again
        assert ctypes.CDLL(None).capset(ctypes.byref((ctypes.c_uint32 * 2)(0x20080522)), nothing) == 0
        resource.setrlimit(resource.RLIMIT_NOFILE, (600, 600))
    return [os.getpid(), resource.getrlimit(resource.RLIMIT_NOFILE)[1]]
"""
    run = run_job(make_job(tmp_path, source, inputs=range(10), workers=1, batch=1))
    assert run.statuses == {}
    assert [limit == 600 for _, limit in run.values] == [x == 3 for x in range(10)]


@every_start_method
@pytest.mark.parametrize("batch", [1, 40])
def test_a_worker_that_leaked_its_memory_gives_way_to_another(
    tmp_path: Path, method: str, batch: int
) -> None:
    source = "kept = []\ndef f(x):\n    kept.append(bytearray(10_000_000))\n    return x"
    limits = {"memory_limit": "400 MiB", "batch": batch, "start_method": method}
    run = run_job(make_job(tmp_path, source, inputs=range(120), workers=1, **limits))
    assert set(run.statuses.values()) == {"memory"}
    assert len(run.statuses) <= 6


@every_start_method
def test_a_worker_whose_descriptors_were_closed_gives_way_to_another(tmp_path: Path, method: str) -> None:
    """The descriptors of multiprocessing were closed with them, and a task may need those."""
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
    assert not [
        process for process in psutil.process_iter() if process.pid in run.values and is_there(process)
    ]


def test_what_user_code_left_running_ends_with_a_killed_host(tmp_path: Path) -> None:
    source = "import subprocess\ndef f(x):\n    return subprocess.Popen(['sleep', '1000']).pid"
    job = make_job(tmp_path, source + "\n", inputs=range(2000), workers=1)
    family: list[psutil.Process] = []

    def kill_it(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.done and not family:
            family.extend(psutil.Process(host.pid).children(recursive=True))
            os.kill(host.pid, signal.SIGKILL)

    run_job(job, kill_it)
    assert family
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
