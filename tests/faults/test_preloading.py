"""Under forkserver the module is loaded once, in the server; workers are copies of it if that is safe."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.job import Inputs, Job, Log
from engine.launch import Ended, HostHandle, LinkLost
from engine.runs import create, runs_root
from tests.running import follow, make_job, run_job

COUNTED = "import os\nwith open('imports', 'a') as file: print(os.getpid(), file=file)\n"
"""A module that counts how often it is imported."""
UNFIT = {
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
    "a process": "import subprocess\nkept = subprocess.Popen(['sleep', '1000'])",
    "a process that ended": "if os.fork() == 0: os._exit(0)",
    "an open file": "kept = open('kept', 'w')",
    "a temporary folder": "import tempfile\nkept = tempfile.mkdtemp(dir='.')",
    "closed descriptors": "os.closerange(3, 256)",
    "shared memory": "import mmap\nkept = mmap.mmap(-1, 4096)",
    "a socket": "import socket\nkept = socket.socket()",
    "a database": "import sqlite3\nkept = sqlite3.connect('some.db')",
    "a lock": "import multiprocessing\nkept = multiprocessing.Lock()",
    "a value": "import multiprocessing\nkept = multiprocessing.RawValue('i')",
    "a generator": "import random\nkept = {'rng': random.Random()}",
    "a seed": "import random\nrandom.seed(1)",
    "a random number": "import random\nkept = random.random()",
}
UNFIT_WITH_NUMPY = {
    "a generator of numpy": "import numpy\nkept = numpy.random.default_rng()",
    "an old generator of numpy": "import numpy\nkept = numpy.random.RandomState(1)",
    "a seed for numpy": "import numpy\nnumpy.random.seed(1)",
}
FIT = {
    "nothing": "",
    "a guard": "import multiprocessing as mp\nif mp.parent_process() is None: kept = open('kept', 'w')",
    "the system's random numbers": "import random\nkept = random.SystemRandom()",
    "an unlocked lock": "import threading\nkept = threading.Lock()",
    "private memory": "import mmap\nkept = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE)",
}
has_numpy = pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="numpy is not installed")


def served(folder: Path, source: str, **run: object) -> Job:
    return make_job(folder, source, start_method="forkserver", **run)  # pyright: ignore[reportArgumentType]


def imports(folder: Path) -> int:
    return len((folder / "imports").read_text().splitlines())


def customize(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    """Make all processes of the run, host and server included, begin with this."""
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder / "site"))


@pytest.mark.parametrize("case", FIT)
def test_a_module_is_imported_once_for_all_workers(tmp_path: Path, case: str) -> None:
    source = COUNTED + FIT[case] + "\ndef f(x): return os.getpid()"
    run = run_job(served(tmp_path, source, inputs=range(40), workers=3, tasks_per_worker=5))
    assert run.ended.state == "finished"
    assert len(set(run.values)) >= 8
    assert imports(tmp_path) == 1


@pytest.mark.parametrize(
    "code",
    [
        *(pytest.param(code, id=case) for case, code in UNFIT.items()),
        *(pytest.param(code, id=case, marks=has_numpy) for case, code in UNFIT_WITH_NUMPY.items()),
    ],
)
def test_a_module_that_must_not_be_copied_is_imported_by_each_worker(tmp_path: Path, code: str) -> None:
    source = COUNTED + code + "\nME = os.getpid()\ndef f(x): return ME == os.getpid()"
    run = run_job(served(tmp_path, source, inputs=range(40), workers=2))
    assert run.values == [True] * 40
    assert imports(tmp_path) > 1


def test_a_burst_of_deaths_costs_no_import(tmp_path: Path) -> None:
    """Both workers die at once; their replacements do not import the slow module again."""
    source = f"""
import time
{COUNTED}
time.sleep(1)

def f(x):
    open(f"on-{{x}}", "w").close()
    while x < 2 and not (os.path.exists("on-0") and os.path.exists("on-1")):
        time.sleep(0.01)
    if x < 2:
        os._exit(1)
    return x
