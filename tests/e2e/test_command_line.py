"""`poolhouse run`, `resume` and `export` as a user types them: output, files and exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import LIMIT, exported, poolhouse, write_job
from tests.program import ROOT, command

pytestmark = pytest.mark.usefixtures("program")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_run_prints_the_run_folder_last(tmp_path: Path, runs: Path) -> None:
    done = poolhouse("run", write_job(tmp_path, "def f(x): return x * 2"), "--runs", runs)
    assert done.returncode == 0
    folder = Path(done.stdout.splitlines()[-1])
    assert folder.parent == runs
    kept = ["code", "job.pool", "output", "output.txt", "read_results.py", "run.db", "run.log"]
    assert sorted(path.name for path in folder.iterdir()) == kept
    assert "3 of 3 tasks" in done.stderr


def test_quiet_says_nothing_but_the_folder(tmp_path: Path, runs: Path) -> None:
    done = poolhouse("run", write_job(tmp_path, "def f(x): return x"), "--runs", runs, "--quiet")
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_what_runs_again_in_each_worker_is_said_with_its_line(tmp_path: Path, runs: Path) -> None:
    job = write_job(tmp_path, "def f(x): return x\n\nprint('hello')\n", "[run]\nworkers = 1\n")
    done = poolhouse("run", job, "--runs", runs)
    assert done.returncode == 0
    assert "work.py: Line 3: print('hello') runs again in each worker." in done.stderr
    assert poolhouse("run", job, "--runs", runs, "--quiet").stderr == ""


def test_a_missing_package_comes_with_the_command_that_installs_it(tmp_path: Path, runs: Path) -> None:
    job = write_job(tmp_path, "import yaml_none\ndef f(x): return x")
    job.write_text(
        job.read_text().replace('name = "f"', f'name = "f"\npython = {json.dumps(sys.executable)}')
    )
    done = poolhouse("run", job, "--runs", runs)
    assert done.returncode == 2
    assert f"{sys.executable} -m pip install yaml_none" in done.stderr


def test_runs_folder_from_the_environment(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(runs))
    done = poolhouse("run", write_job(tmp_path, "def f(x): return x"))
    assert Path(done.stdout.splitlines()[-1]).parent == runs


def test_some_tasks_failed(tmp_path: Path, runs: Path) -> None:
    done = poolhouse("run", write_job(tmp_path, "def f(x): return 6 // (x - 2)"), "--runs", runs)
    assert done.returncode == 1
    assert "1 failed" in done.stderr


def test_options_stand_in_for_the_jobs_own(tmp_path: Path, runs: Path) -> None:
    source = "import multiprocessing, os\ndef f(x): return [os.getpid(), multiprocessing.get_start_method()]"
    job = write_job(tmp_path, source, "[run]\nworkers = 7\n")
    done = poolhouse(
        "run", job, "--runs", runs, "--workers", 1, "--start-method", "spawn", "--mode", "process-per-input"
    )
    folder = Path(done.stdout.splitlines()[-1])
    assert len({record["value"][0] for record in exported(folder)}) == 3
    assert "workers = 1" in (folder / "job.pool").read_text()


BAD_JOBS = {
    "unknown key": ("def f(x): return x", "[run]\nwokers = 4\n", "run.wokers", "workers"),
    "bad value": ("def f(x): return x", '[run]\nmode = "swarm"\n', "run.mode", "process-per-input"),
    "no workers": ("def f(x): return x", "[run]\nworkers = 0\n", "run.workers", "1 to 512"),
    "too many workers": ("def f(x): return x", "[run]\nworkers = 10000\n", "run.workers", "1 to 512"),
    "syntax error": ("def f(x)\n    return x", "", "function.file", "line 1"),
    "no function": ("x = 1", "", "function", "no function"),
    "no such function": ("def g(x): return x", "", "function.name", "g"),
    "import fails": ("import not_there_at_all\ndef f(x): return x", "", "function.file", "not_there_at_all"),
    "nothing fills y": ("def f(x, y): return x", "", "parameters.y", "f needs y"),
    "unwritable log": (
        "def f(x): return x",
        '[log]\nfile = "no/such/folder/a.log"\n',
        "log.file",
        "no/such/folder",
    ),
    "log is a folder": ("def f(x): return x", '[log]\nfile = "."\n', "log.file", "folder"),
    "bad format": ("def f(x): return x", '[log]\nformat = "%(message)"\n', "log.format", "format"),
    "not TOML": ("def f(x): return x", "[run\n", "", "line"),
}


@pytest.mark.parametrize("case", BAD_JOBS)
def test_a_bad_job_is_refused_and_nothing_runs(tmp_path: Path, runs: Path, case: str) -> None:
    source, job, key, words = BAD_JOBS[case]
    done = poolhouse("run", write_job(tmp_path, source, job), "--runs", runs)
    assert done.returncode == 2
    assert key in done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert not runs.exists() or not list(runs.iterdir())


def test_inputs_that_do_not_parse(tmp_path: Path, runs: Path) -> None:
    done = poolhouse(
        "run",
        write_job(tmp_path, "def f(x): return x", inputs='kind = "list"\nvalues = "[1, 2,, 3]"'),
        "--runs",
        runs,
    )
    assert done.returncode == 2
    assert "inputs.values" in done.stderr
    assert "column" in done.stderr


def test_a_missing_file(tmp_path: Path, runs: Path) -> None:
    for name in ("missing.pool", "missing.py"):
        done = poolhouse("run", tmp_path / name, "--runs", runs)
        assert done.returncode == 2
        assert name in done.stderr


def test_resume_of_what_is_no_run(tmp_path: Path) -> None:
    done = poolhouse("resume", tmp_path)
    assert done.returncode == 2
    assert "run.db" in done.stderr


MIXED = """
import os, math
class Own: pass
def f(x):
    if x == "die": os._exit(4)
    if x == "bad": raise KeyError("gone")
    return {"nan": math.nan, "own": Own, "big": 10**6000, "list": [1, {"a": None}], "tuple": (1, 2),
            "sur": "\\ud800", "text": 'a,"b"\\n'}[x]
