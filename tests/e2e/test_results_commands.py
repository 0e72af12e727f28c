"""`poolhouse export --where`, `show`, `runs` and `resume --where` as a user types them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.clusters import wait_until
from tests.e2e.terminal import exported, poolhouse
from tests.program import command

pytestmark = pytest.mark.usefixtures("program")

WORK = """
from pathlib import Path

def f(x):
    x = int(x)
    if x % 3 == 2 and not Path(__file__).with_name("mended").exists():
        raise ValueError(f"no {x}")
    return {"half": x / 2, "name": f"n{x}"}
"""
INPUTS = "[inputs]\nkind = 'range'\nstop = 12\n"
LINES = "[inputs]\nkind = 'lines'\npath = 'lines.txt'\n"


def run(tmp_path: Path, inputs: str = INPUTS) -> Path:
    (tmp_path / "work.py").write_text(WORK)
    job = tmp_path / "job.pool"
    job.write_text(f"[function]\nfile = 'work.py'\nname = 'f'\n{inputs}")
    done = poolhouse("run", job, "--runs", tmp_path / "runs", "--quiet")
    assert done.returncode == 1
    return Path(done.stdout.splitlines()[-1])


def test_what_is_asked_for_is_exported(tmp_path: Path) -> None:
    folder = run(tmp_path)
    chosen = ("--where", "status=ok index>3", "--where", "value.name~n")
    order = ("--sort", "value.half:desc", "--limit", "3")
    done = poolhouse("export", folder, "--format", "jsonl", "--spread", *chosen, *order)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["index"], line["value.half"], line["value.name"]) for line in lines] == [
        (10, 5.0, "n10"),
        (9, 4.5, "n9"),
        (7, 3.5, "n7"),
    ]
    done = poolhouse("export", folder / "run.db", "--where", "error~ValueError: no 5 status = error, died")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["index", "5"]
    trace = tmp_path / "trace.json"
    assert poolhouse("export", folder, "-o", trace).returncode == 0
    assert len([e for e in json.loads(trace.read_text())["traceEvents"] if e["ph"] == "X"]) == 12


def test_what_runs_and_what_waits_while_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import pathlib, time\n"
        "def f(x):\n"
        "    while x and not pathlib.Path(__file__).with_name('go').exists():\n"
        "        time.sleep(0.05)\n"
    )
    job = tmp_path / "job.pool"
    job.write_text(f"[function]\nfile = 'work.py'\nname = 'f'\n{INPUTS}[run]\nworkers = 2\n")

    def found(folder: Path, where: str) -> list[list[str]]:
        done = poolhouse("export", folder, "--where", where)
        assert done.returncode == 0
        return [line.split(",") for line in done.stdout.splitlines()[1:]]

    run = subprocess.Popen(command("run", job, "--runs", tmp_path, "--quiet"), stdout=subprocess.DEVNULL)
    with run:
        try:
            wait_until(lambda: [*tmp_path.glob("*/run.db")], "the run folder")
            (folder,) = (path.parent for path in tmp_path.glob("*/run.db"))
            wait_until(lambda: len(found(folder, "status=ok")) == 1, "the first task")
            wait_until(lambda: len(found(folder, "status=running")) == 2, "two tasks that run")
            running, waiting = found(folder, "status=running"), found(folder, "status=waiting")
            assert {row[2] for row in running + waiting} == {"missing"}, "an export knows no other status"
            assert sorted(int(row[0]) for row in running + waiting) == [*range(1, 12)]
            assert len(found(folder, "status=missing")) == 11
            shown = json.loads(poolhouse("show", folder, "--format", "json").stdout)
            assert shown["counts"] == {"ok": 1, "running": 2, "waiting": 9}
        finally:
            (tmp_path / "go").touch()
    assert found(folder, "status=running,waiting,missing") == []
    assert len(found(folder, "status=ok")) == 12


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--where", "sec>1"), "There is no column “sec”. There are: index, input, status, value"),
        (("--where", "seconds>fast"), "seconds needs a number, not “fast”"),
        (("--where", "input~/a(/"), "The regular expression is not valid"),
        (("--sort", "value:down"), "“down” is not an order: write value:asc or value:desc"),
        (("--sort", "nothing"), "There is no column “nothing”"),
        (("--limit", "-1"), "-1 is less than 0"),
        (("--limit", "many"), "“many” is not a number of tasks"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    folder = run(tmp_path)
    done = poolhouse("export", folder, *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout


def test_a_run_is_shown(tmp_path: Path) -> None:
    folder = run(tmp_path)
    text = poolhouse("show", folder).stdout
    assert "f: finished, 12 of 12 tasks done" in text
    assert "4 failed, all with ValueError." in text
    assert "ValueError: no …" in text
    assert f"{tmp_path / 'work.py'}:7 in f" in text
    told = json.loads(poolhouse("show", folder, "--format", "json").stdout)
    assert told["counts"] == {"ok": 8, "error": 4}
    assert [(group["kind"], group["count"], group["first"], group["last"]) for group in told["failures"]] == [
        ("ValueError", 4, 2, 11)
    ]
    assert len(told["longest"]) == 5
    page = tmp_path / "page.html"
    assert poolhouse("show", folder, "--format", "html", "-o", page).returncode == 0
    assert "<svg" in page.read_text("utf-8")
    assert poolhouse("show", tmp_path).returncode == 2


def test_runs_are_listed(tmp_path: Path) -> None:
    folder = run(tmp_path)
    lines = poolhouse("runs", "--runs", tmp_path / "runs").stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["FOLDER", str(folder)]
    (told,) = [
        json.loads(line)
        for line in poolhouse("runs", "--runs", tmp_path / "runs", "--format", "jsonl").stdout.splitlines()
    ]
    assert (told["folder"], told["state"], told["ok"], told["failed"]) == (str(folder), "finished", 8, 4)
    assert (told["function"], told["inputs"], told["pinned"]) == ("f", "range(0, 12)", False)
    assert told["file"] == str(tmp_path / "work.py")
    assert told["seconds"] > 0
    assert told["size"] >= (folder / "run.db").stat().st_size
    assert poolhouse("runs", "--runs", tmp_path / "none").returncode == 2


def test_what_lies_among_runs_does_not_hide_them(tmp_path: Path) -> None:
    runs = run(tmp_path).parent
    (good,) = runs.iterdir()
    (good / "label.json").write_text('{"name": "best\\u001b[31m\\nof all", "pinned": true, "note": 3}')
    for name in ("2026-01-01_000000_broken", "of another program", "empty"):
        (runs / name).mkdir()
    (runs / "2026-01-01_000000_broken" / "run.db").write_bytes(b"rubbish" * 99)
    sqlite3.connect(runs / "of another program" / "run.db").execute("CREATE TABLE t (x)").connection.close()
    (runs / "a file").touch()
    told = poolhouse("runs", "--runs", runs)
    assert (told.returncode, told.stderr) == (0, "")
    assert "* best[31m of all" in told.stdout
    assert len(told.stdout.splitlines()) == 4
    listed = poolhouse("runs", "--runs", runs, "--format", "jsonl").stdout.splitlines()
    states = {Path(one["folder"]).name: one["state"] for one in map(json.loads, listed)}
    assert states == {
        good.name: "finished", "2026-01-01_000000_broken": "unreadable", "of another program": "unreadable",
    }  # fmt: skip
    empty = poolhouse("runs", "--runs", runs / "empty")
    assert (empty.returncode, empty.stdout) == (0, f"There are no runs in {runs / 'empty'}.\n")
    assert poolhouse("runs", "--runs", runs / "a file").returncode == 2


@pytest.mark.parametrize("inputs", [INPUTS, LINES])
def test_only_the_tasks_that_are_asked_for_run_again(tmp_path: Path, inputs: str) -> None:
    (tmp_path / "lines.txt").write_text("".join(f"{n}\n" for n in range(12)))
    folder = run(tmp_path, inputs)
    (tmp_path / "mended").touch()
    assert poolhouse("resume", folder, "--where", "index>20", "--quiet").returncode == 2
    done = poolhouse("resume", folder, "--where", "error~no index>=5", "--where", "index<10", "--quiet")
    assert done.returncode == 1
    found = exported(folder)
    assert [
        (task["index"], task["status"], task["attempts"]) for task in found if task["index"] % 3 == 2
    ] == [
        (2, "error", 1),
        (5, "ok", 2),
        (8, "ok", 2),
        (11, "error", 1),
    ]
    assert poolhouse("resume", folder, "--quiet").returncode == 0
    assert {task["status"] for task in exported(folder)} == {"ok"}
