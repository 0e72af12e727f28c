"""The reader in each run folder returns what an export contains, as objects, under each Python."""

from __future__ import annotations

import json
import runpy
import subprocess
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli.main import main
from engine.host.record.display import display
from engine.host.record.reading_back import NAME, put_reader
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run

LONG = "é" * 5_000
VALUES = [
    1,
    2.5,
    None,
    True,
    "x",
    b"\0",
    (1,),
    ("a",),
    [1, {2: 3}],
    {"k": (1, 2)},
    LONG,
    1 << 300,
    float("inf"),
    set(),
]


def read(folder: Path, tasks: Any = None) -> list[Any]:
    put_reader(str(folder))
    return list(runpy.run_path(str(folder / NAME))["results"](tasks))


def agrees(found: list[Any], expected: list[Any]) -> None:
    for result, task in zip(found, expected, strict=True):
        assert (result.task, result.status, result.error) == (task.index, task.status, task.error)
        assert (result.worker, result.attempts) == (task.worker, task.attempts)
        assert result.seconds == task.seconds
        assert result.input == task.input
        assert (result.started is None) == (not task.started)
        if result.started:
            assert abs((result.started - datetime.fromisoformat(task.started)).total_seconds()) < 2e-6
        if task.status == "unpicklable":
            # Outside of tests such a value is its display text, which is never long.
            if isinstance(task.value, str) and len(task.value) < 1_000:
                assert result.value.text == task.value
        elif task.status == "ok":
            shown = task.value if isinstance(task.value, str) else display(task.value)
            assert (result.value if isinstance(result.value, str) else display(result.value)) == shown
            assert type(result.value) is type(task.value)
        else:
            assert result.value is None


@given(VERSIONS, BATCHES, st.lists(st.integers(0, 40), max_size=5))
@settings(max_examples=20, deadline=None)
def test_any_run(version: int, batches: list[Any], some: list[int]) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        add(made, batches, set())
        made.close()
        tasks = naive.tasks(made.folder)
        agrees(read(made.folder), tasks)
        some = [task for task in some if task < len(tasks)]
        agrees(read(made.folder, some), [tasks[task] for task in some])


def test_large_columns_inputs_and_what_is_not_there(tmp_path: Path) -> None:
    made = Made(tmp_path, 60_000, kept=True)
    made.add(0, VALUES, bytes(len(VALUES)))
    made.add(100, list(range(50_000)), bytes(50_000))
    made.add(50_100, ["y" * 100] * 5_000, bytes(5_000))
    made.close()
    found = read(made.folder)
    assert [result.value for result in found[:14]] == VALUES
    assert [type(result.value) for result in found[:14]] == list(map(type, VALUES))
    assert [result.value for result in found[100:50_100]] == list(range(50_000))
    assert (found[50_500].value, found[50_500].input) == ("y" * 100, 50_500)
    assert len(found) == 60_000
    assert (found[-1].status, found[-1].value, found[-1].started) == ("missing", None, None)
    chosen = read(made.folder, [50_099, 3, 55_099, 3])
    assert [result.value for result in chosen] == [49_999, True, "y" * 100, True]
    with pytest.raises(IndexError, match="no task 60000"):
        read(made.folder, [60_000])


WORK = """
import dataclasses, enum, helper
@dataclasses.dataclass
class Point:
    x: int
    helper: helper.Colour
class Picky:
    def __setstate__(self, state):
        raise KeyError("not here")
    def __init__(self):
        self.kept = 1
def f(x):
    if x == 2:
        return Picky()
    return Point(x, helper.Colour.RED)
"""
HELPER = "import enum\nclass Colour(enum.Enum):\n    RED = 1\n"
READ = """
import json, runpy, sys
run = runpy.run_path(sys.argv[1])
found = list(run["results"]())
print(json.dumps([[r.task, r.input, repr(r.value), type(r.value).__module__] for r in found]))
"""


def test_objects_of_the_code_that_ran(tmp_path: Path, interpreter: Path) -> None:
    """The class is found in the copy of the code, wherever the program is, even if the file is gone."""
    (tmp_path / "work.py").write_text(WORK)
    (tmp_path / "helper.py").write_text(HELPER)
    job = tmp_path / "job.pool"
    job.write_text("[function]\nfile = 'work.py'\nname = 'f'\n[inputs]\nkind = 'range'\nstop = 3\n")
    runs = tmp_path / "runs"
    assert main(["run", str(job), "--quiet", "--runs", str(runs), "--python", str(interpreter)]) == 0
    (folder,) = runs.iterdir()
    for name in ("work.py", "helper.py"):
        (tmp_path / name).unlink()
    command = [str(interpreter), "-I", "-W", "error", "-c", READ, str(folder / NAME)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    *points, picky = json.loads(done.stdout)
    assert points == [[at, at, f"Point(x={at}, helper=<Colour.RED: 1>)", "work"] for at in range(2)]
    assert "KeyError: 'not here'" in picky[2]


def test_arrays_come_back_as_arrays(tmp_path: Path) -> None:
    made = Made(tmp_path, 3)
    small, large = np.arange(6).reshape(2, 3), np.ones(100_000)
    made.add(0, [small, large, np.float32(1.5)], bytes(3))
    made.close()
    values = [result.value for result in read(made.folder)]
    assert (values[0] == small).all()
    assert (values[1] == large).all()
    assert values[2] == np.float32(1.5)


GRID = "kind = 'grid'\ngrid.a = [1, 2]\n"
TEXT = 'values = "(None, {1: (2,)}, nan, set(), -inf, Ellipsis)"'


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("kind = 'range'\nstart = 5\nstop = 0\nstep = -2", [5, 3, 1]),
        ("values = [1, 'x', 2.5]", [1, "x", 2.5]),
        (TEXT, [None, {1: (2,)}, "nan", set(), -np.inf, ...]),
        (
            f'{GRID}grid."b c" = "[\'x\', (1,)]"',
            [{"a": a, "b c": b} for a in (1, 2) for b in ("x", (1,))],
        ),
        (f"{GRID}grid.b = [3, 4]\ncombine = 'zip'\ncall = 'args'", [[1, 3], [2, 4]]),
    ],
)
def test_inputs_that_only_the_job_tells(tmp_path: Path, inputs: str, expected: list[Any]) -> None:
    made = Made(tmp_path, len(expected))
    (made.folder / "job.pool").write_text(f"[function]\nfile = 'w.py'\nname = 'f'\n[inputs]\n{inputs}\n")
    made.add(0, [0], bytes(1))
    made.close()
    found = [result.input for result in read(made.folder)]
    assert [("nan" if item != item else item) for item in found] == expected
