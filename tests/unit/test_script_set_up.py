"""Jobs with a set-up, written as scripts: really run, and read back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.job import Function, Inputs, Job, Parameter, Run
from engine.source.code import CannotWrite, plain, read_written, write_script

SOURCE = """\
import enum
import pathlib


class Color(enum.Enum):
    RED = 1


calls = 0


def load(path, color=None, size=1):
    global calls
    calls += 1
    assert isinstance(path, pathlib.Path)
    return size + (color is Color.RED)


async def later():
    return 3


def f(x, load):
    return [x * load, calls]


def g(x):
    return [x, calls]
"""
SETUP = {
    "path": Parameter(None, "model.bin", "path"),
    "color": Parameter(None, "Color.RED", "enum"),
    "size": Parameter(None, 9),
}


def job(folder: Path, mode: str = "pool", **function: str) -> Job:
    (folder / "work.py").write_text(SOURCE)
    made = Function(**{"file": "work.py", "name": "f", "setup": "load", **function})
    return Job(made, Inputs("list", (1, 2, 3)), Run(mode, workers=1), folder=folder, setup=SETUP)


@pytest.mark.parametrize(
    ("mode", "function"),
    [
        ("pool", {}),
        ("threads", {}),
        ("serial", {"file": "", "source": SOURCE}),
        ("process-per-input", {}),
        ("pool", {"file": "", "source": SOURCE}),
    ],
)
def test_it_does_what_the_job_does_and_is_read_back(
    tmp_path: Path, mode: str, function: dict[str, str]
) -> None:
    made = job(tmp_path, mode, **function)
    script = tmp_path / "script.py"
    script.write_text(write_script(made))
    assert read_written(script.read_text()) == plain(made)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["0\t[10, 1]", "1\t[20, 1]", "2\t[30, 1]"]


def test_what_it_gives_may_be_for_nobody(tmp_path: Path) -> None:
    made = job(tmp_path, name="g")
    text = write_script(made)
    assert "ready" not in text
    assert read_written(text) == plain(made)


@pytest.mark.parametrize(
    "function",
    [{"setup": "later"}, {"file": "", "name": "", "import_path": "math:sqrt"}, {"setup": "main"}],
)
def test_a_set_up_that_no_script_can_have_is_said(tmp_path: Path, function: dict[str, str]) -> None:
    with pytest.raises(CannotWrite):
        write_script(job(tmp_path, **function).with_(setup={}))
