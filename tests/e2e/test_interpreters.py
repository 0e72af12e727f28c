"""Runs under Pythons other than the app's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.check import check
from engine.job import Function, Inputs, Job, Run
from tests.interpreters import PYENV, interpreters
from tests.running import run_job

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with numpy and pandas: those of the tests."""
    import numpy

    folder = tmp_path_factory.mktemp("project") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site_packages,) = folder.glob("lib/python3*/site-packages")
    (site_packages / "borrowed.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    return folder


WORK = """
import sys
import numpy as np
import pandas as pd

def f(n):
    frame = pd.DataFrame({"x": np.arange(n), "group": np.arange(n) % 2})
    return [int(frame.groupby("group").x.sum()[1]), sys.prefix, list(sys.path[:1])]

def table(n):
    return pd.DataFrame({"x": np.arange(n)})
"""


def job(folder: Path, function: Function, *values: object) -> Job:
    return Job(function, Inputs("list", values), Run(workers=1), folder=folder)


@pytest.mark.parametrize("python", ["", ".venv", ".venv/bin/python"])
def test_a_pandas_function_runs_in_its_venv(data_venv: Path, python: str) -> None:
    project = data_venv.parent
    (project / "work.py").write_text(WORK)
    chosen = job(project, Function(file="work.py", name="f", python=python), 10)
    assert check(chosen) == []
    done = run_job(chosen)
    prefix = str(data_venv) if python else sys.prefix
    assert done.values == [[25, prefix, [str(project)]]], done.output


def test_a_data_frame_is_kept_as_text_and_pickle(data_venv: Path) -> None:
    project = data_venv.parent
    (project / "work.py").write_text(WORK)
    done = run_job(job(project, Function(file="work.py", name="table", python=".venv"), 2))
    assert done.values == ["   x\n0  0\n1  1"], done.output


def test_host_and_workers_run_under_the_interpreter_chosen(
    tmp_path: Path, interpreter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("/of/the/person", str(ROOT))))
    source = "import os, sys\ndef f(x): return [sys.version_info[1], sys.path, os.environ['PYTHONPATH']]"
    chosen = job(tmp_path, Function(source=source, python=str(interpreter)), 1)
    assert check(chosen) == []
    ((minor, path, modules),) = run_job(chosen).values
    assert interpreters()[f"3.{minor}"] == interpreter
    assert "/of/the/person" in path
    assert str(ROOT) not in path
    assert (str(ROOT) in modules) == (interpreter == Path(sys.executable))


def test_one_that_cannot_be_used_is_refused_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("def f(x): return x")
    broken = tmp_path / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.symlink_to("/nowhere/python3")
    old = next((PYENV / "versions").glob("3.8.*/bin/python"), None)
    for python, said in (
        (".venv", "it leads to /nowhere/python3, which is gone"),
        ("gone", "there is no such file"),
        *([(str(old), "too old: 3.9 or newer is needed")] if old else []),
    ):
        path = tmp_path / "work.pool"
        path.write_text(f'[function]\nfile = "work.py"\nname = "f"\npython = "{python}"\n')
        command = [sys.executable, ROOT / "poolhouse.py", "run", path, "--runs", tmp_path / "runs"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        assert f"function.python: {python} is" in done.stderr
        assert said in done.stderr
        assert not (tmp_path / "runs").exists()