"""


@pytest.fixture
def mixed(tmp_path: Path, runs: Path) -> str:
    values = ["nan", "own", "big", "list", "tuple", "sur", "text", "die", "bad"]
    job = write_job(tmp_path, MIXED, inputs=f'kind = "list"\nvalues = {json.dumps(values)}')
    return poolhouse("run", job, "--runs", runs).stdout.splitlines()[-1]


def test_export_json_lines(mixed: str) -> None:
    lines = poolhouse("export", mixed, "--format", "jsonl").stdout.splitlines()
    records = [json.loads(line, parse_int=str) for line in lines]
    assert " ".join(records[0]) == "index input status value error seconds worker attempts started"
    values = {record["input"]: record["value"] for record in records}
    assert values["nan"] == "nan"
    assert values["own"] == "<class 'work.Own'>"
    assert values["big"] == "1" + 6000 * "0"
    assert values["list"] == ["1", {"a": None}]
    assert values["tuple"] == "(1, 2)"
    assert values["sur"] == "\ud800"
    statuses = {record["input"]: record["status"] for record in records}
    assert statuses["die"] == "died"
    assert statuses["bad"] == "error"
    errors = {record["input"]: record["error"] for record in records}
    assert "exited with status 4" in errors["die"]
    assert errors["bad"] == "KeyError: 'gone'"


def test_export_csv(mixed: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    done = poolhouse("export", mixed, "-o", target)
    assert (done.returncode, done.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"), newline="")))
    assert len(rows) == 9
    assert {row["input"]: row["value"] for row in rows}["text"] == 'a,"b"\n'
    assert not list(tmp_path.glob("*.partial"))


def test_export_parquet(mixed: str, tmp_path: Path, program: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "out.parquet"
    done = poolhouse("export", mixed, "-o", target)
    if program == "frozen":
        assert done.returncode == 2
        assert "export as csv or jsonl" in done.stderr
        return
    assert done.returncode == 0
    table = parquet.read_table(target)
    assert table.num_rows == 9
    assert table.column("status").to_pylist().count("ok") == 7


def test_export_to_a_closed_pipe(mixed: str) -> None:
    process = subprocess.Popen(command("export", mixed), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=LIMIT)
    assert b"Traceback" not in errors


def test_progress_bar_on_a_terminal(tmp_path: Path, runs: Path) -> None:
    pty = pytest.importorskip("pty")
    job = write_job(
        tmp_path, "import time\ndef f(x):\n    time.sleep(0.05)", inputs='kind = "range"\nstop = 40'
    )
    master, slave = pty.openpty()
    process = subprocess.Popen(command("run", job, "--runs", runs), stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 4096):
            shown += chunk
    except OSError:  # what ends a terminal whose other end is closed
        pass
    os.close(master)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    text = shown.decode()
    assert "40 of 40 tasks" in text
    assert "%|" in text
    assert "left" in text


SEED = {
    "one_process": ["root - INFO - This is a multiprocessing process."],
    "pool_map": ["root - INFO - Result: [1, 4, 9, 16, 25]"],
    "process_per_input": [f"root - INFO - Process {n}: {n}" for n in range(1, 5)],
}


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
@pytest.mark.parametrize("name", SEED)
def test_the_scripts_of_the_beginning_run_as_they_are(
    tmp_path: Path, runs: Path, name: str, method: str
) -> None:
    script = Path(__file__).parents[1] / "data/scripts" / f"{name}.py"
    done = poolhouse("run", script, "--runs", runs, "--start-method", method, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    assert sorted((folder / "run.log").read_text().splitlines()) == SEED[name]
    assert sorted((tmp_path / "multiprocessing.log").read_text().splitlines()) == SEED[name]


@pytest.mark.parametrize(
    ("example", "name"),
    [("one_process", "one_process"), ("square", "pool_map"), ("print_numbers", "process_per_input")],
)
def test_the_examples_log_what_the_scripts_log(runs: Path, example: str, name: str) -> None:
    done = poolhouse("run", ROOT / "resources/examples" / f"{example}.pool", "--runs", runs)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    assert sorted((folder / "run.log").read_text().splitlines()) == SEED[name]
