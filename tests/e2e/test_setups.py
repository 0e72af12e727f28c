"""The set-up: called once in each worker before its first task, and its errors. Also lanes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.check import check
from engine.job import Inputs, Job, Parameter, dumps, loads
from tests.program import command
from tests.running import LOCAL_MODES, START_METHODS, make_job, run_job

MODEL = """
import os, time
calls = []
def load_model(scale=1, folder=None):
    calls.append(os.getpid())
    return {"scale": scale, "pid": os.getpid(), "folder": folder}
def f(x, load_model):
    assert calls == [os.getpid()], "once in this process"
    assert load_model["pid"] == os.getpid()
    return x * load_model["scale"], str(load_model["folder"])
"""


def job_with_setup(folder: Path, source: str, setup: str = "load_model", **run: Any) -> Job:
    job = make_job(folder, source, inputs=range(8), **run)
    return job.with_(function=replace(job.function, setup=setup))


@pytest.mark.parametrize("mode", LOCAL_MODES)
def test_what_it_gives_goes_to_the_parameter_of_its_name(tmp_path: Path, mode: str) -> None:
    values = {"scale": Parameter(value=3), "folder": Parameter(value="data", form="path")}
    job = job_with_setup(tmp_path, MODEL, mode=mode).with_(setup=values)
    assert check(job) == []
    assert run_job(job).values == [(3 * x, "data") for x in range(8)]


@pytest.mark.parametrize("method", START_METHODS)
def test_it_is_called_in_the_worker_not_in_a_template(tmp_path: Path, method: str) -> None:
    run = run_job(job_with_setup(tmp_path, MODEL, start_method=method))
    assert run.values == [(x, "None") for x in range(8)]


def test_on_every_interpreter(tmp_path: Path, interpreter: Path) -> None:
    job = job_with_setup(tmp_path, MODEL)
    job = job.with_(function=replace(job.function, python=str(interpreter)))
    assert run_job(job).values == [(x, "None") for x in range(8)]


def test_a_worker_that_takes_the_place_of_another_calls_it_too(tmp_path: Path) -> None:
    source = (
        MODEL + "\n_f = f\ndef f(x, load_model):\n    if x == 3: os._exit(1)\n    return _f(x, load_model)"
    )
    run = run_job(job_with_setup(tmp_path, source, tasks_per_worker=2))
    assert run.statuses == {3: "died"}
    assert [r.value for r in run.records if r.index != 3] == [(x, "None") for x in range(8) if x != 3]


@pytest.mark.parametrize("mode", ["pool", "threads", "serial"])
def test_an_async_set_up_shares_the_loop_of_the_tasks(tmp_path: Path, mode: str) -> None:
    source = """
import asyncio
async def connect():
    return asyncio.get_running_loop()
async def f(x, connect):
    return connect is asyncio.get_running_loop()
