"""Faults of a job that can be known before it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.check import check
from engine.interpreters import find_interpreter
from engine.job import (
    Function,
    Inputs,
    Job,
    Log,
    Parameter,
    Problem,
    Run,
    check_value,
    display_name,
)

SOURCE = """
from functools import partial
from math import sqrt

def square(x):
    return x * x

class Model:
    @staticmethod
    def fit(x): pass

twice = partial(square)

if __name__ == "__main__":
    def hidden(): pass
"""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "f.py").write_text(SOURCE, encoding="utf-8")
    return Job(Function("f.py", "square"), Inputs("list", (1, 2)), folder=tmp_path)


def only(job: Job) -> Problem:
    (problem,) = check(job)
    return problem


def test_a_sound_job_has_no_problems(job: Job) -> None:
    assert check(job) == []


@pytest.mark.parametrize("name", ["square", "Model.fit", "Model.other", "twice", "sqrt"])
def test_names_that_the_file_may_have(job: Job, name: str) -> None:
    assert check(job.with_(function=Function("f.py", name))) == []


@pytest.mark.parametrize(
    ("function", "key", "words"),
    [
        (Function(), "function.file", "No function is chosen"),
        (Function("f.py"), "function.name", "square, Model.fit"),
        (Function("f.py", "sqare"), "function.name", 'Did you mean "square"?'),
        (Function("f.py", "hidden"), "function.name", "__main__"),
        (Function("f.py", "not a name"), "function.name", "not accepted"),
        (Function("g.py", "f"), "function.file", "g.py cannot be read: there is no such file"),
        (Function(".", "f"), "function.file", "cannot be read"),
        (Function("f.py/x.py", "f"), "function.file", "is a file, not a folder"),
        (Function("a\0b", "f"), "function.file", "not accepted"),
        (Function("broken.py", "f"), "function.file", "line 2, column 7"),
        (Function("empty.py", "f"), "function.name", "nor any other"),
        (Function("empty.py"), "function.file", "There is no function"),
        (Function("f.py", "square", import_path="math:sqrt"), "function.import", "exactly one"),
        (Function("f.py", source="def f(): pass"), "function.source", "exactly one"),
        (Function(import_path="math.sqrt"), "function.import", "math:sqrt"),
        (Function(name="f", import_path="math:sqrt"), "function.name", "not used with import"),
        (Function(source="x = 1"), "function.source", "There is no function"),
        (Function(source="def f(:"), "function.source", "line 1, column 7"),
        (Function(name="g", source="def f(): pass"), "function.name", "choose one of f"),
        (Function("f.py", "square", python="nowhere"), "function.python", "no such file or folder"),
        (Function("f.py", "square", python="."), "function.python", "no python in it"),
    ],
)
def test_the_function(job: Job, function: Function, key: str, words: str) -> None:
    (job.folder / "broken.py").write_text("x = 1\ndef f(:\n", encoding="utf-8")
    (job.folder / "empty.py").write_text("x = 1\n", encoding="utf-8")
    problem = only(job.with_(function=function))
    assert problem.key == key
    assert words in problem.message


def test_nothing_of_the_file_is_run(job: Job) -> None:
    (job.folder / "f.py").write_text(
        "open('ran', 'w')\nraise SystemExit\ndef square(x): pass", encoding="utf-8"
    )
    assert check(job) == []
    assert not (job.folder / "ran").exists()


@pytest.mark.parametrize("more", ["from os import *", "globals()['made'] = 1", "def __getattr__(name): pass"])
def test_names_that_come_from_elsewhere_are_left_to_the_run(job: Job, more: str) -> None:
    (job.folder / "f.py").write_text(more, encoding="utf-8")
    assert check(job.with_(function=Function("f.py", "made"))) == []


def test_another_python_may_have_another_syntax(job: Job) -> None:
    (job.folder / "f.py").write_text("def square[T](x: T) -> T: pass\n~~ new", encoding="utf-8")
    assert check(job.with_(function=Function("f.py", "square", python=sys.executable))) == []


@pytest.mark.parametrize(
    ("inputs", "run", "key", "words"),
    [
        (Inputs("range", stop=3, step=0), Run(), "inputs.step", "other than 0"),
        (Inputs("list", ((1,), 2), call="args"), Run(), "inputs.values", "Input 1 is 2"),
        (Inputs("list", ({"a": 1}, {1: 1}), call="kwargs"), Run(), "inputs.values", "Input 1"),
        (Inputs("range", stop=5, call="args"), Run(), "inputs.call", "a list or tuple"),
        (Inputs(call="args"), Run(), "inputs.call", "needs inputs"),
        (Inputs("cvs"), Run(), "inputs.kind", 'Did you mean "csv"'),
        (Inputs("csv"), Run(), "inputs.path", "No file is chosen"),
        (Inputs("jsonl", path="none"), Run(), "inputs.path", "no such file"),
        (Inputs("lines", path="."), Run(), "inputs.path", "is a folder"),
        (Inputs("lines", path="a\0"), Run(), "inputs.path", "not accepted"),
        (Inputs("lines", path="f.py", call="kwargs"), Run(), "inputs.call", "lines are passed"),
        (Inputs("csv", path="f.py", types={"x": "int"}), Run(), "inputs.types", 'no column "x"'),
        (Inputs("csv", path="f.py", header=False, call="kwargs"), Run(), "inputs.call", "a header"),
        (Inputs("files"), Run(), "inputs.pattern", "No pattern"),
        (Inputs("files", pattern="*.none"), Run(), "inputs.pattern", "No file matches"),
        (Inputs("generator"), Run(), "inputs.generator", "No generator function is chosen"),
        (Inputs("generator", generator="sqare"), Run(), "inputs.generator", 'Did you mean "square"'),
        (Inputs("grid"), Run(), "inputs.grid", "The grid is empty"),
        (Inputs("grid", grid={"x": ()}), Run(), "inputs.grid", "x has no values"),
        (Inputs("grid", grid={"x": (1,), "y": (1, 2)}, combine="zip"), Run(), "inputs.grid", "y has 2"),
        (Inputs("grid", grid=dict.fromkeys("xabcdef", (0,) * 999)), Run(), "inputs.grid", "combinations"),
        (Inputs("grid", grid={"y": (1,)}), Run(), "inputs.call", 'have "y"'),
        (Inputs("list", (1,)), Run(workers=-1), "run.workers", "1 to 512"),
        (Inputs("list", (1,)), Run(workers=10000), "run.workers", "1 to 512"),
        (Inputs("list", (1,)), Run(workers=True), "run.workers", "true"),
        (Inputs("list", (1,)), Run(mode="interpreters"), "run.mode", "accepted: pool"),
        (Inputs("list", (1,)), Run(mode="dask", scheduler="here"), "run.scheduler", "such as tcp://"),
        (Inputs("list", (1,)), Run(start_method="frok"), "run.start_method", 'Did you mean "fork"'),
        (Inputs("list", (1,)), Run(memory_limit="x"), "run.memory_limit", "2 GiB"),
    ],
)
def test_inputs_and_run(job: Job, inputs: Inputs, run: Run, key: str, words: str) -> None:
    found = check(job.with_(inputs=inputs, run=run))
    assert key in [problem.key for problem in found]
    assert any(words in problem.message for problem in found)


@pytest.mark.parametrize(
    "inputs", [Inputs(), Inputs("list", ((1, 2),), call="args"), Inputs("range", stop=1)]
)
def test_a_single_process_takes_one_input_or_none(job: Job, inputs: Inputs) -> None:
    found = check(job.with_(inputs=inputs, run=Run(mode="process")))
    assert [problem.key for problem in found if not problem.key.startswith("parameters.")] == []


def test_a_start_method_that_the_system_has_not(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    problem = only(job.with_(run=Run(start_method="fork")))
    assert (problem.key, "accepted: spawn" in problem.message) == ("run.start_method", True)


@pytest.mark.parametrize(
    ("log", "key", "words"),
    [
        (Log("sub/none/x.log"), "log.file", "there is no folder"),
        (Log("."), "log.file", "it is a folder"),
        (Log("f.py/x.log"), "log.file", "is a file, not a folder"),
        (Log("f.py"), "log.file", "the function's own file"),
        (Log("x" * 300), "log.file", "too long"),
        (Log("a\0b"), "log.file", "not accepted"),
        (Log(level="LOUD"), "log.level", '"INFO"'),
        (Log(format="plain"), "log.format", "%(levelname)s"),
    ],
)
def test_the_log(job: Job, log: Log, key: str, words: str) -> None:
    problem = only(job.with_(log=log))
    assert problem.key == key
    assert words in problem.message


def test_a_log_file_is_neither_made_nor_emptied_nor_touched(job: Job) -> None:
    log = job.folder / "x.log"
    assert check(job.with_(log=Log("x.log"))) == []
    assert not log.exists()
    log.write_text("old", encoding="utf-8")
    os.utime(log, (1, 1))
    assert check(job.with_(log=Log("x.log"))) == []
    assert (log.read_text(encoding="utf-8"), log.stat().st_mtime) == ("old", 1)


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may all"
)
def test_a_log_that_must_not_be_written(job: Job) -> None:
    log = job.folder / "x.log"
    log.touch(mode=0o400)
    assert only(job.with_(log=Log("x.log"))).key == "log.file"


def test_all_problems_are_found_in_the_order_of_the_form(job: Job) -> None:
    broken = job.with_(function=Function("g.py", "f"), run=Run(start_method="x"), log=Log("no/x"))
    assert [p.key for p in check(broken)] == ["run.start_method", "function.file", "log.file"]


def test_an_interpreter_is_a_file_or_in_its_folder(tmp_path: Path) -> None:
    assert find_interpreter(Path(sys.executable)) == Path(sys.executable)
    assert find_interpreter(tmp_path) is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert find_interpreter(tmp_path) == tmp_path / "bin" / "python"


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [("run.workers", 0, False), ("run.workers", 4, True), ("run.mode", "pool", True), ("run.mode", 3, False)],
)
def test_single_values_are_checked_as_in_a_job_file(key: str, value: Any, fine: bool) -> None:
    assert (check_value(key, value) is None) is fine


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Function("a/f.py", "Model.fit"), "Model.fit"),
        (Function(import_path="math:sqrt"), "sqrt"),
        (Function(source="def a(): pass\ndef b(): pass"), "b"),
        (Function(source="def a(:"), "job"),
        (Function("a/f.py"), "f"),
        (Function(), "job"),
    ],
)
def test_display_name(function: Function, name: str) -> None:
    assert display_name(Job(function)) == name


def test_the_bundled_examples_are_sound() -> None:
    from engine.job import load

    folder = Path(__file__).parents[2] / "resources" / "examples"
    jobs = {path.stem: load(path) for path in sorted(folder.glob("*.pool"))}
    assert {name: check(job) for name, job in jobs.items()} == {
        "one_process": [],
        "print_numbers": [],
        "square": [],
    }
    assert [job.function.name for job in jobs.values()] == ["my_process", "print_number", "my_function"]
    assert [job.log.result for job in jobs.values()] == [False, False, True]
    assert {job.log.file for job in jobs.values()} == {""}


def test_no_inputs_at_all_is_a_run_of_no_tasks(job: Job) -> None:
    for inputs in (Inputs("list"), Inputs("range", start=3, stop=1)):
        assert check(job.with_(inputs=inputs)) == []


SIGNATURES = """
def resize(path, width, *, quality=80, **rest): pass
def exact(a, b, /, c=1): pass
@decorated
def changed(x): pass
"""


@pytest.mark.parametrize(
    ("name", "parameters", "key", "words"),
    [
        ("exact", {"a": Parameter("h"), "b": Parameter(1), "d": Parameter(None, 1)}, "parameters.d", "b, c"),
        ("exact", {"a": Parameter("h")}, "parameters.b", "exact needs b"),
        ("exact", {"a": Parameter("width"), "b": Parameter("")}, "parameters.a", "The inputs have no"),
        ("exact", {"a": Parameter(9), "b": Parameter("")}, "parameters.a", "no position 9"),
        ("exact", {"a": Parameter(None, 1)}, "parameters.a", "positional-only"),
        ("resize", {"path": Parameter("x y")}, "parameters.width", "resize needs width"),
        ("resize", {"not a name": Parameter("")}, "parameters.not a name", "not a parameter name"),
        ("resize", {"width": Parameter(None, "1", "enm")}, "parameters.width", 'Did you mean "enum"'),
    ],
)  # fmt: skip
def test_parameters(job: Job, name: str, parameters: dict[str, Parameter], key: str, words: str) -> None:
    (job.folder / "s.py").write_text(SIGNATURES, encoding="utf-8")
    (job.folder / "d.csv").write_text("h,x y\n1,2\n", encoding="utf-8")
    given = job.with_(
        function=Function("s.py", name), inputs=Inputs("csv", path="d.csv"), parameters=parameters
    )
    assert [problem.key for problem in check(given) if words in problem.message] == [key]


@pytest.mark.parametrize(
    ("name", "header", "call", "words"),
    [
        ("exact", "a,b", "args", ""), ("exact", "a,b,c,d", "args", "takes 3"),
        ("exact", "a,b", "", "no such"), ("resize", "path,width,other", "", ""),
        ("resize", "path", "", "needs width"),
        ("changed", "anything", "", ""),
    ],
)  # fmt: skip
def test_the_call_fits_the_function(job: Job, name: str, header: str, call: str, words: str) -> None:
    (job.folder / "s.py").write_text(SIGNATURES, encoding="utf-8")
    (job.folder / "d.csv").write_text(header + "\n", encoding="utf-8")
    found = check(job.with_(function=Function("s.py", name), inputs=Inputs("csv", path="d.csv", call=call)))
    assert [problem.key for problem in found] == (["inputs.call"] if words else [])
    assert all(words in problem.message for problem in found)


PLAIN = """
def one(x): pass
def two(x, y): pass
def named(x, *, key, other=1): pass
def free(*args, **kwargs): pass
def optional(x=1, y=2): pass
async def later(x, y): pass

