"""Run folders: made, listed, recognized, and read without trust."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.host.record.plain import plain_loads
from engine.host.record.rows import Row, without_result
from engine.host.record.store import Failure, Store
from engine.job import Function, Inputs, Job, Parameter, load
from engine.runs import (
    DB,
    JOB,
    UnreadableRun,
    amend,
    create,
    identify,
    list_runs,
    open_run,
    runs_root,
    same_code,
)
from engine.runs.plain import DEEPEST, is_json
from engine.runs.records import records
from tests.rows import row as made_row

JOB_HERE = Job(Function("work.py", "f"), Inputs("range", stop=10))


def row(first: int, values: list[object], statuses: bytes | None = None) -> Row:
    starts = [999.5 + first + at for at in range(len(values))]
    return made_row(first, values, statuses, starts=starts, seconds=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of ten tasks: 6 to 9 and 0 to 2 have ended, and 1 failed; it was stopped during 4."""
    folder = create(JOB_HERE.with_(folder=tmp_path), tmp_path / "runs")
    store = Store(str(folder / DB))
    store.facts(
        name="f", state="stopped", reason="", total=10, started=1000.0, ended=1010.0, folder=str(tmp_path)
    )
    store.results(1, row(6, [36, 49, 64, 81]))
    store.failure(Failure(1, 1, "error", "ValueError: no", "Traceback ...", 1, None, None, 1001.0))
    store.results(2, row(0, [0, None, 4], bytes([0, 1, 0])))
    store.failure(Failure(4, 1, "cancelled", "stopped", "", 1, None, None, 1001.0))
    store.close()
    return folder


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in `folder` can be written for a while, not even by root."""
    root = sys.platform == "linux" and os.geteuid() == 0
    folder.chmod(0o555)
    if root:
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    try:
        yield
    finally:
        if root:
            subprocess.run(["umount", folder], check=True)
        folder.chmod(0o755)


def test_records_are_one_a_task_in_order(folder: Path) -> None:
    with open_run(folder) as run:
        found = list(records(run))
    assert [record.index for record in found] == list(range(10))
    assert [record.input for record in found] == list(range(10))
    assert [record.status for record in found] == (
        ["ok", "error", "ok", "missing", "cancelled", "missing"] + 4 * ["ok"]
    )
    assert [record.value for record in found] == [0, None, 4, None, None, None, 36, 49, 64, 81]
    assert found[1].error == "ValueError: no"
    assert [record.attempts for record in found] == [1, 1, 1, 0, 1, 0, 1, 1, 1, 1]
    assert found[6].seconds == 0.5
    assert found[6].started == "1970-01-01T00:16:45.500000+00:00"


def test_batches_come_as_they_grow(folder: Path) -> None:
    with open_run(folder) as run:
        assert [(ref.first, ref.count) for ref in run.batches()] == [(6, 4), (0, 3)]
        assert [ref.id for ref in run.batches(after=1)] == [2]
        batch = run.batch(2)
    assert batch.statuses == ["ok", "error", "ok"]
    assert batch.values == ["0", "ValueError: no", "4"]
    assert batch.inputs == ["0", "1", "2"]


def test_a_read_only_folder_opens(folder: Path) -> None:
    with read_only(folder), open_run(folder) as run:
        assert run.facts().ok == 6


def test_what_a_dead_host_left_opens_and_counts(folder: Path) -> None:
    with sqlite3.connect(folder / DB) as db:
        db.execute("UPDATE fact SET value = '\"running\"' WHERE name = 'state'")
        db.execute(f"INSERT INTO fact VALUES ('pid', '{os.getpid()}'), ('launched', '1.0')")
    db.close()
    with open_run(folder) as run:
        facts = run.facts()
    assert (facts.state, facts.ok, facts.failed) == ("interrupted", 6, 1)


def test_listing_is_newest_first_and_survives_rubbish(folder: Path) -> None:
    root = folder.parent
    (root / "2001-01-01_000000_old").mkdir()
    (root / "2001-01-01_000000_old" / DB).write_bytes(b"rubbish" * 100)
    (root / "no run").mkdir()
    found = list_runs(root)
    assert [(run.name, run.state) for run in found] == [
        ("f", "stopped"),
        ("2001-01-01_000000_old", "unreadable"),
    ]
    assert (found[0].total, found[0].ok, found[0].failed) == (10, 6, 1)
    assert list_runs(root / "missing") == []


def test_names_that_clash_and_names_that_are_no_file_names(tmp_path: Path) -> None:
    job = JOB_HERE.with_(function=Function(import_path="a.b:Class.method"), folder=tmp_path)
    folders = {create(job, tmp_path / "runs").name for _ in range(3)}
    assert len(folders) == 3
    assert all("Class.method" in name for name in folders)


def test_the_job_in_a_run_folder_means_the_same_from_there(tmp_path: Path) -> None:
    folder = create(JOB_HERE.with_(folder=tmp_path), tmp_path / "runs")
    assert load(folder / JOB).function.file == str(tmp_path / "work.py")


def test_a_run_goes_on_with_other_code(tmp_path: Path) -> None:
    job = Job(Function(source="def f(x): return 1"), Inputs("list", (1, 2)), folder=tmp_path)
    folder = create(job, tmp_path / "runs")
    assert same_code(job, load(folder / JOB))
    (tmp_path / "work.py").write_text("def g(y, n): return y")
    changed = Job(Function("work.py", "g"), Inputs("list", (9,)), folder=tmp_path)
    changed = changed.with_(parameters={"n": Parameter(value=3)})
    assert not same_code(job, changed)
    amend(folder, changed)
    found = load(folder / JOB)
    assert same_code(found, changed)
    assert found.inputs == job.inputs
    assert found.resolve(found.function.file) == tmp_path / "work.py"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.pool", "job"), ("a.py", "script"), ("a.log", "log"), ("a", "log"), ("a.txt", "log")],
)
def test_what_a_file_is(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_text("")
    assert identify(path).kind == kind


def test_what_a_folder_is(folder: Path) -> None:
    assert identify(folder).path == identify(folder / DB).path == folder
    assert identify(folder / JOB).kind == "job"
    with pytest.raises(IsADirectoryError):
        identify(folder.parent)
    with pytest.raises(FileNotFoundError):
        identify(folder / "gone.pool")


def test_a_newer_run_is_not_misread(folder: Path) -> None:
    with sqlite3.connect(folder / DB) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UnreadableRun, match="newer"):
        open_run(folder)


def test_opening_a_run_executes_nothing_from_it(folder: Path, tmp_path: Path) -> None:
    evil = b"cbuiltins\nopen\n(V" + str(tmp_path / "made").encode() + b"\nVw\ntR."
    with sqlite3.connect(folder / DB) as db:
        db.execute("UPDATE batch SET vals = ?", (evil,))
    db.close()
    with open_run(folder) as run, pytest.raises(UnreadableRun, match="damaged"):
        run.batch(1)
    with pytest.raises(pickle.UnpicklingError):
        plain_loads(evil)
    assert not (tmp_path / "made").exists()


def test_where_runs_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(tmp_path / "by variable"))
    assert runs_root() == tmp_path / "by variable"
    assert runs_root(tmp_path / "by option") == tmp_path / "by option"
    monkeypatch.delenv("POOLHOUSE_RUNS")
    assert runs_root().name == "runs"
    assert "poolhouse" in str(runs_root()).lower()


def test_exactly_jsons_kinds() -> None:
    assert all(map(is_json, [None, True, 1, 1.5, "a", [1, [None]], {"a": [{}]}]))
    assert not any(map(is_json, [float("nan"), float("inf"), (1,), {1: 2}, b"a", [()], {"a": {2}}, 1j]))


def test_what_holds_itself_or_is_deep_is_not_written_as_json() -> None:
    deep: list[object] = []
    for _ in range(DEEPEST - 1):
        deep = [deep]
    assert is_json(deep)
    assert not is_json([deep])
    holds_itself: dict[str, object] = {}
    holds_itself["self"] = [holds_itself, holds_itself]
    assert not is_json(holds_itself)


def test_what_is_short_in_memory_and_endless_as_text_is_not_written_as_json() -> None:
    doubled: list[object] = []
    for _ in range(60):
        doubled = [doubled, doubled]
    assert not is_json(doubled)
    text = "x" * 1_000_000
    assert is_json([text] * 10)
    assert not is_json([text] * 1_000_000)
    assert is_json([text + str(number) for number in range(20)])


def test_a_task_without_its_workers_word_has_a_row() -> None:
    result = without_result(7, 3, 1.0, 2.0)
    assert (result.first, result.tasks, result.statuses) == (7, 1, b"\3")


def test_a_run_that_ended_while_it_was_open_is_one_file_again(folder: Path) -> None:
    store = Store(str(folder / DB))
    with open_run(folder) as run:
        store.facts(state="finished")
        store.close()
        assert run.facts().state == "finished"
        assert (folder / f"{DB}-wal").exists()
    assert [path.name for path in folder.glob("run.db*")] == [DB]


def _killed(folder: Path, target: Path) -> Path:
    """A copy of a run whose host was killed while a result was in run.db-wal; without run.db-shm."""
    store = Store(str(folder / DB))
    assert store.claim(None, 1000.0)
    store.results(1, row(3, [9]))
    store.commits.commit()
    target.mkdir()
    for name in (DB, f"{DB}-wal", JOB):
        shutil.copy(folder / name, target)
    store.close()
    return target


@pytest.mark.skipif(os.name == "nt", reason="rights of a folder")
def test_a_read_only_copy_of_a_killed_run_has_all_that_was_counted(folder: Path, tmp_path: Path) -> None:
    copy = _killed(folder, tmp_path / "copy")
    for path in copy.iterdir():
        path.chmod(0o444)
    with read_only(copy), open_run(copy) as run:
        assert (run.facts().state, run.facts().ok) == ("interrupted", 7)
        assert [record.index for record in records(run) if record.status == "ok"] == [0, 2, 3, 6, 7, 8, 9]
        assert sorted(path.name for path in copy.iterdir()) == [JOB, DB, f"{DB}-wal"]
    with open_run(copy) as run:
        assert run.facts().ok == 7
