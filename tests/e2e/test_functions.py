"""Functions of every kind, wherever users keep them, run by the real engine."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from engine.check import check
from engine.job import Function, Inputs, Job, Run
from tests.running import Finished, run_job


def run(folder: Path, function: Function, *values: Any, call: str = "", **options: Any) -> Finished:
    options.setdefault("workers", 1)
    job = Job(function, Inputs("list", values, call=call), Run(**options), folder=folder)
    assert check(job) == []
    return run_job(job)


def write(folder: Path, **files: str) -> None:
    """Write modules; `__` in a name separates folders."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A project whose function is in a nested package, beside one named like a standard module."""
    root = tmp_path / "project"
    write(
        root,
        settings="FACTOR = 10",
        app__sub__work="""
            import sys
            from dataclasses import dataclass
            from .types import helper
            from ..shared import plus
            from settings import FACTOR

            @dataclass
            class Point:
                x: int
                def __reduce__(self):
                    return Point, (self.x,)

            def f(x):
                import neighbour, types
                point = Point(plus(helper(x) * FACTOR))
                return [point, __name__, hasattr(types, "CodeType"), sys.path[0]]

            def g(x):
                import pickle, subprocess
                code = f"import sys, pickle; sys.path.insert(0, {sys.path[0]!r});"
                code += f"print(pickle.loads({pickle.dumps(Point(x))!r}))"
                return subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout
        """,
        app__sub__types="def helper(x): return -x",
        app__sub__neighbour="",
        app__shared="def plus(x): return x + 1",
    )
    for folder in (root / "app", root / "app" / "sub"):
        (folder / "__init__.py").touch()
    return root


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_file_in_a_package_runs_as_from_the_projects_root(package: Path, method: str) -> None:
    file = package / "app" / "sub" / "work.py"
    done = run(file.parent, Function(file=str(file), name="f"), 4, start_method=method)
    expected = f"[Point(x=-39), 'app.sub.work', True, {str(package)!r}]"
    assert [record.value for record in done.records] == [expected], done.ended


def test_a_class_in_a_package_is_pickled_by_a_name_that_others_can_import(package: Path) -> None:
    done = run(package, Function(file="app/sub/work.py", name="g"), 1, start_method="spawn")
    assert done.values == ["Point(x=1)\n"], done.output


def test_a_package_that_python_has_already_is_named(tmp_path: Path) -> None:
    write(tmp_path, json__work="def f(x): return x", json____init__="")
    (tmp_path / "json" / "__init__.py").touch()
    ended = run(tmp_path, Function(file=str(tmp_path / "json" / "work.py"), name="f"), 1).ended
    assert ended.key == "function.file"
    assert "json.work" in ended.reason
    assert "rename the package" in ended.reason


def test_a_relative_import_outside_of_a_package_says_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, work="from .other import x\ndef f(x): return x", other="x = 1")
    ended = run(tmp_path, Function(file="work.py", name="f"), 1).ended
    assert ended.key == "function.file"
    assert "__init__.py" in ended.reason


SOURCE = """
import asyncio, functools, itertools

def scaled(x, factor, *, shift=0):
    return x * factor + shift

double = functools.partial(scaled, factor=2)
by_seven = functools.partial(scaled, 7, shift=1)
square = lambda x: x * x

def make(k):
    def inner(x):
        return x + k
    return inner

add_three = make(3)

class Model:
    rate = 5
    @staticmethod
    def static(x): return x - 1
    @classmethod
    def scaled(cls, x): return x * cls.rate
    def __call__(self, x): return [x]
    async def later(self, x): return -x

model = Model()
counter = itertools.count()

async def wait(x):
    await asyncio.sleep(0)
    return x * 100

later = functools.partial(wait)
wrapped = lambda x: wait(x)

def upto(x):
    yield from range(x)

async def upto_later(x):
    for i in range(x):
        await asyncio.sleep(0)
        yield i
"""
RESULTS = {
    "double": 8, "by_seven": 29, "square": 16, "add_three": 7, "Model.static": 3, "Model.scaled": 20,
    "model": [4], "model.later": -4, "wait": 400, "later": 400, "wrapped": 400, "upto": [0, 1, 2, 3],
    "upto_later": [0, 1, 2, 3],
}  # fmt: skip


def test_whatever_a_call_gives_is_brought_to_its_end(tmp_path: Path) -> None:
    source = SOURCE + "\ndef call(name):\n    return eval(name)(4)\n"
    done = run(tmp_path, Function(source=source, name="call"), *RESULTS)
    assert dict(zip(RESULTS, done.values, strict=True)) == RESULTS


@pytest.mark.parametrize("name", ["wait", "upto", "model.later", "add_three", "double"])
def test_whatever_can_be_called_is_a_function(tmp_path: Path, name: str) -> None:
    write(tmp_path, work=SOURCE)
    file, typed = Function(file="work.py", name=name), Function(source=SOURCE, name=name)
    for function in (file, typed, Function(import_path=f"work:{name}")):
        done = run(tmp_path, function, 4)
        assert done.values == [RESULTS[name]], done.ended


def test_typed_source_means_its_last_function_even_one_that_was_defined_before(tmp_path: Path) -> None:
    source = "f = None\ndef g(x): return 'g'\ndef f(x): return 'f'\nclass After: pass\n"
    assert run(tmp_path, Function(source=source), 1).values == ["f"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("math:sqrt", 2.0),
        ("builtins:abs", 4),
        ("fractions:Fraction.from_float", "Fraction(4, 1)"),
        ("fractions:Fraction", "Fraction(4, 1)"),
        ("operator:neg", -4),
    ],
)
def test_an_import_path_names_what_a_module_has(tmp_path: Path, path: str, value: object) -> None:
    done = run(tmp_path, Function(import_path=path), 4)
    assert done.values == [value]


def test_what_cannot_be_called_is_said_beside_the_path(tmp_path: Path) -> None:
    ended = run(tmp_path, Function(import_path="math:pi"), 4).ended
    assert ended.key == "function.import"
    assert "math:pi is a float" in ended.reason


ASYNC = """
import asyncio, logging, sys

lock = None

async def f(x):
    global lock
    if lock is None:
        lock = asyncio.Lock()
    async with lock:
        if x == 1:
            raise ValueError("one")
        if x == 2:
            sys.exit(3)
        if x == 3:
            asyncio.get_running_loop().stop()
            await asyncio.sleep(30)
        if x == 4:
            asyncio.ensure_future(forever())
            await asyncio.sleep(0)
        if x == 5:
            asyncio.get_running_loop().close()
        if x == 6:
            asyncio.get_running_loop().run_until_complete(asyncio.sleep(0))
        return len(asyncio.all_tasks())

async def forever():
    try:
        await asyncio.sleep(1000)
    finally:
        logging.info("cancelled")
"""


def test_a_coroutine_that_breaks_its_loop_costs_its_own_task(tmp_path: Path, interpreter: Path) -> None:
    write(tmp_path, work=ASYNC)
    function = Function(file="work.py", name="f", python=str(interpreter))
    done = run(tmp_path, function, 0, 1, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0)
    assert [record.status for record in done.records] == [
        "ok", "error", "error", "ok", "error", "ok", "ok", "ok", "error", "ok", "error", "ok",
    ]  # fmt: skip
    assert {record.value for record in done.records if record.status == "ok"} == {1, 2}
    assert sum("cancelled" in line for line in done.log) == 1
    trace = next(record.error for record in done.records if record.index == 1)
    assert "one" in trace
