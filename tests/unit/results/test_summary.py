"""What `poolhouse show` says equals what plain Python computes from the records, in every state of a run."""

from __future__ import annotations

import json
import sqlite3
import time
from array import array
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from engine.cli.main import main
from engine.cli.show import as_json
from engine.host.record.store import Failure
from engine.query import answer
from engine.query.summary import Summarised
from engine.results.words import cpu_in_words
from engine.runs import DB
from tests.rows import row
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run


def shown(folder: Path) -> dict[str, Any]:
    """What `show --format json` says, which must be strictly valid JSON."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(json.dumps(as_json(answer(Summarised(folder)))), parse_constant=refuse)


def facts_of(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / DB)) as db:
        return {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM fact")}


def agrees(folder: Path) -> dict[str, Any]:
    """The answer, if plain Python over the records gives the same."""
    told, tasks, facts = shown(folder), naive.tasks(folder), facts_of(folder)
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task.status] = counts.get(task.status, 0) + 1
    assert told["counts"] == counts
    done = [task for task in tasks if task.status not in naive.NO_OUTCOME]
    seconds = sorted(task.seconds for task in done if task.seconds is not None)
    assert len(seconds) == len(done) == told["done"]
    assert told["failed"] == sum(task.status != "ok" for task in done)
    assert told["total"] == facts.get("total")
    assert told["busy"] == pytest.approx(sum(seconds))
    assert told["mean"] == (pytest.approx(sum(seconds) / len(seconds)) if seconds else None)
    assert told["median"] == (pytest.approx(seconds[(len(seconds) - 1) // 2]) if seconds else None)
    assert told["p95"] == (pytest.approx(seconds[-(-95 * len(seconds) // 100) - 1]) if seconds else None)
    longest = sorted(done, key=lambda task: (-(task.seconds or 0), task.index))[:5]
    assert [task["task"] for task in told["longest"]] == [task.index for task in longest]
    if told["wall"]:
        assert told["speed_up"] == pytest.approx(sum(seconds) / told["wall"])
    failed = [task for task in done if task.status != "ok"]
    assert sum(group["count"] for group in told["failures"]) == len(failed)
    return told


def set_facts(folder: Path, **facts: Any) -> None:
    with closing(sqlite3.connect(folder / DB)) as db:
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", rows)
        db.commit()


@given(VERSIONS, BATCHES)
@settings(max_examples=25, deadline=None)
def test_any_run(version: int, batches: list[Any]) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        add(made, batches, set())
        agrees(made.folder)
        made.close()
        told = agrees(made.folder)
        assert (told["state"], told["wall"]) == ("finished", 1000.0)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path, 10)
    made.add(0, [0, 1, "x"], bytes([0, 1, 0]))
    made.commit()
    return made


def test_stopped_while_tasks_ran_and_resumed_twice(made: Made) -> None:
    for task in (3, 4):
        made.store.failure(Failure(task, 1, "cancelled", "stopped", "", 1, None, None, 1.0))
    made.store.facts(state="stopped", ended=1100.0, ran=3.0, ran_at=1100.0, workers=2)
    made.commit()
    told = agrees(made.folder)
    assert told["counts"] == {"ok": 2, "error": 1, "cancelled": 2, "missing": 5}
    assert (told["state"], told["wall"], told["efficiency"]) == ("stopped", 3.0, pytest.approx(0.125))
    made.retry()
    made.add(1, [1], bytes(1))
    made.add(3, [3], bytes(1))
    made.store.failure(Failure(5, 1, "cancelled", "stopped", "", 1, None, None, 1.0))
    made.store.facts(launched=5000.0, ran=4.5, ran_at=5002.0, ended=5002.0)
    made.commit()
    told = agrees(made.folder)
    assert told["counts"] == {"ok": 4, "cancelled": 2, "missing": 4}
    assert told["wall"] == 4.5
    made.add(4, list(range(4, 10)), bytes([0] * 6))
    made.store.facts(state="finished", launched=9000.0, ran=6.0, ended=9001.0)
    made.close()
    assert agrees(made.folder)["counts"] == {"ok": 10}


def test_running_paused_and_interrupted(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.opened.is_alive", lambda *_: True)
    made.store.facts(state="running", machine="", boot="", ran=1.0, ran_at=time.time() - 50)
    made.commit()
    told = agrees(made.folder)
    assert told["state"] == "running"
    assert 51 <= told["wall"] < 1000
    made.store.facts(paused=True)
    made.commit()
    told = agrees(made.folder)
    assert (told["state"], told["paused"], told["wall"]) == ("running", True, 1.0)
    assert told["verdict"].startswith("f: paused, 3 of 10 tasks done in 1 s")
    made.store.facts(paused=False, ran_at=1001.0)
    made.commit()
    monkeypatch.setattr("engine.runs.opened.is_alive", lambda *_: False)
    told = agrees(made.folder)
    assert (told["state"], told["wall"]) == ("interrupted", pytest.approx(2.25))


def test_nothing_ran_and_all_failed(tmp_path: Path) -> None:
    made = Made(tmp_path, 3)
    made.store.facts(total=0)
    made.commit()
    told = agrees(made.folder)
    assert (told["counts"], told["speed_up"], told["longest"]) == ({}, None, [])
    made.store.facts(state="failed", reason="No worker could be started.", total=3)
    made.commit()
    assert agrees(made.folder)["counts"] == {"missing": 3}
    made.add(0, [1, 2, 3], bytes([2, 3, 1]))
    made.close()
    assert agrees(made.folder)["verdict"].endswith("3 failed, 1 of them at their time limit.")


def test_processor_time_is_of_the_tasks_that_tell_it(made: Made) -> None:
    assert shown(made.folder)["cpu"] is None
    made.store.results(1, row(5, [1, 2], seconds=2.0)._replace(cpu=1.0))
    made.close()
    told = agrees(made.folder)
    assert (told["cpu"], told["cpu_share"]) == (1.0, 0.25)


def test_what_is_no_time_is_said(made: Made, capfd: pytest.CaptureFixture[str]) -> None:
    made.close()
    with closing(sqlite3.connect(made.folder / DB)) as db:
        bad = array("f", [float("nan")] * 3).tobytes()
        db.execute("UPDATE batch SET seconds = ?", (bad,))
        db.commit()
    assert main(["show", str(made.folder)]) == 2
    assert "times that are none" in capfd.readouterr().err


def test_a_name_does_nothing_to_the_terminal(made: Made, capfd: pytest.CaptureFixture[str]) -> None:
    made.close()
    set_facts(made.folder, name="\x1b[2Jgone\nby \ud800", started=1e299, python="\x07")
    assert main(["show", str(made.folder)]) == 0
    text = capfd.readouterr().out
    assert text.startswith("\ufffd[2Jgone")
    assert all(line.isprintable() for line in text.splitlines())
    assert main(["show", str(made.folder), "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["started"] is None


def test_what_is_no_run_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(tmp_path)]) == 2
    assert "it is not a run folder" in capfd.readouterr().err
    assert main(["show", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capfd.readouterr().err
    (tmp_path / DB).write_bytes(b"no database" * 100)
    assert main(["show", str(tmp_path)]) == 2
    assert "cannot be read" in capfd.readouterr().err


def test_the_ending_of_a_file_says_the_format(made: Made, tmp_path: Path) -> None:
    made.close()
    for name, head in (("a.json", "{"), ("a.html", "<!doctype html>"), ("a.txt", "f: finished")):
        assert main(["show", str(made.folder / DB), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text("utf-8").startswith(head)


@pytest.mark.parametrize(
    ("used", "share"),
    [
        (1.0, "1 s, 25% of the tasks' time"),
        (0.01, "10 ms, less than 1% of the tasks' time"),
        (
            8.0,
            "8 s, 200% of the tasks' time (threads, and the worker's own work between tasks, count too)",
        ),
    ],
)
def test_processor_time_in_words(made: Made, used: float, share: str) -> None:
    made.store.results(1, row(5, [1, 2], seconds=2.0)._replace(cpu=used))
    made.close()
    assert cpu_in_words(answer(Summarised(made.folder))) == share
