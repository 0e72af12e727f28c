"""Scripts written for jobs, run by plain Python: their results equal the engine's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from engine.job import Function, Inputs, Job, Log, Parameter, Run
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
    """What the script of `job` prints under this interpreter."""
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
        "from .other import twice\n\n\nclass Model:\n    fit = staticmethod(twice)\n"
    )
    (package / "other.py").write_text("def twice(x):\n    return 2 * x\n")
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
    both_agree(Job(Function(file="later.py", name="f"), listed, Run(workers=2), folder=tmp_path), tmp_path)


TAKES = """\
import enum
import pathlib


class Color(enum.Enum):
    RED = "red"


def rows():
    yield from ("a", 5, None)


def f(*args, **kwargs):
    return repr((args, sorted(kwargs.items(), key=str)))
"""


def test_the_same_results_from_every_source_of_inputs(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TAKES)
    (tmp_path / "rows.csv").write_text("n;when;ok;word\n1;2026-01-02;TRUE;x\n\n-2; ;false;\n 3 ;;;y;\n")
    (tmp_path / "words.txt").write_bytes("größe\n\n last".encode("cp1252"))
    (tmp_path / "values.jsonl").write_text('{"a": 1}\n\n[1, 2]\nnone\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.txt").touch()
    parquet.write_table(pyarrow.table({"n": [1, 2], "word": ["x", None]}), tmp_path / "rows.parquet")
    grid = {"a": (1, 2), "b": ("x", "y", "z")}
    inputs = [
        Inputs("csv", path="rows.csv"),
        Inputs("csv", path="rows.csv", header=False, types={"column_1": "text"}),
        Inputs("csv", path="rows.csv", call="args", types={"n": "float"}),
        Inputs("lines", path="words.txt"),
        Inputs("jsonl", path="values.jsonl"),
        Inputs("parquet", path="rows.parquet"),
        Inputs("parquet", path="rows.parquet", call="args"),
        Inputs("files", pattern="**/*.txt"),
        Inputs("grid", grid=grid),
        Inputs("grid", grid=grid, combine="zip", call="args"),
        Inputs("generator", generator="rows"),
    ]
    for source in inputs:
        job = Job(Function(file="tools.py", name="f"), source, Run(workers=2), folder=tmp_path)
        found, wanted = lines(job, tmp_path), expected(job)
        assert [line for line in found if "Error: " not in line] == [
            line for line in wanted if "Error: " not in line
        ], source
        assert len(found) == len(wanted), "what cannot be read costs one task, by other words"


@pytest.mark.parametrize("call", ["one", "args", "kwargs"])
def test_the_same_arguments(tmp_path: Path, call: str) -> None:
    (tmp_path / "tools.py").write_text(TAKES)
    values = {"one": 1, "args": [1, 2], "kwargs": {"a": 1, "x": 2}}
    inputs = Inputs("list", (values[call],), call=call)
    fixed = {
        "x": Parameter(value=[1, {"b": None}]),
        "path": Parameter(value="~/some.png", form="path"),
        "color": Parameter(value="Color.RED", form="enum"),
    }
    function = Function(file="tools.py", name="f")
    both_agree(Job(function, inputs, Run(workers=1), folder=tmp_path, parameters=fixed), tmp_path)
    key = {"one": "", "args": 1, "kwargs": 1}[call]
    chosen = {**fixed, "y": Parameter(input=key)}
    both_agree(Job(function, inputs, Run(workers=1), folder=tmp_path, parameters=chosen), tmp_path)


@pytest.mark.parametrize("file", ["", "own.log"])
def test_a_format_with_the_task_logs_a_dash_for_it(tmp_path: Path, file: str) -> None:
    source = "import logging\ndef f(x):\n    logging.info('seen')"
    log = Log(file=file, format="%(task)s:%(message)s")
    job = Job(Function(source=source), Inputs("range", stop=1), Run(workers=1), log, tmp_path)
    path = tmp_path / "script.py"
    path.write_text(write_script(job), "utf-8")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    logged = (tmp_path / file).read_text() if file else done.stderr
    assert logged == "-:seen\n"


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
    command = [sys.executable, "poolhouse.py", "run", str(path), "--as-job", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip(), "run.db").is_file()