def twice(x): pass
def twice(x, y): pass
def again(x, y): pass
again = wrapped(again)
@changed
def decorated(x, y): pass
def defaults(x, y): pass
defaults.__defaults__ = (1, 2)
try:
    from other import perhaps
except ImportError:
    def perhaps(x, y): pass
"""
RANGE = Inputs("range", stop=3)
TUPLES = Inputs("list", ((1,), (1, 2)), call="args")
DICTS = Inputs("list", ({"x": 1}, {"y": 2}), call="kwargs")


@pytest.mark.parametrize(
    ("name", "inputs", "parameters", "missing"),
    [
        ("one", RANGE, {}, []),
        ("one", Inputs(), {}, ["x"]),
        ("one", Inputs(), {"x": Parameter(None, 1)}, []),
        ("two", RANGE, {}, ["y"]),
        ("two", RANGE, {"y": Parameter(None, 1)}, []),
        ("two", Inputs(), {}, ["x", "y"]),
        ("two", TUPLES, {}, []),
        ("two", DICTS, {}, []),
        ("named", RANGE, {}, ["key"]),
        ("named", TUPLES, {}, ["key"]),
        ("named", DICTS, {}, ["key"]),
        ("named", RANGE, {"key": Parameter(None, 1)}, []),
        ("later", RANGE, {}, ["y"]),
        ("two", Inputs("lines", path="f.py"), {}, ["y"]),
        ("two", Inputs("jsonl", path="f.py", call="kwargs"), {}, []),
        ("two", Inputs("list", ()), {}, ["y"]),
        ("two", Inputs("list", (), call="kwargs"), {}, []),
        *((name, RANGE, {}, []) for name in ("free", "optional")),
        *((name, RANGE, {}, []) for name in ("twice", "again", "decorated", "defaults", "perhaps")),
    ],
)
def test_a_required_parameter_that_nothing_fills(
    job: Job, name: str, inputs: Inputs, parameters: dict[str, Parameter], missing: list[str]
) -> None:
    """It is found only if it is certain what the function takes."""
    (job.folder / "p.py").write_text(PLAIN, encoding="utf-8")
    found = check(job.with_(function=Function("p.py", name), inputs=inputs, parameters=parameters))
    assert [problem.key for problem in found] == [f"parameters.{name}" for name in missing]
    assert all(f"{name} needs" in problem.message for problem in found)


def test_cells_of_a_row_that_are_too_few(job: Job) -> None:
    (job.folder / "p.py").write_text(PLAIN, encoding="utf-8")
    (job.folder / "d.csv").write_text("1\n2\n", encoding="utf-8")
    inputs = Inputs("csv", path="d.csv", header=False)
    assert only(job.with_(function=Function("p.py", "two"), inputs=inputs)).key == "parameters.y"
