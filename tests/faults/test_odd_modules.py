"""Modules and generators with odd errors and values: the fault is reported, and nothing dies of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.job import Inputs
from tests.faults.table import PRELUDE
from tests.running import START_METHODS, make_job, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)

FAILS = {
    "lone surrogate": ("raise ValueError('caf\\udce9')", r"ValueError: caf\udce9"),
    "message that exits": ("raise Says(lambda: sys.exit(3))", "Says (its message failed with SystemExit)"),
    "no class": ("raise lies('__class__')('c')", "Lies: c"),
    "no truth value": ("raise NoTruth('c')", "NoTruth: c"),
    "chain of 5,000": ("raise chain(5_000)", "ValueError: 4999"),
    "10 MB": ("raise ValueError('m' * 10_000_000)", "ValueError: mmm"),
    "import that fails in words": (
        "raise type('Odd', (ImportError,), {'__str__': lambda self: sys.exit(1)})()",
        "Odd (its message failed with SystemExit)",
    ),
    "name that is none": ("raise ModuleNotFoundError('x', name=5)", "no module named '5'"),
    "odd SyntaxError": (
        "raise SyntaxError('odd', ('f', 'x', 3, b't'))",
        "syntax error: line x, column 3: odd",
    ),
}


@every_start_method
@pytest.mark.parametrize("fails", FAILS)
def test_a_module_that_fails(tmp_path: Path, method: str, fails: str) -> None:
    code, words = FAILS[fails]
    source = f"{PRELUDE}\ndef f(x): return x\n{code}\n"
    run = run_job(make_job(tmp_path, source, inputs=range(4), start_method=method))
    assert (run.ended.state, run.ended.key, run.ended.ran) == ("failed", "function.file", False)
    assert words in run.ended.reason
    assert len(run.ended.reason) < 3_000
    assert len(run.ended.details) < 30_000


@every_start_method
def test_a_generator_that_fails(tmp_path: Path, method: str) -> None:
    source = f"""{PRELUDE}
def f(x): return x
def given():
    yield 1
    raise lies('__cause__')('caf\\udce9')
"""
    inputs = Inputs("generator", generator="given")
    run = run_job(make_job(tmp_path, source, inputs=inputs, start_method=method))
    assert (run.ended.state, run.ended.key) == ("failed", "inputs.generator")
    assert r"Lies: caf\udce9" in run.ended.reason


@every_start_method
def test_odd_inputs_of_a_generator(tmp_path: Path, method: str) -> None:
    """What can be pickled arrives unchanged; what cannot is one bad input."""
    source = f"""{PRELUDE}
from unittest.mock import Mock
MADE = [Unhashable, Broken, Nameless, SameAsInt, SaysInt, NeverPickled, SameAndNeverPickled, ExitsInPickle,
    lambda: Mock(spec=int), lambda: Number(5), lambda: Text("a"), lambda: type("Local", (), {{}})()]
def given():
    for n, make in enumerate(MADE):
        yield n
        yield make()
def f(x):
    return [type(x).__name__ if type(x) is not Nameless else "Nameless"]
"""
    inputs = Inputs("generator", generator="given")
    run = run_job(make_job(tmp_path, source, inputs=inputs, start_method=method))
    assert run.ended.state == "finished"
    assert run.values[::2] == [["int"]] * 12
    arrive = [
        "Unhashable",
        "Broken",
        "Nameless",
        "SameAsInt",
        None,
        None,
        None,
        None,
        None,
        "Number",
        "Text",
        None,
    ]
    assert [value and value[0] for value in run.values[1::2]] == arrive
    assert set(run.statuses.values()) == {"error"}
    errors = [record.error for record in run.records[1::2] if record.status == "error"]
    assert all("The input cannot be pickled: " in error for error in errors)


@every_start_method
def test_results_that_lie_are_tried_again(tmp_path: Path, method: str) -> None:
    """With retries, a failed task is sent alone; one that fails while its row is packed is not."""
    source = f"{PRELUDE}\ndef f(x):\n    return SameAndNeverPickled() if x in (500, 900) else x"
    run = run_job(make_job(tmp_path, source, inputs=range(2_000), start_method=method, retries=2))
    assert run.statuses == {500: "unpicklable", 900: "unpicklable"}
    assert [x for x in run.values if type(x) is int] == [x for x in range(2_000) if x not in (500, 900)]