"""
    run = run_job(served(tmp_path, source, inputs=range(20), batch=1))
    assert run.statuses == {0: "died", 1: "died"}
    assert imports(tmp_path) == 1


def test_what_a_worker_finds_is_as_its_module_left_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "neighbour_of_none.py").write_text("value = 7")
    source = f"""
{COUNTED}
import logging, multiprocessing, signal, sys
sys.path.insert(0, os.path.abspath("deep"))
sys.argv.append("more")
os.chdir("deep")
signal.signal(signal.SIGTERM, print)
signal.signal(signal.SIGUSR1, repr)
logging.getLogger().setLevel("ERROR")
logging.getLogger("x").addFilter(len)
sys.stdout = sys.stderr
NAME = multiprocessing.current_process().name

def f(x):
    import neighbour_of_none
    return str([
        neighbour_of_none.value, os.path.basename(os.getcwd()), [os.path.basename(a) for a in sys.argv],
        signal.getsignal(signal.SIGTERM) is print, signal.getsignal(signal.SIGUSR1) is repr,
        logging.getLogger().level, logging.getLogger("x").filters == [len],
        sys.stdout is sys.stderr, NAME != "MainProcess", multiprocessing.current_process().name,
    ])
"""
    run = run_job(served(tmp_path, source, inputs=[1], workers=1))
    expected = [7, "deep", ["user_code.py", "more"], True, True, 40, True, True, True, "Worker-1"]
    assert run.values == [str(expected)]
    assert imports(tmp_path) == 1


SAYS = "import logging\nprint('said')\nprint('begun', end=' ')\nlogging.warning('logged')\n"


def test_what_a_module_says_is_there_once(tmp_path: Path) -> None:
    source = SAYS + COUNTED + "def f(x): logging.warning('task'); return os.getpid()"
    job = served(tmp_path, source, inputs=range(20), tasks_per_worker=5, log=Log(file="own.log"))
    run = run_job(job)
    assert run.ended.state == "finished"
    own = (tmp_path / "own.log").read_text().splitlines()
    for lines in (own, run.log):
        assert lines.count("root - WARNING - logged") == 1
        assert lines.count("root - WARNING - task") == 20
    assert (run.output.count("said"), run.output.count("begun")) == (1, 1)
    assert imports(tmp_path) == 1


def test_a_module_that_fails_is_imported_once_and_leaves_the_log_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "own.log").write_text("before")
    source = SAYS + COUNTED + "1 / 0"
    run = run_job(served(tmp_path, source, inputs=range(20), log=Log(file="own.log")))
    assert (run.ended.state, run.ended.ran, run.ended.key) == ("failed", False, "function.file")
    assert "ZeroDivisionError" in run.ended.reason
    assert "user_code.py" in run.ended.details
    assert (tmp_path / "own.log").read_text() == "before"
    assert imports(tmp_path) == 1


def test_what_is_too_large_for_the_memory_limit_is_refused_in_the_server(tmp_path: Path) -> None:
    source = COUNTED + "data = bytearray(1 << 30)\ndef f(x): return x"
    run = run_job(served(tmp_path, source, inputs=range(4), memory_limit="512 MiB"))
    assert (run.ended.state, run.ended.ran) == ("failed", False)
    assert "MemoryError" in run.ended.reason
    assert imports(tmp_path) == 1


def test_a_server_that_dies_at_the_import_ends_the_run_as_its_workers_do(tmp_path: Path) -> None:
    run = run_job(served(tmp_path, COUNTED + "os._exit(3)", inputs=range(4)))
    assert (run.ended.state, run.ended.ran, run.ended.key) == ("failed", False, "function.file")
    assert "exited with status 3" in run.ended.reason


@pytest.mark.parametrize("how", ["stop", "kill", "leave", "die"])
def test_a_module_that_hangs_does_not_hold_up_the_end(tmp_path: Path, how: str) -> None:
    """It also takes what it started with it, as the check for leftover processes after each test proves."""
    source = COUNTED + "import subprocess, time\nsubprocess.Popen(['sleep', '1000'])\ntime.sleep(1000)"
    job = served(tmp_path, source, inputs=range(4))
    with HostHandle.start(job, create(job, runs_root())) as host:
        while not (tmp_path / "imports").exists():
            time.sleep(0.01)
        if how == "leave":
            return
        if how == "die":
            psutil.Process(host.pid).kill()
            assert isinstance(follow(host)[-1], LinkLost)
            return
        getattr(host, how)()
        assert follow(host)[-1].state == "stopped"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_server_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """Its workers live on, and later ones load the module by themselves."""
    source = f"""
{COUNTED}
import signal, time
def f(x):
    if x == 7:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(0.1)
    if x == 20:
        os._exit(1)
    return x
