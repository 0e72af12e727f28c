"""What works in a pool of multiprocessing works in a worker."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.job import Function, Inputs, Job, Log, Run
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)

MODEL = """
import os, pickle
class Model:
    def __init__(self, k): self.k = k
def f(x):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "model.pkl"), "rb") as file:
        model = pickle.load(file)
    assert type(model) is Model
    return [model.k * x, __name__]
if __name__ in ("__main__", "__mp_main__"):
    raise SystemExit("this part is for scripts only")
"""


def job_of(path: Path, method: str, inputs: int = 4, **run: object) -> Job:
    given = Inputs("range", start=0, stop=inputs, step=1)
    options = {"workers": 2, "start_method": method, **run}
    return Job(Function(file=path.name, name="f"), given, Run(**options), Log(), path.parent)  # type: ignore[arg-type]


MODEL_OF_MAIN = b"\x80\x04c__main__\nModel\n)\x81}\x8c\x01kK\x03sb."
"""The pickle of Model(3) of a script."""


@every_start_method
@pytest.mark.parametrize("name", ["plain.py", "my.job.v2.py", "01 with-odd+signs é.py", "random.py"])
@pytest.mark.parametrize("package", [False, True])
def test_data_that_was_pickled_by_a_script(tmp_path: Path, method: str, name: str, package: bool) -> None:
    folder = tmp_path / "pack" if package else tmp_path
    folder.mkdir(exist_ok=True)
    if package:
        (folder / "__init__.py").write_text("")
    (folder / name).write_text(MODEL, "utf-8")
    (folder / "model.pkl").write_bytes(MODEL_OF_MAIN)
    run = run_job(job_of(folder / name, method))
    assert [value[0] for value in run.values] == [0, 3, 6, 9]


@every_start_method
@pytest.mark.parametrize("name", ["plain.py", "my.job.v2.py"])
def test_classes_of_the_file_are_pickled_and_read_back(tmp_path: Path, method: str, name: str) -> None:
    source = """
import pickle
class Model:
    def __init__(self, k): self.k = k
    def __repr__(self): return f"Model({self.k})"
def f(x):
    return pickle.loads(pickle.dumps(Model(x)))
"""
    (tmp_path / name).write_text(source)
    run = run_job(job_of(tmp_path / name, method))
    assert run.values == [f"Model({x})" for x in range(4)]


@every_start_method
@pytest.mark.parametrize("name", ["plain.py", "my.job.v2.py"])
@pytest.mark.parametrize("inner", START_METHODS)
def test_pools_in_a_task_find_the_file(tmp_path: Path, method: str, name: str, inner: str) -> None:
    source = f"""
import multiprocessing
def double(x): return 2 * x
def f(x):
    with multiprocessing.get_context({inner!r}).Pool(1) as pool:
        return pool.map({"double" if name == "plain.py" else "abs"}, [x])
"""
    (tmp_path / name).write_text(source)
    run = run_job(job_of(tmp_path / name, method, 2))
    assert run.values == ([[0], [2]] if name == "plain.py" else [[0], [1]])


@every_start_method
def test_an_interrupt_sent_to_a_child_ends_it(tmp_path: Path, method: str) -> None:
    source = """
import os, signal, subprocess, sys
def f(x):
    os.kill(os.getpid(), signal.SIGINT)
    if x == 0:
        child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); import time; time.sleep(99)"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        return child.wait()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if signal.getsignal(signal.SIGINT) is signal.default_int_handler else 1)
    return os.waitpid(pid, 0)[1]
"""
    run = run_job(make_job(tmp_path, source, inputs=range(2), workers=1, start_method=method))
    assert run.values == [-signal.SIGINT, 0]


@every_start_method
@pytest.mark.parametrize("own", START_METHODS)
def test_a_module_that_sets_a_start_method(tmp_path: Path, method: str, own: str) -> None:
    source = f"""
import multiprocessing
multiprocessing.set_start_method({own!r})
def f(x):
    return multiprocessing.get_start_method()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    assert run.values == [own] * 4


@every_start_method
def test_pools_in_tasks_start_as_the_workers_do(tmp_path: Path, method: str) -> None:
    source = "import multiprocessing\ndef f(x): return multiprocessing.get_start_method()"
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    assert run.values == [method] * 4


@every_start_method
def test_a_session_may_be_begun(tmp_path: Path, method: str) -> None:
    source = """
import os
def f(x):
    if os.getsid(0) != os.getpid():
        os.setsid()
    return os.getsid(0) == os.getpid()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    assert run.values == [True] * 4


def test_a_library_that_replaces_the_means_to_fork(tmp_path: Path) -> None:
    """As gevent and eventlet do: the server that forks workers must then not be copied."""
    source = """
import os, selectors, threading
def broken(*args, **named): raise RuntimeError("replaced")
fork, os.fork = os.fork, broken
selectors.DefaultSelector = broken
def f(x):
    return x
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method="forkserver"))
    assert run.values == [0, 1, 2, 3]
