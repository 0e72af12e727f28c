"""Whichever process of a script dies first, the others end; and what Ctrl-C and SIGTERM do to it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.host.script.outside.program import cannot_start
from engine.runs import open_run
from engine.runs.records import records
from tests.as_it_is import LIMIT, as_it_is
from tests.leftovers import is_there

PATIENCE = 60.0

HANGS = """
import multiprocessing, os, sys, time
def f(x):
    open(f"begun-{x}", "w").close()
    time.sleep(600)
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(f, range(2), 1)
"""


def until(condition: Callable[[], object], what: str) -> None:
    due = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < due, what
        time.sleep(0.02)


def family(command: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes of a run: guardian, host, main, and all others."""
    (guardian,) = command.children()
    (host,) = guardian.children()
    mains = [child for child in host.children() if "--be-a-script" in child.cmdline()]
    return {
        "guardian": [guardian],
        "host": [host],
        "main": mains,
        "others": mains[0].children(recursive=True),
    }


@pytest.fixture(params=["fork", "spawn"])
def hanging(request: pytest.FixtureRequest, tmp_path: Path):
    """A script both of whose tasks hang, as a process."""
    (tmp_path / "script.py").write_text(HANGS)
    (tmp_path / "temporary").mkdir()
    words = as_it_is("script.py", request.param, runs=tmp_path / "runs")
    process = subprocess.Popen(
        words,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    until(lambda: all((tmp_path / f"begun-{n}").exists() for n in range(2)), "tasks did not begin")
    yield process, tmp_path
    process.kill()
    process.communicate(timeout=LIMIT)


def facts_of(folder: Path):
    (run,) = (folder / "runs").iterdir()
    with open_run(run) as reader:
        return reader.facts()


def statuses_of(folder: Path) -> list[str]:
    """The status of each task that began."""
    (run,) = (folder / "runs").iterdir()
    with open_run(run) as reader:
        return [record.status for record in records(reader)]


@pytest.mark.parametrize("who", ["guardian", "host", "main", "command"])
def test_if_one_is_killed_the_rest_goes(hanging: tuple[subprocess.Popen[str], Path], who: str) -> None:
    process, folder = hanging
    command = psutil.Process(process.pid)
    members = family(command)
    everybody = [member for group in members.values() for member in group]
    victim = command if who == "command" else members[who][0]
    victim.send_signal(signal.SIGKILL)
    process.communicate(timeout=LIMIT)
    until(lambda: not any(map(is_there, everybody)), "some live on")
    assert list((folder / "temporary").iterdir()) == []
    if who == "main":
        assert process.returncode == 128 + signal.SIGKILL
        assert facts_of(folder).reason == "The script was killed by SIGKILL."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it(hanging: tuple[subprocess.Popen[str], Path], number: signal.Signals) -> None:
    process, folder = hanging
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    assert out.strip().startswith(str(folder / "runs"))
    assert ("KeyboardInterrupt" in err) == (number == signal.SIGINT)
    assert facts_of(folder).state == "stopped"
    assert statuses_of(folder) == ["cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("runs", "The run folder cannot be created"),
        ("python", "Choose another interpreter"),
        ("too old", "Choose another interpreter"),
        pytest.param(
            "no text",
            "is not text in this locale",
            marks=pytest.mark.skipif(sys.platform == "darwin", reason="there each name is text"),
        ),
    ],
)
def test_what_cannot_start_says_why_and_runs_nothing(tmp_path: Path, fault: str, said: str) -> None:
    script = os.fsdecode(b"\xff.py") if fault == "no text" else "script.py"
    (tmp_path / script).write_text("open('ran', 'w').close()")
    (tmp_path / "file").write_text("no program")
    (tmp_path / "file").chmod(0o755)
    (tmp_path / "old").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "old").chmod(0o755)
    (tmp_path / "temporary").mkdir()
    python = {"python": "./file", "too old": "./old"}.get(fault, sys.executable)
    done = subprocess.run(
        as_it_is(script, python=python, runs=tmp_path / ("file" if fault == "runs" else "runs")),
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()
    assert not list((tmp_path / "temporary").iterdir())
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize(
    ("number", "said"), [(errno.EAGAIN, "limit on processes"), (errno.ENOENT, "Choose another interpreter")]
)
def test_a_shortage_is_no_fault_of_the_interpreter(number: int, said: str) -> None:
    assert said in str(
        cannot_start({"command": ["python"], "folder": "."}, OSError(number, os.strerror(number)))
    )


def test_a_run_whose_folder_is_removed_was_not_to_its_end(
    hanging: tuple[subprocess.Popen[str], Path],
) -> None:
    process, folder = hanging
    shutil.rmtree(folder / "runs")
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 3
    assert "The run folder was removed" in err


CATCHES = """
import time
try:
    open("begun", "w").close()
    time.sleep(600)
except KeyboardInterrupt:
    print("caught")
"""


def test_a_script_may_catch_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CATCHES)
    process = subprocess.Popen(as_it_is("script.py"), cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    until((tmp_path / "begun").exists, "it did not begin")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=LIMIT)
    assert (out.splitlines()[0], process.returncode) == ("caught", 0)


REPLACED = """
import multiprocessing, os, threading, time, logging
logging.basicConfig(level="INFO", stream=open(os.devnull, "w"))
def talk(stop):
    while not stop.is_set():
        logging.info("busy")
        print("busy", file=null)
def f(x):
    if x % 3 == 0:
        os._exit(1)
    logging.info("at work")
    return os.getpid()
if __name__ == "__main__":
    null, stop = open(os.devnull, "w"), threading.Event()
    pool = multiprocessing.get_context("fork").Pool(2)
    threads = [threading.Thread(target=talk, args=(stop,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    results = [pool.apply_async(f, (x,)) for x in range(60)]
    for result in results:
        result.wait()
    stop.set()
    print(sum(result.successful() for result in results))
    pool.close()
    pool.join()
"""


