"""Initializers of pools in scripts, read as the set-up of a job if they are certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.check import check
from engine.job import Parameter
from engine.source.script import ScriptReading, read_script


def read(tmp_path: Path, initializer: str, options: str, *, f: str = "def f(x): return x") -> ScriptReading:
    path = tmp_path / "script.py"
    head = "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import Pool\n"
    main = f'if __name__ == "__main__":\n    with {options} as pool:\n        list(pool.map(f, [1, 2]))\n'
    path.write_text(f"{head}{initializer}\n{f}\n{main}")
    return read_script(path)


BEGIN = "def begin(path, size=3): ..."
CERTAIN = {
    "of a pool": ("Pool(2, begin, ('a.bin',))", {"path": "a.bin"}),
    "by name": ("Pool(2, initializer=begin, initargs=['a', 5])", {"path": "a", "size": 5}),
    "of an executor": ("ProcessPoolExecutor(2, initializer=begin, initargs=('a',))", {"path": "a"}),
}


@pytest.mark.parametrize("case", CERTAIN)
def test_an_initializer_is_the_set_up(tmp_path: Path, case: str) -> None:
    options, values = CERTAIN[case]
    reading = read(tmp_path, BEGIN, options)
    assert reading.notes == []
    assert reading.job.function.setup == "begin"
    assert reading.job.setup == {name: Parameter(None, value) for name, value in values.items()}
    assert check(reading.job) == []


def test_no_initializer_is_no_set_up(tmp_path: Path) -> None:
    for options in ("Pool(2)", "Pool(2, None)", "Pool(2, initializer=None)"):
        reading = read(tmp_path, BEGIN, options)
        assert (reading.job.function.setup, reading.notes) == ("", [])


UNSURE = {
    "a lock": (BEGIN, "Pool(2, begin, (open('x'),))", "known when the script runs"),
    "a lambda": ("", "Pool(2, lambda: None)", "no function at the top level"),
    "too few": (BEGIN, "Pool(2, begin)", "given nothing for path"),
    "too many": (BEGIN, "Pool(2, begin, (1, 2, 3))", "any number of arguments"),
    "positional only": ("def begin(path, /): ...", "Pool(2, begin, ('a',))", "cannot be passed by name"),
    "imported": ("from os import chdir as begin", "Pool(2, begin, ('/',))", "no function at the top level"),
}


@pytest.mark.parametrize("case", UNSURE)
def test_what_is_not_certain_is_said(tmp_path: Path, case: str) -> None:
    initializer, options, said = UNSURE[case]
    reading = read(tmp_path, initializer, options)
    assert (reading.job.function.setup, reading.job.setup) == ("", {})
    (note,) = reading.notes
    assert note.key == "function.setup"
    assert said in note.message


def test_a_parameter_of_its_name_would_be_given_its_result(tmp_path: Path) -> None:
    reading = read(tmp_path, "def begin(): ...", "Pool(2, begin)", f="def f(x, begin=3): return x")
    assert "has a parameter of that name" in reading.notes[0].message
