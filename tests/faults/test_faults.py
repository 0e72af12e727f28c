"""What user code can do to its worker costs its own task, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from engine.job import Inputs, Log
from engine.launch import Ended, Host, LaunchError, LinkLost, Message, Progress, Started
from engine.runs import create, open_run, runs_root
from tests.running import START_METHODS, follow, make_job, run_job

FAULTS = {
    "exception": ("raise ValueError('bad')", "error", "ValueError: bad"),
    "exit": ("sys.exit(3)", "error", "SystemExit: 3"),
    "interrupt": ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
    "recursion": ("return f(x)", "error", "RecursionError"),
    "silent exception": ("raise Silent", "error", "Silent"),
    "unpicklable": ("return lambda: 0", "unpicklable", "pickle"),
    "os._exit": ("os._exit(9)", "died", "exited with status 9 while on input 57 (task 57)"),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", "died", "killed by SIGKILL while on input 57"),
    "SIGSEGV": ("os.kill(os.getpid(), signal.SIGSEGV)", "died", "killed by SIGSEGV"),
    "SIGABRT": ("os.abort()", "died", "killed by SIGABRT"),
}
SOURCE = """
import logging, os, signal, sys

class Silent(BaseException):
    def __str__(self):
        raise RuntimeError("no words")

def f(x):
    if x == 57:
        logging.info("last words")
        {fault}
    return x
"""


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_middle_of_a_batch_costs_its_own_task(tmp_path: Path, fault: str, method: str) -> None:
    code, status, words = FAULTS[fault]
    run = run_job(
        make_job(tmp_path, SOURCE.format(fault=code), inputs=range(200), start_method=method, batch=25)
    )

    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.ok, run.ended.failed) == ("finished", 199, 1)
    assert run.statuses == {57: status}
    assert [r.value for r in run.records if r.index != 57] == [x for x in range(200) if x != 57]
    record = run.records[57]
    assert words in record.error
    assert record.attempts == 1
    assert "root - INFO - last words" in run.log
    assert any("Task 57 failed" in line for line in run.log)
    if fault in ("SIGSEGV", "SIGABRT"):
        assert "user_code.py" in run.output, "the interpreter's own dump"


def test_a_worker_and_what_it_died_of_are_kept(tmp_path: Path) -> None:
    job = make_job(tmp_path, SOURCE.format(fault=FAULTS["SIGKILL"][0]), inputs=range(57, 60), workers=1)
    run = run_job(job)
    with open_run(run.folder) as reader:
        (failure,) = reader.failures(0)
    assert (failure.kind, failure.signal, failure.exit_code, failure.worker) == ("died", "SIGKILL", -9, 1)


def test_every_task_kills_its_worker(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "import os\ndef f(x):\n    os._exit(1)", inputs=range(12)))
    assert run.ended.state == "finished"
    assert set(run.statuses.values()) == {"died"}
    assert len(run.statuses) == 12


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


@pytest.mark.parametrize(
    "hang", ["while True: pass", "time.sleep(1000)", "signal.pthread_sigmask(0, [15]); time.sleep(1000)"]
)
def test_a_time_limit_counts_one_task(tmp_path: Path, hang: str) -> None:
    source = (
        f"import time, signal\ndef f(x):\n    if x == 5:\n        {hang}\n    time.sleep(0.05)\n    return x"
    )
    run = run_job(make_job(tmp_path, source, inputs=range(10), batch=10, workers=1, timeout=0.3))
    assert run.statuses == {5: "timeout"}
    assert "time limit of 0.3 s" in run.records[5].error
    seconds = run.records[5].seconds
    assert seconds is not None
    assert 0.25 < seconds < 1.3


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs RLIMIT_AS")
def test_memory_limit(tmp_path: Path) -> None:
    source = "def f(x):\n    return len(bytearray(x))"
    run = run_job(make_job(tmp_path, source, inputs=[10, 2 << 30, 20], memory_limit="1 GiB"))
    assert run.statuses == {1: "memory"}
    assert run.records[0].value == 10


def test_stop_keeps_what_is_done_and_resume_runs_the_rest(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"
    job = make_job(tmp_path, source, inputs=range(100))

    def stop_soon(host: Host, message: Message) -> None:
        if isinstance(message, Progress) and message.done >= 10:
            host.stop()

    first = run_job(job, stop_soon)
    assert first.ended.state == "stopped"
    assert 10 <= first.ended.ok < 100
    assert set(first.statuses.values()) == {"missing"}
    done = {r.index: r.started for r in first.records if r.status == "ok"}

    second = run_job(job, resume=first.folder)
    assert (second.ended.state, second.ended.ok) == ("finished", 100)
    assert second.values == list(range(100))
    assert {r.index: r.started for r in second.records if r.index in done} == done, (
        "what was done was not run again"
    )


def test_stop_ends_a_task_that_does_not_end(tmp_path: Path) -> None:
    source = "import signal, time\ndef f(x):\n    signal.signal(15, signal.SIG_IGN)\n    time.sleep(1000)"
    run = run_job(
        make_job(tmp_path, source, inputs=range(4)),
        lambda host, message: host.stop() if isinstance(message, Started) else None,
    )
    assert run.ended.state == "stopped"
    assert "cancelled" in run.statuses.values()


def test_kill_ends_at_once(tmp_path: Path) -> None:
    run = run_job(
        make_job(tmp_path, "import time\ndef f(x):\n    time.sleep(1000)", inputs=range(4)),
        lambda host, message: host.kill() if isinstance(message, Started) else None,
    )
    assert run.ended.state == "stopped"


@pytest.mark.parametrize("method", START_METHODS)
def test_a_killed_host_leaves_its_results_and_no_process(tmp_path: Path, method: str) -> None:
    # A match that takes years, in C, and with the interpreter's lock held.
    source = """
