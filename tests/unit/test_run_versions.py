"""Runs of each version of run.db: read as they are, exported, and rebuilt before they continue."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.errors import BrokenRun
from engine.host.record import schema
from engine.host.record.past import Past
from engine.host.record.rebuilt import bring_up_to_date
from engine.host.record.store import Failure, Store
from engine.results.export.picks import in_order
from engine.results.export.text import Csv, JsonLines
from engine.runs import DB, RunReader, open_run
from engine.runs.records import FIELDS, as_text, records
from tests.old_runs import OldRun
from tests.rows import row
from tests.unit.query.made import Made, OldMade, naive

RUNS = Path(__file__).parents[1] / "data/runs"
every_version = pytest.mark.parametrize("version", [1, 2])


def csv_lines(run: RunReader) -> list[str]:
    return [Csv().head(), *(line for lines in in_order(run, None, Csv().lines) for line in lines)]


def json_lines(run: RunReader) -> list[str]:
    return [line for lines in in_order(run, None, JsonLines().lines) for line in lines]


def expected(folder: Path) -> list[dict[str, Any]]:
    """What the program of that time exported."""
    return [json.loads(line) for line in (folder / "expected.jsonl").read_text().splitlines()]


def exported(folder: Path) -> list[dict[str, Any]]:
    with open_run(folder) as run:
        return [json.loads(line) for line in "".join(json_lines(run)).splitlines()]


@every_version
def test_a_run_of_before_is_read_as_it_was(version: int) -> None:
    folder = RUNS / f"version-{version}-mixed"
    assert exported(folder) == expected(folder)
    with open_run(folder) as run:
        facts = run.facts()
        assert (facts.state, facts.ok, facts.failed, facts.total) == ("finished", 2098, 5, 2103)
        assert run.generation() == 0
        (first, second) = run.failures(2000)
        assert first.traceback.endswith("ValueError: no such number: 2000\n")
        assert (first.attempt, second.attempt) == (1, 2)
        assert run.log_places(2000) == []


@every_version
def test_a_run_that_goes_on_is_rebuilt_first(version: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(RUNS / f"version-{version}-mixed", folder)
    bring_up_to_date(str(folder / DB))
    with closing(sqlite3.connect(folder / DB)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(path.name for path in folder.glob("run.db*")) == [DB]
    for now, before in zip(exported(folder), expected(folder), strict=True):
        assert now.pop("seconds") == pytest.approx(before.pop("seconds"), rel=1e-6, abs=1e-9)
        assert now.pop("started")[:-8] == before.pop("started")[:-8]
        assert now == before
    store = Store(str(folder / DB))
    past = Past(store)
    assert (store.ok, store.failed) == (2098, 5)
    assert past.attempts(2000) == 2
    assert sum(stop - first for first, stop in past.forget_failed()) == 5
    assert (store.ok, store.failed) == (2098, 0)
    past.close()
    store.close()
    with open_run(folder) as run:
        assert run.generation() == 1


def test_a_run_of_today_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / DB
    bring_up_to_date(str(path))
    assert not path.exists()
    Store(str(path)).close()
    before = path.stat()
    bring_up_to_date(str(path))
    assert path.stat() == before


def test_a_run_that_somebody_reads_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.host.record.rebuilt.PATIENCE", 0.0)
    old = OldRun(tmp_path)
    old.results(1, 0, [1, 2], bytes(2))
    with closing(sqlite3.connect(tmp_path / DB, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM batch").fetchone()
        old.results(1, 2, [3], bytes(1))
        with pytest.raises(BrokenRun, match="being read"):
            bring_up_to_date(str(tmp_path / DB))
        reader.execute("COMMIT")
    old.db.close()
    bring_up_to_date(str(tmp_path / DB))
    store = Store(str(tmp_path / DB))
    assert Past(store).done() == [(0, 3)]
    store.close()


@every_version
def test_tasks_whose_results_cannot_be_read_run_again(version: int, tmp_path: Path) -> None:
    made = OldMade(tmp_path, version)
    made.add(0, [1, 2], bytes(2))
    made.add(2, [3, [4]], bytes(2))
    made.run.db.execute("UPDATE batch SET vals = 'gone:0:5' WHERE first = 0")
    made.close()
    bring_up_to_date(str(made.folder / DB))
    store = Store(str(made.folder / DB))
    assert Past(store).done() == [(2, 4)]
    store.close()


VALUES = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5)
) | st.sampled_from(["a,b", 'say "x"', "line\r\nline", "", [1, 2], {"k": [None]}, b"bytes"])
BATCHES = st.lists(
    st.tuples(
        st.integers(0, 12), st.lists(st.tuples(VALUES, st.sampled_from([0, 0, 1, 5])), min_size=1, max_size=6)
    ),
    max_size=8,
    unique_by=lambda batch: batch[0],
)


@settings(max_examples=60)
@given(BATCHES, st.sampled_from([1, 2, 3]), st.booleans())
def test_an_export_is_what_csv_and_json_write_for_each_record(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Any], version: int, kept: bool
) -> None:
    root = tmp_path_factory.mktemp("run")
    made = Made(root, 90, kept) if version == 3 else OldMade(root, version, kept, 90)
    for place, tasks in batches:
        values = [None if status else value for value, status in tasks]
        made.add(place * 6, values, bytes(status for _, status in tasks))
    made.close()
    with open_run(made.folder) as run:
        found = list(records(run))
        text = "".join(csv_lines(run))
        lines = "".join(json_lines(run)).splitlines()
    assert [record.index for record in found] == list(range(90))
    ended = {task.index: task for task in naive(made.folder)}
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(FIELDS)
    for record, line in zip(found, lines, strict=True):
        assert (record.index in ended) == (record.status != "missing")
        value = as_text(record.value) if record.status in ("ok", "unpicklable") else ""
        cells = list(astuple(record))
        cells[1], cells[3] = as_text(record.input), value
        writer.writerow(cells)
        written = json.loads(line)
        assert list(written) == list(FIELDS)
        assert (written["index"], written["status"]) == (record.index, record.status)
        assert written["error"] == record.error
        is_same = written["value"] == record.value and type(written["value"]) is type(record.value)
        assert is_same or written["value"] == as_text(record.value)
    assert text == file.getvalue()


def store_of(folder: Path) -> Store:
    return Store(str(folder / DB))


def test_a_text_of_many_failures_is_kept_once(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    for task in range(3000):
        message = "ValueError: no" if task % 2 else f"ValueError: no {task}"
        trace = f"Traceback (most recent call last):\n  work.py, line 3\n{message}\n"
        store.failure(Failure(task, 1, "error", message, trace, 1, None, None, float(task)))
    store.facts(folder=str(tmp_path))
    store.close()
    with open_run(tmp_path) as run:
        (odd,), (even,) = run.failures(7), run.failures(8)
        assert odd.message == "ValueError: no"
        assert even.traceback.endswith("line 3\nValueError: no 8\n")
        assert len(run.failures_between(0, 3000)) == 3000
    with closing(sqlite3.connect(tmp_path / DB)) as db:
        assert db.execute("SELECT count(*) FROM text").fetchone() == (1502,)


def test_counts_are_facts_whatever_is_taken_out(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.results(1, row(0, [1, None, 3], bytes([0, 1, 0])))
    store.results(1, row(3, [None], bytes([3])))
    store.commits.commit()
    assert store.fact("counts") == {
        "ok": 2, "error": 1, "timeout": 0, "died": 1, "memory": 0, "unpicklable": 0,
    }  # fmt: skip
    assert Past(store).forget_failed() == [(1, 2), (3, 4)]
    store.commits.commit()
    assert store.fact("counts")["ok"] == 2
    assert store.fact("generation") == 1
    store.results(1, row(1, [2]))
    store.close()
    with closing(sqlite3.connect(tmp_path / DB)) as db:
        ids = [row_id for (row_id,) in db.execute("SELECT id FROM batch ORDER BY id")]
    assert ids == [3, 4, 5], "an id that was used before would be taken for a row that is known"
    assert store_of(tmp_path).ok == 3


def test_where_a_failed_attempt_wrote_is_known_after_a_retry(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.failure(Failure(1, 1, "error", "no", "", 1, None, None, 0.0))
    store.results(1, row(0, [1, None, 3], bytes([0, 1, 0]), log=(0, 5, 10, 1, 15, 7, 2, 22, 3)))
    Past(store).forget_failed()
    store.results(1, row(1, [2], log=(0, 100, 9)))
    store.facts(folder=str(tmp_path))
    store.close()
    with open_run(tmp_path) as run:
        assert [run.log_places(task) for task in range(4)] == [[(5, 10)], [(15, 7), (100, 9)], [(22, 3)], []]
