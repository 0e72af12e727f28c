"""A run continues with the code that it began with, whatever happens to the files meanwhile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.job import Function, Inputs, Job, Log, Run
from engine.launch import Noticed
from tests.running import START_METHODS, Finished, run_job

every_start_method = pytest.mark.parametrize("method", START_METHODS)

SOURCE = """
import json, os, time
import HELPER as helper

def kept():
    "Whether the run has taken in what is loaded here."
    run = os.path.dirname(os.path.dirname(os.readlink("/proc/self/fd/1")))  # output/LANE.txt
    with open(os.path.join(run, "code", "index.json")) as file:
        return json.load(file)["complete"]

def change():
    for module in (__file__, helper.__file__):
        CHANGE

def f(x):
    if x == 0:
        while not kept(): pass
        change()
        time.sleep(SECONDS)
        os._exit(1)  # the only worker: another one loads the code for the rest
    if x == 2:
        raise ValueError(helper.version)  # as it was
    return helper.version
"""
CHANGES = {
    "edited": "open(module, 'w').write('version = 1234567890\\ndef f(x):\\n    return 5\\n')",
    "half saved": "open(module, 'w').write('def f(x):\\n    return (x +\\n')",
    "removed": "os.remove(module)",
    "renamed": "os.rename(module, module + '.bak')",
    "replaced by a folder": "os.remove(module); os.mkdir(module)",
}


def project(folder: Path, kind: str, change: str, seconds: float = 0.0) -> Function:
    """The function in a file with a module beside it, or in a package."""
    home = folder if kind == "file" else folder / "pack"
    home.mkdir(exist_ok=True)
    if kind != "file":
        (home / "__init__.py").write_text("")
    helper = "helper" if kind == "file" else "pack.helper"
    source = SOURCE.replace("HELPER", helper).replace("CHANGE", change).replace("SECONDS", str(seconds))
    (home / "mine.py").write_text(source)
    (home / "helper.py").write_text("version = 'old'\n")
    if kind == "import":
        return Function(import_path="pack.mine:f")
    return Function(file=str(home / "mine.py"), name="f")


def run_it(folder: Path, function: Function, method: str, resume: Path | None = None) -> Finished:
    inputs = Inputs("range", start=0, stop=4, step=1)
    run = Run(workers=1, batch=1, start_method=method)
    return run_job(Job(function, inputs, run, Log(), folder), resume=resume)


def notices(run: Finished) -> list[str]:
    return [f"{message.what} {message.why}" for message in run.messages if isinstance(message, Noticed)]


@every_start_method
@pytest.mark.parametrize("kind", ["file", "package", "import"])
@pytest.mark.parametrize("becomes", CHANGES)
def test_workers_that_are_replaced_go_on_with_it(
    tmp_path: Path, method: str, kind: str, becomes: str
) -> None:
    run = run_it(tmp_path, project(tmp_path, kind, CHANGES[becomes]), method)
    assert run.statuses == {0: "died", 2: "error"}
    assert (run.values[1], run.values[3]) == ("old", "old")
    assert "    raise ValueError(helper.version)  # as it was" in run.log
    kept = json.loads((run.folder / "code/index.json").read_text())
    names = {Path(module["path"]).name for module in kept["modules"]}
    assert {"mine.py", "helper.py"} <= names <= {"mine.py", "helper.py", "__init__.py"}


@pytest.mark.parametrize(
    ("becomes", "said"),
    [
        ("edited", "The function's file has changed"),
        ("removed", "The function's file is no longer there"),
    ],
)
@pytest.mark.parametrize("kind", ["file", "import"])
def test_the_change_is_said_once(tmp_path: Path, becomes: str, said: str, kind: str) -> None:
    run = run_it(tmp_path, project(tmp_path, kind, CHANGES[becomes], seconds=4.0), "fork")
    (notice,) = notices(run)
    assert notice.startswith(said)
    assert "mine.py: the run goes on with the code that it began with" in notice
    assert sum(said in line for line in run.log) == 1


def test_a_file_that_is_saved_as_it_was_has_not_changed(tmp_path: Path) -> None:
    again = "text = open(module).read(); open(module, 'w').write(text)"
    run = run_it(tmp_path, project(tmp_path, "file", again, seconds=2.5), "fork")
    assert notices(run) == []


def test_a_resumed_run_starts_with_the_file_as_it_is_then(tmp_path: Path) -> None:
    function = project(tmp_path, "file", "pass")
    run = run_it(tmp_path, function, "spawn")
    assert run.statuses == {0: "died", 2: "error"}
    (tmp_path / "mine.py").write_text("def f(x):\n    return 'new'\n")
    run = run_it(tmp_path, function, "spawn", resume=run.folder)
    assert run.values == ["new", "old", "new", "old"]


def test_code_that_cannot_be_kept_is_done_without(tmp_path: Path) -> None:
    function = project(tmp_path, "file", "pass")
    run = run_it(tmp_path, function, "spawn")
    shutil.rmtree(run.folder / "code")
    (run.folder / "code").write_text("no folder can be made here")
    (tmp_path / "mine.py").write_text("def f(x):\n    return 'new'\n")
    run = run_it(tmp_path, function, "spawn", resume=run.folder)
    assert run.values == ["new", "old", "new", "old"]