import re, time
def f(x):
    time.sleep(0.01) if x < 50 else re.match("(a*)*b", "a" * 60)
    return x
"""
    job = make_job(tmp_path, source, inputs=Inputs("range", stop=60), start_method=method)
    folder = create(job, runs_root())
    counted = 0
    with Host.start(job, folder) as host:
        family = [psutil.Process(host.pid)]

        def kill_it(_: Host, message: Message) -> None:
            nonlocal counted
            if isinstance(message, Progress):
                counted = message.done
                # Not all 50: what ended in the batch of one that hangs is sent with it, or run again.
                if counted >= 45 and len(family) == 1:
                    family.extend(family[0].children(recursive=True))
                    os.kill(host.pid, signal.SIGKILL)

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
    host = Host.start(job, create(job, runs_root()))
    while not isinstance(host.receive(10), Started):
        pass
    family = [psutil.Process(host.pid), *psutil.Process(host.pid).children(recursive=True)]
    assert len(family) > 1
    host.close()  # all that an app's end means to a host: its pipe is closed
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


CHANGES = {
    "folder": "os.chdir('/')",
    "umask": "os.umask(0o777)",
    "locale": "locale.setlocale(locale.LC_ALL, 'C.UTF-8' if locale.setlocale(locale.LC_ALL) == 'C' else 'C')",
    "signals": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "logging": "logging.basicConfig(force=True, level=50, filename=os.devnull)",
    "logging off": "logging.disable(); logging.shutdown()",
    "streams": "sys.stdout.close(); os.close(2)",
}
LOOKS = """
import locale, logging, os, signal, sys

def look():
    mask = os.umask(0o22)
    os.umask(mask)
    os.fstat(1), os.fstat(2)
    term = signal.getsignal(signal.SIGTERM)
    return [os.getcwd(), mask, locale.setlocale(locale.LC_ALL), term == signal.SIG_DFL]

def f(x):
    seen = look()
    print("printed", x)
    logging.warning("logged %d", x)
    if x == 3:
        {change}
    return seen