"""
    run = run_job(served(tmp_path, source, inputs=range(50), workers=1))
    assert run.statuses == {20: "died"}
    assert imports(tmp_path) > 1


PATHS_KEPT = """
import sys
PATHS = [list(sys.path)]
def f(x): return str([p for p in [*PATHS[0], *sys.path] if p.endswith(("engine", "engine/host"))])
"""
TAKES_PATH_FIRST = """
import sys
from multiprocessing import forkserver
main = forkserver.main
def newer_main(*args, sys_path, **more):
    sys.path[:] = sys_path
    main(*args, sys_path=sys_path, **more)
forkserver.main = newer_main
"""


def test_a_server_that_takes_over_the_module_path_first_finds_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from CPython 3.12.8, 3.13.1 and 3.14 on; and the engine's folder is on nobody's path."""
    customize(monkeypatch, tmp_path, TAKES_PATH_FIRST)
    run = run_job(served(tmp_path, COUNTED + PATHS_KEPT, inputs=range(20)))
    assert run.values == ["[]"] * 20
    assert imports(tmp_path) == 1


def test_a_server_that_does_not_connect_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customize(monkeypatch, tmp_path, "import os\nos.environ.pop('POOLHOUSE_LOADS_FOR', None)")
    run = run_job(served(tmp_path, COUNTED + "def f(x): return x", inputs=range(20)))
    assert run.values == list(range(20))
    assert imports(tmp_path) > 1


def test_a_server_that_cannot_be_started_is_an_error_of_the_start_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from multiprocessing import util\nutil.get_temp_dir = lambda: '/' + 200 * 'long'"
    customize(monkeypatch, tmp_path, source)
    run = run_job(served(tmp_path, COUNTED + "def f(x): return x", inputs=range(20)))
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.ran, run.ended.key) == ("failed", False, "run.start_method")
    assert "server that forks workers cannot be started" in run.ended.reason


def test_a_run_ends_well_where_the_temporary_folder_is_tidied_up_meanwhile(tmp_path: Path) -> None:
    source = """
import shutil
from multiprocessing import util
def f(x):
    if x == 7: shutil.rmtree(util.get_temp_dir())
    return x
"""
    run = run_job(served(tmp_path, source, inputs=range(8), workers=1))
    assert isinstance(run.ended, Ended)
    assert (run.ended.state, run.ended.ok) == ("finished", 8)


def test_a_generator_of_inputs_is_read_from_the_loaded_module(tmp_path: Path) -> None:
    source = (
        COUNTED
        + """
class Thing:
    def __init__(self, n): self.n = n
def things():
    for n in range(30): yield Thing(n)
def f(thing): return thing.n if type(thing) is Thing else "another class"
"""
    )
    run = run_job(served(tmp_path, source, inputs=Inputs("generator", generator="things")))
    assert run.values == list(range(30))
    assert imports(tmp_path) == 1


@has_numpy
def test_workers_draw_different_numbers(tmp_path: Path) -> None:
    source = (
        COUNTED
        + """
import numpy, random
def f(x): return str((numpy.random.random(), random.random()))
"""
    )
    run = run_job(served(tmp_path, source, inputs=range(20), tasks_per_worker=1))
    assert len(set(run.values)) == 20
    assert imports(tmp_path) == 1


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
@pytest.mark.parametrize("source", ["def f(x): return x", "1 / 0"], ids=["ends", "fails"])
def test_no_temporary_folder_is_left(
    tmp_path: Path, method: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # a short path, since it contains sockets
        monkeypatch.setenv("TMPDIR", folder)
        run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
        assert not list(Path(folder).iterdir())


def test_runs_on_each_interpreter(tmp_path: Path, interpreter: Path) -> None:
    source = COUNTED + "def f(x):\n    if x == 5: os._exit(1)\n    return x"
    job = served(tmp_path, source, inputs=range(20))
    run = run_job(replace(job, function=replace(job.function, python=str(interpreter))))
    assert run.statuses == {5: "died"}
    assert imports(tmp_path) == 1