def test_workers_are_replaced_beside_threads_that_hold_locks(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(REPLACED)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.splitlines()[0] == "40", done.stderr


LOST = """
import multiprocessing, os, signal, sys
def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return set(map(int, file.read().split()))
def f(x):
    if x == 3:
        os._exit(1)
    return x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        (template,) = children(os.getpid()) - {worker.pid for worker in pool._pool}
        os.kill(template, signal.SIGKILL)
        for inputs in ([1, 2], [3], [4]):
            try:
                print(pool.map(f, inputs))
            except multiprocessing.ProcessError as error:
                print(error)
"""


def test_a_killed_template_is_an_error_not_a_hang(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(LOST)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.splitlines()[:3] == [
        "[1, 2]",
        "The worker that ran this task exited with status 1. No other task was lost.",
        "No worker of this pool is left, and none can be started: the process that starts them was killed.",
    ], done.stderr


LEAVES = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid)
"""


def test_what_it_leaves_behind_ends_with_the_run(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(LEAVES)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0
    assert not psutil.pid_exists(int(done.stdout.splitlines()[0]))


TOGETHER = """
import gc, multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
def f(x):
    return x
def wait(x):
    while not os.path.exists("over"):
        time.sleep(0.01)
    return x
def files():
    return len(os.listdir("/dev/fd"))
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, context) as busy:
        future = busy.submit(wait, 1)
        with ProcessPoolExecutor(1, context) as other:
            print(list(other.map(f, range(3))))
        process = context.Process(target=f, args=(1,))
        process.start()
        process.join()
        open("over", "w").close()
    for kind in (context.Pool, lambda n: ProcessPoolExecutor(n, context)):
        open_files = set()
        for _ in range(4):
            with kind(2) as pool:
                list(pool.map(f, range(3)))
            del pool
            gc.collect()
            open_files.add(files())
        print(len(open_files))
"""


def test_a_pool_neither_waits_for_another_nor_leaves_files_open(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(TOGETHER)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.splitlines()[:3] == ["[0, 1, 2]", "1", "1"], done.stderr


LEAVE = """
import multiprocessing, os, signal
from multiprocessing import util
def left(number):
    open(f"left-{number}", "w").close()
def prepare(numbers, barrier):
    global both
    both = barrier
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    util.Finalize(None, left, (numbers.get(),), exitpriority=1)
def meet(x):
    both.wait()
    return x
if __name__ == "__main__":
    numbers = multiprocessing.Queue()
    for number in range(2):
        numbers.put(number)
    with multiprocessing.Pool(2, prepare, (numbers, multiprocessing.Barrier(2))) as pool:
        print(pool.map(meet, range(2), 1))
    print(sorted(name for name in os.listdir() if name.startswith("left")))
"""


def test_workers_at_rest_leave_in_order_if_their_pool_is_terminated(tmp_path: Path) -> None:
    """Under plain Python they mostly do: what they have put into a queue of their own is not lost."""
    (tmp_path / "script.py").write_text(LEAVE)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.splitlines()[:2] == ["[0, 1]", "['left-0', 'left-1']"], done.stderr


CUT_OFF = """
import multiprocessing, os
def f(x):
    if x == 5:
        os.closerange(3, 4096)
    return x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        try:
            pool.map(f, range(8), 4)
        except multiprocessing.ProcessError as error:
            print(error)
"""


def test_a_worker_that_cannot_report_costs_the_task_that_did_that(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CUT_OFF)
    place = tmp_path / ("long" * 30)  # also too long for the path of a socket
    place.mkdir()
    words = as_it_is("script.py", runs=tmp_path / "runs")
    env = {**os.environ, "TMPDIR": str(place)}
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, env=env)
    assert "No other task was lost." in done.stdout, done.stderr
    assert statuses_of(tmp_path) == ["ok"] * 5 + ["died"] + ["ok"] * 2


UNREAD = """
import multiprocessing, resource, sys, time
UNIT = 1 if sys.platform == "darwin" else 1024
SIZES = {"in messages": 30_000, "in objects": 2_000_000}
TOTAL = 100_000_000
def f(size):
    return bytes(size)
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for name, size in SIZES.items():
            before, count = most(), TOTAL // size
            results = pool.imap_unordered(f, [size] * count)
            while len(results._items) < count:
                time.sleep(0.01)
            print(name, most() - before < TOTAL * 3 // 4)
            print(all(len(result) == size for result in results))
"""


def test_results_that_main_does_not_read_fill_no_memory(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(UNREAD)
    done = subprocess.run(as_it_is("script.py"), cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.splitlines()[:4] == ["in messages True", "True", "in objects True", "True"], (
        done.stderr
    )


ONCE = """
import multiprocessing, os, time
def f(x):
    with open("began", "a") as file:
        print(x, file=file)
    if x == 5:
        os._exit(1)
    time.sleep(0.02)
    return x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        try:
            pool.map(f, range(8), 8)
        except multiprocessing.ProcessError as error:
            print(error)
"""


def test_no_task_that_takes_a_while_runs_twice(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(ONCE)
    words = as_it_is("script.py", runs=tmp_path / "runs")
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert "No other task was lost." in done.stdout, done.stderr
    assert (tmp_path / "began").read_text().split() == list("01234567")