"""
    assert run_job(job_with_setup(tmp_path, source, "connect", mode=mode)).values == [True] * 8


def test_beside_parameters_from_the_input_and_without_a_parameter(tmp_path: Path) -> None:
    job = job_with_setup(tmp_path, MODEL).with_(parameters={"x": Parameter(input="")})
    assert check(job) == []
    assert run_job(job).values == [(x, "None") for x in range(8)]
    other = "ready = []\ndef prepare(): ready.append(1)\ndef f(x): return len(ready)"
    assert run_job(job_with_setup(tmp_path, other, "prepare")).values == [1] * 8


@pytest.mark.parametrize("mode", LOCAL_MODES)
@pytest.mark.parametrize("method", START_METHODS)
def test_if_it_fails_nothing_runs(tmp_path: Path, mode: str, method: str) -> None:
    source = "def load_model():\n    raise ValueError('no such model')\ndef f(x): open('ran', 'w')"
    run = run_job(job_with_setup(tmp_path, source, mode=mode, start_method=method))
    ended: Any = run.ended
    assert (ended.state, ended.key, ended.ran) == ("failed", "function.setup", False)
    assert ended.reason == "The set-up load_model failed: ValueError: no such model"
    assert "raise ValueError('no such model')" in ended.details
    assert not (tmp_path / "ran").exists()


def test_if_it_ends_its_worker_it_is_at_fault(tmp_path: Path) -> None:
    source = "import os\ndef load_model():\n    os._exit(4)\ndef f(x): return x"
    ended: Any = run_job(job_with_setup(tmp_path, source)).ended
    assert (ended.state, ended.key, ended.ran) == ("failed", "function.setup", False)
    assert "The set-up ends its worker" in ended.reason
    assert "exited with status 4" in ended.reason


def test_the_command_says_so_and_ends_with_2(tmp_path: Path, program: str) -> None:
    job = job_with_setup(tmp_path, "def load_model(): 1 / 0\ndef f(x): return x")
    (tmp_path / "job.pool").write_text(dumps(job, tmp_path), "utf-8")
    run = [*command("run"), str(tmp_path / "job.pool"), "--runs", str(tmp_path / "runs"), "--mode", "threads"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "function.setup" in done.stderr
    assert "The set-up load_model failed: ZeroDivisionError: division by zero" in done.stderr


@pytest.mark.parametrize(
    ("source", "setup", "values", "key", "words"),
    [
        ("def f(x): pass", "load", {}, "function.setup", 'no function "load" beside'),
        ("def load_mode(): pass\ndef f(x): pass", "load_model", {}, "function.setup", 'mean "load_mode"'),
        ("def load(path): pass\ndef f(x): pass", "load", {}, "function.setup", "load needs path"),
        ("def load(): pass\ndef f(x): pass", "load", {"a": Parameter(value=1)}, "setup.a", "no parameter"),
        ("def load(a): pass\ndef f(x): pass", "load", {"a": Parameter(input="a")}, "setup.a", "before there"),
        ("def load(): pass\ndef f(load, x): pass", "load", {}, "function.setup", "after the others"),
        ("def f(x): pass", "", {"a": Parameter(value=1)}, "setup", "no set-up is named"),
        ("def f(x, y): pass\ndef load(): pass", "load", {}, "parameters.y", "f needs y"),
    ],
)
def test_what_can_be_known_before(
    tmp_path: Path, source: str, setup: str, values: dict[str, Parameter], key: str, words: str
) -> None:
    problems = check(job_with_setup(tmp_path, source, setup).with_(setup=values))
    assert [problem.key for problem in problems] == [key]
    assert words in problems[0].message


def test_it_is_kept_in_job_files(tmp_path: Path) -> None:
    values = {"scale": Parameter(value=3), "folder": Parameter(value="data", form="path")}
    job = job_with_setup(tmp_path, MODEL).with_(setup=values)
    text = dumps(job, tmp_path)
    assert 'setup = "load_model"' in text
    assert '[setup]\nscale = {value = 3}\nfolder = {value = "data", as = "path"}\n' in text
    assert loads(text, tmp_path) == job


LANES = """
import os, time
LANE = os.environ["POOLHOUSE_LANE"]
time.sleep({load})
def f(x):
    if x % 5 == 4: os._exit(1)
    time.sleep(0.02)
    return LANE, os.environ["POOLHOUSE_LANE"]
"""


@pytest.mark.parametrize("load", [0, 0.3])
@pytest.mark.parametrize("method", START_METHODS)
def test_each_worker_knows_its_lane_and_so_does_what_takes_its_place(
    tmp_path: Path, method: str, load: float
) -> None:
    """Also if spare workers would be kept because the module loads slowly."""
    inputs = Inputs("range", stop=30)
    run = run_job(make_job(tmp_path, LANES.format(load=load), inputs=inputs, start_method=method, workers=3))
    values = [r.value for r in run.records if r.status == "ok"]
    assert len(values) == 24
    assert all(one == other for one, other in values), "at import and in the task"
    assert {lane for lane, _ in values} <= {"0", "1", "2"}


@pytest.mark.parametrize("mode", ["threads", "serial"])
def test_threads_and_tasks_in_turn_are_in_lane_0(tmp_path: Path, mode: str) -> None:
    source = "import os\ndef f(x):\n    return os.environ['POOLHOUSE_LANE']"
    assert run_job(make_job(tmp_path, source, inputs=range(6), mode=mode)).values == ["0"] * 6
