"""Exports of chosen and sorted tasks, spread into columns, and as a trace."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.job import Inputs
from engine.query.request import finish
from engine.query.rows import Grow, Rows
from engine.query.sources import Sources
from engine.results.conditions import Condition, conditions_of
from engine.results.export import Choice, picks, write
from engine.runs import open_run
from engine.runs.plain import is_json
from engine.runs.records import FIELDS, Record, as_text
from tests.running import make_job, run_job
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, COLUMNS, CONDITIONS, VERSIONS, add, made_run


class Point(NamedTuple):
    x: int
    name: str


def export(folder: Path, choice: Choice) -> Path:
    target = folder / f"export.{choice.kind}"
    with open_run(folder) as run:
        deque(write(run, choice, target), maxlen=0)
    assert not target.with_name(target.name + ".partial").exists()
    return target


@given(VERSIONS, BATCHES, CONDITIONS, st.none() | st.sampled_from(COLUMNS), st.booleans(), st.integers(-1, 9))
@settings(max_examples=15, deadline=None)
def test_what_is_chosen_is_written_in_its_order(
    small_groups: None,
    version: int,
    batches: list[Any],
    conditions: list[Condition],
    column: str | None,
    descending: bool,
    limit: int,
) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        add(made, batches, set())
        made.close()
        sort = f"{column}:desc" if column and descending else column or ""
        expected = [t for t in naive.tasks(made.folder) if all(naive.holds(each, t) for each in conditions)]
        if column:
            expected = naive.in_order(expected, column, descending)
        expected = expected if limit < 0 else expected[:limit]
        lines = export(made.folder, Choice("jsonl", tuple(conditions), sort, limit)).read_text().splitlines()
        for line, task in zip(lines, expected, strict=True):
            found = json.loads(line)
            assert found.pop("seconds") == (task.seconds and pytest.approx(task.seconds, rel=1e-6))
            assert found == _as_json(task)
        path = export(made.folder, Choice("csv", tuple(conditions), sort, limit))
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["index"] for row in rows] == [str(task.index) for task in expected]
        assert [row["error"] for row in rows] == [task.error for task in expected]


@pytest.fixture(scope="module", params=[3, 100_000])
def small_groups(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picks, "GROUP", request.param)
        yield


def _as_json(task: Record) -> dict[str, Any]:
    told = {name: getattr(task, name) for name in FIELDS if name != "seconds"}
    told |= {name: as_text(told[name]) for name in ("input", "value") if not is_json(told[name])}
    return json.loads(json.dumps(told))


def lines_of(folder: Path, choice: Choice) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(folder, choice).read_text().splitlines()]


def _spread_run(root: Path) -> Made:
    made = Made(root, 7)
    made.add(0, [{"score": 1, "who": "a"}, {"score": 2.5, "more": [1, 2]}, {"long": "x" * 20_000}], bytes(3))
    made.add(3, [Point(1, "p"), Point(2, 'q"')], bytes(2))
    made.add(5, [None], bytes([1]))
    made.commit()
    made.close()
    return made


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (Inputs("grid", grid={"rate": (0.5, 2.0), "day": ("ab", "cd")}, call="args"), ("rate", "day")),
        (Inputs("csv", path="table.csv", call="args"), ("rate", "day")),
        (Inputs("csv", path="table.csv", header=False), ("column_1", "column_2")),
    ],
)
def test_inputs_that_are_lists_of_cells_have_parts(tmp_path: Path, inputs: Inputs, names: Any) -> None:
    (tmp_path / "table.csv").write_text("rate,day\n0.5,ab\n0.5,cd\n2,x\n2.5,y\n")
    run = run_job(make_job(tmp_path, "def f(a, b): return f'{a} {b}'", inputs=inputs))
    (tmp_path / "table.csv").unlink()
    rate, day = (f"input.{name}" for name in names)
    lines = lines_of(run.folder, Choice("jsonl", spread=True))
    assert {"input", rate, day}.intersection(lines[0]) == {rate, day}
    assert [f"{line[rate]} {line[day]}" for line in lines] == [line["value"] for line in lines]
    where = conditions_of([f'{rate}="0.5"'])
    chosen = lines_of(run.folder, Choice("jsonl", where, f"{day}:desc"))
    expected = [line for line in lines if str(line[rate]) == "0.5"]
    expected.sort(key=lambda line: line[day], reverse=True)
    assert [line["index"] for line in chosen] == [line["index"] for line in expected]
    with Sources() as sources:
        finish(Grow(run.folder).steps(sources))
        page = finish(Rows(run.folder, 0, 10, keys=()).steps(sources))
    assert page.keys == (rate, day)
    assert page.parts == (tuple(str(line[rate]) for line in lines), tuple(str(line[day]) for line in lines))


def test_dicts_and_named_tuples_are_spread(tmp_path: Path) -> None:
    made = _spread_run(tmp_path)
    lines = lines_of(made.folder, Choice("jsonl", spread=True))
    names = ["value.score", "value.who", "value.more", "value.long", "value.x", "value.name"]
    assert list(lines[0]) == [
        "index",
        "input",
        "status",
        *names,
        "error",
        "seconds",
        "worker",
        "attempts",
        "started",
    ]
    rows = [[line[name] for name in names] for line in lines]
    assert rows == [
        [1, "a", None, None, None, None],
        [2.5, None, [1, 2], None, None, None],
        [None, None, None, "x" * 20_000, None, None],
        [None, None, None, None, 1, "p"],
        [None, None, None, None, 2, 'q"'],
        [None] * 6,
        [None] * 6,
    ]
    with export(made.folder, Choice("csv", spread=True)).open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["value.name"] for row in table] == ["", "", "", "p", 'q"', "", ""]
    assert table[1]["value.more"] == "[1, 2]"


def test_a_value_without_names_stays_beside_those_that_have_some(tmp_path: Path) -> None:
    made = Made(tmp_path, 2)
    made.add(0, [{"a": 1}, 5], bytes(2))
    made.commit()
    made.close()
    first, second = lines_of(made.folder, Choice("jsonl", spread=True))
    assert (first["value"], first["value.a"]) == ({"a": 1}, 1)
    assert (second["value"], second["value.a"]) == (5, None)


def test_parts_can_be_asked_for(tmp_path: Path) -> None:
    made = _spread_run(tmp_path)
    choice = Choice("jsonl", conditions_of(["value.score>=2"]))
    assert [line["index"] for line in lines_of(made.folder, choice)] == [1]
    choice = Choice("jsonl", conditions_of(["value.name=p"]), "value.x:desc")
    assert [line["index"] for line in lines_of(made.folder, choice)] == [3]


def test_parquet_has_the_types_of_the_parts(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    made = Made(tmp_path, 3)
    made.add(0, [{"a": 1, "b": 1, "c": True, "d": [1]}, {"a": 2, "b": 2.5, "d": "x"}, {"a": None}], bytes(3))
    made.commit()
    made.close()
    table = parquet.read_table(export(made.folder, Choice("parquet", sort="value.a:desc", spread=True)))
    assert table.column("value.a").to_pylist() == [2, 1, None]
    assert table.column("value.b").to_pylist() == [2.5, 1.0, None]
    assert table.column("value.c").to_pylist() == [None, True, None]
    assert table.column("value.d").to_pylist() == ["x", "[1]", None]
    assert table.column("index").to_pylist() == [1, 0, 2]


def test_a_trace_has_a_lane_for_each_worker(tmp_path: Path) -> None:
    made = Made(tmp_path, 5)
    made.add(0, [1, None], bytes([0, 1]), worker=1)
    made.add(2, [3], bytes(1), worker=2)
    made.commit()
    made.close()
    trace = json.loads(export(made.folder, Choice("trace")).read_text())["traceEvents"]
    bars = [event for event in trace if event["ph"] == "X"]
    assert [(bar["tid"], bar["name"], bar["ts"], bar["dur"]) for bar in bars] == [
        (1, "f", 0, 250_000),
        (1, "f: error", 1_000_000, 250_000),
        (2, "f", 2_000_000, 250_000),
    ]
    assert bars[1]["args"] == {"task": 1, "input": "1", "status": "error", "error": "error of 1"}
    lanes = [event["args"]["name"] for event in trace if event["name"] == "thread_name"]
    assert lanes == ["Worker 1", "Worker 2"]


def test_a_trace_of_a_script_names_stages_and_has_its_main(tmp_path: Path) -> None:
    made = Made(tmp_path, 4)
    made.store.worker_started(0, 100, 1000.0)
    made.store.stage("load", "a.py", 3, 1, 0, 1000.5)
    made.store.stage("save", "a.py", 5, 2, 2, 1002.0)
    made.add(0, [1, None], bytes([0, 1]))
    made.add(2, [3], bytes(1), stage=2)
    made.store.worker_ended(0, 1004.0, 0, None, None)
    made.commit()
    made.close()
    trace = json.loads(export(made.folder, Choice("trace")).read_text())["traceEvents"]
    assert [(bar["tid"], bar["name"], bar["ts"], bar["dur"]) for bar in trace if bar["ph"] == "X"] == [
        (1, "load", 0, 250_000),
        (1, "load: error", 1_000_000, 250_000),
        (1, "save", 2_000_000, 250_000),
        (0, "main", 0, 4_000_000),
        (0, "load", 500_000, 750_000),
        (0, "save", 2_000_000, 250_000),
    ]
    lanes = [event["args"]["name"] for event in trace if event["name"] == "thread_name"]
    assert lanes == ["Worker 1", "main"]


def test_an_export_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    made = _spread_run(tmp_path)
    with open_run(made.folder) as run:
        steps = write(run, Choice("csv"), tmp_path / "out.csv")
        next(steps)
        steps.close()
    assert not list(tmp_path.glob("out.csv*"))
