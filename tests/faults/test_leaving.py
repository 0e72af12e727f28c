"""Workers and the reader of inputs exit in order: buffered output is written, and in time."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engine.host.work.leaving import LEAVE_SECONDS
from engine.job import Inputs
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)

BUFFERS = """
import atexit, ctypes, gzip, multiprocessing.util, os
c = ctypes.CDLL(None)

def path(kind):
    return os.path.join(os.path.dirname(__file__), f"{kind}-{os.getpid()}")

def note(kind):
    with open(path(kind), "a") as file:
        file.write("ran")
"""
AT_IMPORT = (
    BUFFERS
    + """
rows, packed = open(path("rows"), "w"), gzip.open(path("packed"), "wt")
atexit.register(note, "atexit")
multiprocessing.util.Finalize(None, note, ("finalize",), exitpriority=10)
def f(x):
    rows.write(f"{x}\\n")
    packed.write(f"{x}\\n")
    c.printf(b"said by C %d\\n", x)
    return os.getpid()
"""
)


@every_start_method
@pytest.mark.parametrize("tasks_per_worker", [0, 2])
def test_what_is_buffered_is_written(tmp_path: Path, method: str, tasks_per_worker: int) -> None:
    job = make_job(
        tmp_path, AT_IMPORT, inputs=range(6), start_method=method, tasks_per_worker=tasks_per_worker
    )
    run = run_job(job)
    assert run.statuses == {}
    pids = set(run.values)
    assert len(pids) >= (3 if tasks_per_worker else 1)
    for pid in pids:
        mine = [str(x) for x, value in enumerate(run.values) if value == pid]
        assert (tmp_path / f"rows-{pid}").read_text().split() == mine
        assert gzip.decompress((tmp_path / f"packed-{pid}").read_bytes()).decode().split() == mine
        assert (tmp_path / f"atexit-{pid}").read_text() == "ran", "once"
        assert (tmp_path / f"finalize-{pid}").read_text() == "ran", "once"
    assert sorted(run.output.split("\n")) == sorted(["", *(f"said by C {x}" for x in range(6))])


@pytest.mark.parametrize(
    "register",
    ["atexit.register(note, 'end')", "multiprocessing.util.Finalize(None, note, ('end',), exitpriority=0)"],
)
def test_a_module_that_asks_for_it_when_it_is_loaded_once_for_all(tmp_path: Path, register: str) -> None:
    """Under forkserver each worker still does it by itself."""
    source = f"{BUFFERS}\n{register}\ndef f(x):\n    return os.getpid()"
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method="forkserver", tasks_per_worker=2))
    assert run.statuses == {}
    assert len(set(run.values)) == 2
    for pid in set(run.values):
        assert (tmp_path / f"end-{pid}").read_text() == "ran"


@every_start_method
def test_what_a_task_asks_for(tmp_path: Path, method: str) -> None:
    source = f"""{BUFFERS}
opened = []
def f(x):
    atexit.register(note, f"atexit-{{x}}")
    opened.append(open(path(f"file-{{x}}"), "w"))
    opened[-1].write("buffered")
    return os.getpid()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    for x, pid in enumerate(run.values):
        assert (tmp_path / f"atexit-{x}-{pid}").read_text() == "ran"
        assert (tmp_path / f"file-{x}-{pid}").read_text() == "buffered"


@every_start_method
def test_what_c_printed_is_there_though_the_worker_dies_later(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # which also holds for C
    source = f"""{BUFFERS}
def f(x):
    c.printf(b"said by C %d\\n", x)
    if x == 2:
        os._exit(1)
    return x
"""
    run = run_job(make_job(tmp_path, source, inputs=range(4), workers=1, batch=1, start_method=method))
    assert run.statuses == {2: "died"}
    assert run.output.splitlines() == ["said by C 0", "said by C 1", "said by C 3"]


@pytest.mark.parametrize(
    "hang",
    [
        "time.sleep(1000)",
        "re.match('(a*)*b', 'a' * 60)",
        "faulthandler.cancel_dump_traceback_later(); re.match('(a*)*b', 'a' * 60)",
        "threading.Thread(target=time.sleep, args=(1000,)).start()",
    ],
)
def test_an_end_that_hangs_holds_the_run_for_some_seconds_only(tmp_path: Path, hang: str) -> None:
    source = f"""
import atexit, faulthandler, re, threading, time
def hang():
    {hang}
def f(x):
    if x == 1:
        atexit.register(hang)
    return x
"""
    assert LEAVE_SECONDS < 20
    run = run_job(make_job(tmp_path, source, inputs=range(6), workers=1))
    assert run.values == list(range(6))
    assert run.ended.state == "finished"


def test_an_end_that_fails(tmp_path: Path) -> None:
    source = f"""{BUFFERS}
import sys
atexit.register(note, "first")
atexit.register(sys.exit, 3)
atexit.register(lambda: 1 / 0)
def f(x):
    return os.getpid()
"""
    run = run_job(make_job(tmp_path, source, inputs=range(2), workers=1))
    assert run.ended.state == "finished"
    assert (tmp_path / f"first-{run.values[0]}").read_text() == "ran"
    assert "ZeroDivisionError" in run.output


@every_start_method
def test_the_reader_of_inputs(tmp_path: Path, method: str) -> None:
    source = f"""{BUFFERS}
rows = open(path("rows"), "w")
atexit.register(note, "atexit")
def inputs():
    try:
        yield from range(5)
        rows.write("all")
        yield os.getpid()
    finally:
        note("finally")
def f(x):
    return x
"""
    job = make_job(tmp_path, source, inputs=Inputs("generator", generator="inputs"), start_method=method)
    run = run_job(job)
    pid = run.values[-1]
    assert run.values == [0, 1, 2, 3, 4, pid]
    assert (tmp_path / f"rows-{pid}").read_text() == "all"
    assert (tmp_path / f"atexit-{pid}").read_text() == "ran"
    assert (tmp_path / f"finally-{pid}").read_text() == "ran"
