"""`poolhouse debug`: one task of a run under the debugger, wherever its function and input come from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.job import Function, Inputs, Job, Parameter, save
from engine.source.code import debug_command
from tests.e2e.terminal import poolhouse
from tests.interpreters import interpreters

pytestmark = pytest.mark.usefixtures("program")

WORK = """
import asyncio
import functools
from dataclasses import dataclass

@dataclass
class Point:
    x: int

def points():
    yield from (Point(n) for n in range(5))

def model(path):
    return f"model of {path}"

def f(x, model, scale=1):
    if x == 3:
        raise ValueError(f"no {x}")
    return f"{model}: {x * scale}"

def of_point(point):
    return f"point {point.x}"

def kept(function):
    @functools.wraps(function)
    def inside(*args):
        return function(*args)
    return inside

@kept
def wrapped(x):
    return f"wrapped {x}"

async def later(x):
    await asyncio.sleep(0)
    return f"later {x}"

class Called:
    def __call__(self, x):
        return f"called {x}"

called = Called()
"""


def job_of(folder: Path, name: str, inputs: Inputs, *, python: str = "", **more: object) -> Path:
    (folder / "work.py").write_text(WORK)
    function = Function("work.py", name, python=python, setup="model" if name == "f" else "")
    job = Job(function, inputs, folder=folder, **more)  # type: ignore[arg-type]
    save(job, folder / "job.pool")
    return folder / "job.pool"


def run(job: Path) -> Path:
    done = poolhouse("run", job, "--runs", job.parent / "runs", "--quiet")
    assert done.returncode in (0, 1), done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("version", [min, max], ids=["oldest", "newest"])
def test_setup_parameters_and_the_line_that_failed(tmp_path: Path, version: Callable[..., str]) -> None:
    interpreter = interpreters()[version(interpreters(), key=lambda name: int(name.partition(".")[2]))]
    more = {
        "parameters": {"x": Parameter(input=""), "scale": Parameter(value=10)},
        "setup": {"path": Parameter(value="model.bin")},
    }
    folder = run(job_of(tmp_path, "f", Inputs("range", stop=5), python=str(interpreter), **more))
    done = poolhouse("debug", folder, "2", typed="p model\nc\n")
    assert done.returncode == 0, done.stderr
    assert "'model of model.bin'" in done.stdout
    assert "Task 2 returned 'model of model.bin: 20'" in done.stdout
    done = poolhouse("debug", folder / "run.db", "3", typed="c\np x + 39\nq\n")
    assert "ValueError: no 3" in done.stderr
    assert "_poolhouse" not in done.stderr
    assert "engine" not in done.stderr
    assert "work.py(18)f()" in done.stdout
    assert "42" in done.stdout


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("of_point", Inputs("generator", generator="points"), "point 2"),
        ("wrapped", Inputs("list", values=("a", "b", "c")), "wrapped c"),
        ("later", Inputs("lines", path="lines.txt"), "later three"),
        ("called", Inputs("jsonl", path="lines.jsonl"), "called {'n': 2}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wherever_function_and_input_come_from(tmp_path: Path, name: str, inputs: Inputs, said: str) -> None:
    (tmp_path / "lines.txt").write_text("one\ntwo\nthree\n")
    (tmp_path / "lines.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(3)))
    folder = run(job_of(tmp_path, name, inputs))
    done = poolhouse("debug", folder, "2", typed="c\n")
    assert f"Task 2 returned {said!r}" in done.stdout, done.stderr
    assert f'-> return f"{said.split(maxsplit=1)[0]}' in done.stdout or "-> await" in done.stdout


def test_a_package_and_code_that_has_changed(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "prices.py").write_text("RATE = 2\n")
    (package / "till.py").write_text(
        "from .prices import RATE\n\ndef total(x):\n    return 1 / (x - 1) * RATE\n"
    )
    save(
        Job(Function("shop/till.py", "total"), Inputs("range", stop=3), folder=tmp_path), tmp_path / "a.pool"
    )
    folder = run(tmp_path / "a.pool")
    assert "ZeroDivisionError" in poolhouse("debug", folder, "1", typed="c\nq\n").stderr
    (package / "till.py").write_text(
        "from .prices import RATE\n\ndef total(x):\n    return f'mended {x * RATE}'\n"
    )
    assert "Task 1 returned 'mended 2'" in poolhouse("debug", folder, "1", typed="c\n").stdout


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    folder = run(job_of(tmp_path, "wrapped", Inputs("range", stop=3)))
    for task, said in (("3", "There is no task 3: this run has 3, from 0 on."), ("x", "“x” is not a number")):
        done = poolhouse("debug", folder, task)
        assert done.returncode == 2
        assert said in done.stderr
    (tmp_path / "work.py").write_text("import not_there")
    done = poolhouse("debug", folder, "1", typed="c\n")
    assert done.returncode == 2
    assert "no module named 'not_there'" in done.stderr
    assert poolhouse("debug", tmp_path, "1").returncode == 2


def test_the_line_for_the_clipboard() -> None:
    folder = Path("/runs/a b")
    assert debug_command(folder, 37, windows=False) == "poolhouse debug '/runs/a b' 37"