"""


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_task_changes_is_put_back_for_the_next(tmp_path: Path, change: str) -> None:
    run = run_job(
        make_job(tmp_path, LOOKS.format(change=CHANGES[change]), inputs=range(8), workers=1, batch=1)
    )
    assert run.statuses == {}
    assert all(value == run.values[0] for value in run.values)
    assert run.log == [f"root - WARNING - logged {x}" for x in range(8)]
    assert [line for line in run.output.splitlines() if line] == [f"printed {x}" for x in range(8)]


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


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.parametrize("inner", START_METHODS)
def test_a_pool_inside_a_task(tmp_path: Path, method: str, inner: str) -> None:
    source = f"""
import math, multiprocessing
def f(x):
    with multiprocessing.get_context({inner!r}).Pool(2) as pool:
        return pool.map(math.sqrt, [x * x, 4])
"""
    run = run_job(make_job(tmp_path, source, inputs=range(3), start_method=method))
    assert run.values == [[float(x), 2.0] for x in range(3)]


def test_a_large_result(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "def f(x):\n    return b'x' * x", inputs=[5, 300 << 20, 6]))
    assert run.statuses == {}
    assert [len(value) for value in run.values] == [5, 300 << 20, 6]


def test_a_result_too_large_to_keep(tmp_path: Path) -> None:
    run = run_job(make_job(tmp_path, "def f(x):\n    return bytes(x)", inputs=[5, 901_000_000, 6]))
    assert run.statuses == {1: "unpicklable"}
    assert "at most" in run.records[1].error


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


def test_a_run_folder_that_is_removed_ends_the_run(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    time.sleep(0.05)"
    run = run_job(
        make_job(tmp_path, source, inputs=range(10_000)),
        lambda host, message: (
            shutil.rmtree(next(runs_root().iterdir())) if isinstance(message, Started) else None
        ),
    )
    assert run.ended.state == "failed"
    assert "run folder was removed" in run.ended.reason


def test_only_one_goes_on_with_a_run(tmp_path: Path) -> None:
    job = make_job(tmp_path, "import time\ndef f(x):\n    time.sleep(0.05)\n    return x", inputs=range(40))
    stopped = run_job(job, lambda host, message: host.stop() if isinstance(message, Progress) else None)

    def go_on() -> str:
        try:
            return run_job(job, resume=stopped.folder).ended.state
        except LaunchError:  # the other one was faster to say that it runs
            return "failed"

    with ThreadPoolExecutor(2) as pool:
        states = [future.result() for future in [pool.submit(go_on), pool.submit(go_on)]]
    assert sorted(states) == ["failed", "finished"]
    assert stopped.values == list(range(40))


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


def test_a_full_disk_ends_the_run_with_its_cause(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        job = make_job(tmp_path, "def f(x):\n    return str(x) * 100", inputs=range(200_000))
        folder = create(job, small)
        with Host.start(job, folder) as host:
            messages = follow(host)
        counted = max((m.done for m in messages if isinstance(m, Progress)), default=0)
        assert messages[-1].state == "failed"
        assert "full" in messages[-1].reason
        with open_run(folder) as run:
            assert run.facts().ok >= counted
            assert run.facts().state == "interrupted"
    finally:
        subprocess.run(["umount", small], check=True)


def test_resume_runs_what_has_no_result(tmp_path: Path) -> None:
    """Failed tasks too: what made them fail may have been mended."""
    source = """
import os
def f(x):
    if x % 7 == 3 and not os.path.exists("mended"):
        raise ValueError(x)
    return [x]
"""
    job = make_job(tmp_path, source, inputs=range(50), batch=10)
    first = run_job(job)
    failed = {x: "error" for x in range(50) if x % 7 == 3}
    assert first.statuses == failed
    started = {r.index: r.started for r in first.records if r.status == "ok"}
    (tmp_path / "mended").touch()
    second = run_job(job, resume=first.folder)
    assert (second.ended.state, second.ended.ok, second.ended.failed) == ("finished", 50, 0)
    assert second.values == [[x] for x in range(50)]
    assert {r.index for r in second.records if r.attempts == 2} == set(failed)
    assert {r.index: r.started for r in second.records if r.index in started} == started
