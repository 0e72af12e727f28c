"""The frozen app, on a machine that has nothing else."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine.query import Client, Done, Part, Told
from engine.query.log import LogRef, LogWanted, LookAtLog, ReadLog
from engine.runs import LOG, list_runs
from tests.e2e.display import App, Display, until
from tests.interpreters import interpreters
from tests.program import FROZEN, ROOT
from tests.running import START_METHODS

PROGRAM = FROZEN / "poolhouse"
EXAMPLE = FROZEN / "_internal/resources/examples/square.pool"
LIMIT = 60
LIMIT_MB = 190  # numpy is 50 of them


@pytest.fixture(autouse=True)
def built(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("frozen"):
        pytest.skip("the frozen app is tried with --frozen, as `dev.py test` does once it is built")


def run_with(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *map(str, words)], env=environment, capture_output=True, text=True, timeout=LIMIT
    )


@pytest.mark.skipif(sys.platform != "linux", reason="X is the display of Linux")
def test_it_opens_the_example_runs_it_and_leaves_nothing(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    with App(display, [str(PROGRAM), "--runs", str(runs), str(EXAMPLE)], tmp_path) as app:
        display.act("search", "--sync", "--onlyvisible", "--name", "^square.pool", "windowfocus", "--sync")
        display.press("F5")
        folder = until(
            lambda: next((run.folder for run in list_runs(runs) if run.state == "finished"), None),
            lambda: f"{list_runs(runs)}, {app.errors()}",
        )
        assert (folder / LOG).read_text().endswith("root - INFO - Result: [1, 4, 9, 16, 25]\n")
        assert app.quit("square.pool") == (0, "")


@pytest.mark.parametrize("method", START_METHODS)
def test_it_needs_no_python_no_path_and_no_environment(tmp_path: Path, method: str) -> None:
    (tmp_path / "empty").mkdir()
    words = ["run", EXAMPLE, "--quiet", "--runs", tmp_path / "runs", "--start-method", method]
    done = run_with({"PATH": str(tmp_path / "empty")}, *words)
    assert (done.returncode, done.stderr) == (0, "")
    exported = run_with({}, "export", done.stdout.strip(), "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["value"] for line in exported] == [1, 4, 9, 16, 25]


SURROUNDINGS = """
import importlib.util, os
def f(x):
    specs = [importlib.util.find_spec(name) for name in ("engine", "gui", "poolhouse", "frozen_host")]
    return dict(os.environ), [spec.name for spec in specs if spec]
"""


def test_user_code_finds_nothing_of_the_app(tmp_path: Path) -> None:
    """Neither in its environment nor among its modules, whether it runs inside or under another Python."""
    (tmp_path / "work.py").write_text(SURROUNDINGS)
    others = [str(path) for path in interpreters().values() if not path.is_relative_to(ROOT)]
    for python in ["", *others]:
        job = tmp_path / "work.pool"
        job.write_text(
            f'[function]\nfile = "work.py"\nname = "f"\npython = {json.dumps(python)}\n'
            '[inputs]\nkind = "list"\nvalues = [1]\n[run]\nstart_method = "spawn"\n'
        )
        given = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LD_LIBRARY_PATH": "/somewhere/else"}
        done = run_with(given, "run", job, "--quiet", "--runs", tmp_path / "runs")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        exported = run_with({}, "export", done.stdout.strip(), "--format", "jsonl").stdout
        value = json.loads(exported)["value"]
        environment, names = ast.literal_eval(value)  # the display text of a tuple
        assert names == []
        mine = [f"{name}={text}" for name, text in environment.items() if str(FROZEN) in text]
        assert mine == []
        assert environment["LD_LIBRARY_PATH"] == "/somewhere/else"


@pytest.mark.skipif(sys.platform == "win32", reason="scripts run as they are elsewhere only")
def test_a_script_ends_as_under_any_python(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import atexit, own\natexit.register(print, own.X)\ndef f():\n    raise ValueError('no')\nf()\n"
    )
    (tmp_path / "own.py").write_text("from mmap import X\n")
    (tmp_path / "mmap.py").write_text("X = 'left'\n")
    done = run_with({}, "run", script, "--runs", tmp_path / "runs")
    trace = [f'  File "{script}", line 5, in <module>', "    f()", f'  File "{script}", line 4, in f']
    trace = ["Traceback (most recent call last):", *trace, "    raise ValueError('no')", "ValueError: no"]
    assert (done.returncode, done.stderr.splitlines()) == (1, trace)
    assert done.stdout.startswith("left\n")
    script.write_text(script.read_text().replace("ValueError('no')", "KeyboardInterrupt"))
    done = run_with({}, "run", script, "--runs", tmp_path / "runs")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-2:] == ["KeyboardInterrupt", "poolhouse: It was stopped by Ctrl-C."]
    assert done.stdout.startswith("left\n")


def test_the_host_is_no_python() -> None:
    done = subprocess.run(
        [str(FROZEN / "poolhouse-host"), "-c", "print(1)"], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 1
    assert "function.python" in done.stderr


HIDE = 'mount --bind /dev/null "$1" && shift && exec "$@"'


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may hide a library")
def test_a_missing_library_is_named_by_its_package(tmp_path: Path) -> None:
    (library,) = Path("/usr/lib").glob("*-linux-gnu/libfontconfig.so.1")
    command = ["unshare", "--mount", "sh", "-c", HIDE, "sh", str(library), str(PROGRAM)]
    environment = {"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 1
    assert "sudo apt install libfontconfig1\n" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_what_is_bundled_is_told_with_its_licence() -> None:
    bill = json.loads((FROZEN / "sbom.cdx.json").read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    names = {one["name"] for one in bill["components"]}
    assert {"Python", "PySide6_Essentials", "shiboken6", "psutil", "Pygments", "tqdm"} <= names
    notices = (FROZEN / "NOTICES.txt").read_text("utf-8")
    for one in bill["components"]:
        assert f"{one['name']} {one['version']}: " in notices
        assert one["licenses"]
    for text in ("LGPL-3", "GPL-3"):
        assert "GNU" in (FROZEN / f"licences/{text}.txt").read_text("utf-8")


def test_the_version_tells_the_commit() -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=FROZEN).stdout
    told = run_with({}, "--version").stdout
    commit = told.split("commit ")[1].rstrip("+)\n")
    assert head.startswith(commit) or not head


def test_it_is_not_too_large() -> None:
    files = [path for path in FROZEN.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < LIMIT_MB * 1e6


def test_a_query_process_is_the_hosts_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.program.OWN_HOST", FROZEN / "poolhouse-host")
    path = tmp_path / "some.log"
    path.write_text("INFO one\nERROR two\n")
    told: SimpleQueue[Told] = SimpleQueue()
    client = Client()
    ref = LogRef((path,))
    client.ask(ReadLog(ref), told.put)
    while isinstance(answer := told.get(timeout=LIMIT), Part):
        pass
    assert isinstance(answer, Done)
    client.ask(LookAtLog(ref, LogWanted(), 0, 10), told.put)
    while isinstance(answer := told.get(timeout=LIMIT), Part):
        pass
    client.close()
    assert isinstance(answer, Done)
    assert answer.value.texts == ("INFO one", "ERROR two")
