"""Scripts written for jobs, run by themselves: they give what the engine gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.job import Function, Inputs, Job, Log, Run
from engine.source.code import write_script
from tests.running import START_METHODS, run_job

SOURCE = """\
import logging


def f(x=0, y=1):
    if x == 3:
        raise ValueError("no threes")
    logging.getLogger("own").info("seen %s", x)
    return {"sum": x + y, "text": "a\\n" * y}
"""


def lines(job: Job, folder: Path) -> list[str]:
    """What the script of `job` prints, under this interpreter."""
    path = folder / "written" / "script.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(write_script(job), "utf-8")
    done = subprocess.run([sys.executable, path], cwd="/", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def expected(job: Job) -> list[str]:
    """The same lines from the engine."""
    found: list[Any] = run_job(job).records
    return [f"{r.index}\t{r.error or repr(r.value)}" for r in found]


def both_agree(job: Job, folder: Path) -> None:
    assert lines(job, folder) == expected(job)


@pytest.mark.parametrize("mode", ["pool", "process-per-input"])
@pytest.mark.parametrize("method", START_METHODS)
def test_the_same_results_in_every_mode_and_start_method(tmp_path: Path, mode: str, method: str) -> None:
    (tmp_path / "tools.py").write_text(SOURCE)
    log = Log(file="script.log", result=True)
    run = Run(mode, workers=2, start_method=method)
    job = Job(Function(file="tools.py", name="f"), Inputs("range", stop=7), run, log, tmp_path)
    (tmp_path / "script.log").write_text("from before\n")
    found = lines(job, tmp_path)
    logged = (tmp_path / "script.log").read_text().splitlines()
    assert found == expected(job)
    assert found[3] == "3\tValueError: no threes"
    assert {f"own - INFO - seen {x}" for x in (0, 1, 2, 4, 5, 6)} < set(logged)
    assert "root - ERROR - Failed on 3" in logged
    assert "from before" not in logged
    assert logged[-1].startswith("root - INFO - Result: [{'sum': 1,")


def test_the_same_results_from_every_kind_of_function_and_input(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text(
        "class Model:\n    @staticmethod\n    def fit(x):\n        return 2 * x\n"
    )
    (tmp_path / "random.py").write_text("def f(x):\n    return -x\n")
    (tmp_path / "later.py").write_text("async def f(x):\n    return x\n")
    listed = Inputs("list", (1, -2, 10**30))
    functions = [
        (Function(file="lib/package/part.py", name="Model.fit"), listed),
        (Function(file="random.py", name="f"), listed),
        (Function(import_path="math:hypot"), Inputs("list", ((3, 4), (5.0,)), call="args")),
        (Function(import_path="builtins:abs"), listed),
        (Function(source=SOURCE), Inputs("list", ({"y": 2}, {"x": 3}), call="kwargs")),
        (Function(source="def f():\n    return 5"), Inputs()),
    ]
    for function, inputs in functions:
        both_agree(Job(function, inputs, Run(workers=2), folder=tmp_path), tmp_path)
    once = Job(Function(source="def f():\n    return 5"), Inputs(), Run("process"), folder=tmp_path)
    both_agree(once, tmp_path)
    asynchronous = Job(Function(file="later.py", name="f"), listed, Run(workers=2), folder=tmp_path)
    assert lines(asynchronous, tmp_path) == ["0\t1", "1\t-2", f"2\t{10**30}"]


def test_workers_are_renewed_and_a_dead_process_is_told(tmp_path: Path) -> None:
    source = "import os\ndef f(x):\n    return os.getpid()"
    run = Run(workers=1, tasks_per_worker=2)
    job = Job(Function(source=source), Inputs("range", stop=6), run, folder=tmp_path)
    assert len({line.partition("\t")[2] for line in lines(job, tmp_path)}) == 3
    source = "import os\ndef f(x):\n    if x == 1:\n        os._exit(3)\n    return x"
    job = Job(Function(source=source), Inputs("range", stop=3), Run("process-per-input"), folder=tmp_path)
    assert lines(job, tmp_path) == ["0\t0", "1\tthe process died", "2\t2"]


def test_the_command_runs_the_script_of_a_job_as_that_job(tmp_path: Path) -> None:
    job = Job(Function(source=SOURCE), Inputs("list", (1, 2)), Run(workers=2), folder=tmp_path)
    path = tmp_path / "written.py"
    path.write_text(write_script(job), "utf-8")
    command = [sys.executable, "poolhouse.py", "run", str(path), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip(), "run.db").is_file()
