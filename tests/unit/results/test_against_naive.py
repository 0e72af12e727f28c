"""Filters and orders equal those of plain Python over the same tasks, for random runs of every version."""

from __future__ import annotations

from array import array
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.record import schema
from engine.query.arrange import FindFailed, RowOf
from engine.query.arrangements import EVERY
from engine.query.copying import Copy
from engine.query.request import Request, finish
from engine.query.rows import Grow, Rows
from engine.query.sources import Sources
from engine.query.unfinished import FindUnfinished
from engine.results import packed, slices, texts_order
from engine.results.arrange import Arrangement
from engine.results.choosing import choosers
from engine.results.conditions import Condition, Sort
from engine.runs import open_run
from tests.unit.query.made import Made, OldMade
from tests.unit.results import naive

TEXTS = st.sampled_from(
    ["", "a", "b", "ab", "bä", "ä\0", "x" * 300, "x" * 299 + "a", "5", "1", "=,", "\ud800", "none", "None"]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([1 << 60, (1 << 60) + 1, (1 << 60) - 1, 1 << 200, -(1 << 2000), 1 << 2001]),
    st.floats(),
    st.sampled_from([0.1, 0.1000000001, -0.0, 1e300]),
    TEXTS,
    st.sampled_from([[1, 2], [*range(1_100), "a"], "x" * 70_000 + "a", {7: "x" * 12_000, "b": 1}]),
    st.fixed_dictionaries({"score": st.one_of(st.integers(0, 3), TEXTS, st.none(), st.floats(0, 1))}),
)
BATCHES = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.lists(st.tuples(VALUES, st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5])), min_size=1, max_size=6),
        st.integers(1, 3),
    ),
    max_size=12,
)
SPAN = 6
COLUMNS = [
    "index",
    "input",
    "status",
    "value",
    "error",
    "seconds",
    "worker",
    "attempts",
    "stage",
    "value.score",
]


def _conditions() -> st.SearchStrategy[Condition]:
    numbers = st.sampled_from(["0", "1", "2", "0.25", "-3", "1e300", "inf", "12", "1152921504606846977"])
    ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    number = st.builds(
        Condition, st.sampled_from([c for c in COLUMNS if c not in ("status", "error")]), ops, numbers
    )
    with_text = st.sampled_from(["input", "value", "error", "value.score"])
    text = st.builds(Condition, with_text, ops, TEXTS, st.just(True))
    finds = st.builds(Condition, st.sampled_from(COLUMNS), st.just("~"), TEXTS, st.just(True))
    patterns = st.sampled_from(["^a", "[0-9]", "B", "o.*e", "^$"])
    regex = st.builds(
        Condition,
        st.sampled_from(COLUMNS),
        st.just("~"),
        patterns,
        st.just(True),
        st.just(True),
        st.booleans(),
    )
    statuses = st.sampled_from(
        ["ok", "error,died", "missing", "failed", "cancelled,ok", "running", "waiting,ok"]
    )
    status = st.builds(Condition, st.just("status"), st.sampled_from(["=", "!="]), statuses)
    return st.one_of(number, text, finds, regex, status)


CONDITIONS = st.lists(_conditions(), max_size=2)
SORTS = st.none() | st.builds(Sort, st.sampled_from([*COLUMNS, "started"]), st.booleans())
VERSIONS = st.sampled_from([1, 2, 3])


@pytest.fixture(autouse=True, params=["as it is", "in small parts"])
def _parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in small parts":
        monkeypatch.setattr(slices, "TASKS", 4)
        monkeypatch.setattr(packed, "PART", 3)
        monkeypatch.setattr(texts_order, "MOST_NUMBERED", 1)
        monkeypatch.setattr(texts_order, "RUN", 3)
        monkeypatch.setattr(texts_order, "SAMPLE", 2)
        monkeypatch.setattr(texts_order, "HEAD", 2)


def made_run(root: Path, version: int, total: int = 200) -> Any:
    return Made(root, total) if version == 3 else OldMade(root, version, total=total)


def add(made: Any, batches: list[Any], taken: set[int]) -> None:
    for place, tasks, worker in batches:
        if place not in taken:
            taken.add(place)
            made.add(place * SPAN, *columns(tasks), worker)
    made.commit()


def columns(tasks: list[Any]) -> tuple[list[Any], bytes]:
    """The values of tasks, which failed ones lack, and their statuses."""
    values = [value if status in (0, 5) else None for value, status in tasks]
    return values, bytes(status for _, status in tasks)


def _expected(folder: Path, conditions: list[Condition], sort: Sort | None, waiting: bool) -> list[int]:
    tasks = [task for task in naive.tasks(folder) if waiting or task.status not in naive.NO_OUTCOME]
    chosen = [task for task in tasks if all(naive.holds(each, task) for each in conditions)]
    if sort:
        chosen = naive.in_order(chosen, sort.column, sort.descending)
    return [task.index for task in chosen]


@given(VERSIONS, BATCHES, CONDITIONS, SORTS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_chosen_and_sorted(
    version: int, batches: list[Any], conditions: list[Condition], sort: Sort | None, waiting: bool
) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        add(made, batches, set())
        made.close()
        with open_run(made.folder) as run:
            found = Arrangement(run, choosers(conditions), sort, waiting)
            finish(found.build())
            assert found.tasks.tolist() == _expected(made.folder, conditions, sort, waiting)
            assert sum(found.counts.values()) == len(found) == found.known


@given(VERSIONS, BATCHES, BATCHES, CONDITIONS, SORTS)
@settings(max_examples=25, deadline=None)
def test_what_grows_is_as_if_it_had_been_there(
    version: int, before: list[Any], after: list[Any], conditions: list[Condition], sort: Sort | None
) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        taken: set[int] = set()
        add(made, before, taken)
        with open_run(made.folder) as run:
            found = Arrangement(run, choosers(conditions), sort)
            finish(found.build())
            shown = found.tasks.tolist()
            add(made, after, taken)
            spans = finish(found.grow())
            for row, count in spans:
                shown[row:row] = [-1] * count
            now = found.tasks.tolist()
            assert len(shown) == len(now)
            assert all(old in (-1, new) for old, new in zip(shown, now, strict=True))
            made.close()
            expected = _expected(made.folder, conditions, sort, False)
            if sort is None or sort.column in ("index", "status", "seconds", "worker", "attempts", "started"):
                assert now == expected
            else:
                assert sorted(now) == sorted(expected)


@given(BATCHES, BATCHES, CONDITIONS, SORTS)
@settings(max_examples=25, deadline=None)
def test_stages_and_what_was_run_again(
    before: list[Any], again: list[Any], conditions: list[Condition], sort: Sort | None
) -> None:
    with TemporaryDirectory() as root:
        made = Made(Path(root), 200)
        naive.STAGES.clear()
        taken: set[int] = set()
        for place, tasks, worker in before:
            if place not in taken:
                taken.add(place)
                made.add(place * SPAN, *columns(tasks), worker, worker)
                naive.STAGES.update((place * SPAN + at, worker) for at in range(SPAN))
        made.commit()
        spans = made.retry()
        for (first, stop), (_, tasks, worker) in zip(spans, again, strict=False):
            made.add(first, *columns(tasks[: stop - first]), worker, naive.STAGES[first])
        made.close()
        conditions = [*conditions, Condition("stage", "!=", "2")]
        with open_run(made.folder) as run:
            for by in (sort, Sort("stage", descending=True), Sort("attempts")):
                found = Arrangement(run, choosers(conditions), by, waiting=True)
                finish(found.build())
                assert found.tasks.tolist() == _expected(made.folder, conditions, by, True)
        naive.STAGES.clear()


@given(BATCHES, BATCHES, st.sets(st.integers(0, 199), max_size=5), CONDITIONS, SORTS)
@settings(max_examples=12, deadline=None)
def test_what_runs_and_what_waits(
    before: list[Any],
    after: list[Any],
    at_hand: set[int],
    conditions: list[Condition],
    sort: Sort | None,
) -> None:
    with TemporaryDirectory() as root, patch("engine.runs.opened.is_alive", lambda *_: True):
        made = Made(Path(root), 200)
        made.store.facts(state="running")
        told = [(10 + at, task, 5.0) for at, task in enumerate(sorted(at_hand))]
        made.store.before_commit.append(lambda: made.store.tasks_at_hand(told))
        taken: set[int] = set()
        add(made, before, taken)
        workers = {task: 10 + at for at, task in enumerate(sorted(at_hand))}
        for task in naive.tasks(made.folder):
            if task.status in naive.NO_OUTCOME:
                is_running = task.index in at_hand
                assert (task.status, task.worker) == (
                    ("running", workers[task.index]) if is_running else ("waiting", None)
                )
        with open_run(made.folder) as run:
            found = Arrangement(run, choosers(conditions), sort, waiting=True)
            finish(found.build())
            shown = found.tasks.tolist()
            assert shown == _expected(made.folder, conditions, sort, True)
            add(made, after, taken)
            for row, count in finish(found.grow()):
                shown[row:row] = [-1] * count
            now = found.tasks.tolist()
            assert len(shown) == len(now) == len(set(now))
            assert all(old in (-1, new) for old, new in zip(shown, now, strict=True))
        made.close()


@given(BATCHES, BATCHES, st.sets(st.integers(0, 250), max_size=5), st.sampled_from([None, 200]))
@settings(max_examples=10, deadline=None)
def test_every_task_is_a_row(
    before: list[Any], after: list[Any], at_hand: set[int], total: int | None
) -> None:
    with (
        TemporaryDirectory() as root,
        patch("engine.runs.opened.is_alive", lambda *_: True),
        Sources() as sources,
    ):
        made = Made(Path(root), 200)
        made.store.facts(state="running", total=total)
        at_hand = {task for task in at_hand if task < (total or 200)}
        told = [(10 + at, task, 5.0) for at, task in enumerate(sorted(at_hand))]
        made.store.before_commit.append(lambda: made.store.tasks_at_hand(told))
        taken: set[int] = set()
        rows = version = generation = 0
        for batches in (before, after):
            add(made, batches, taken)
            growth = answer_in(sources, Grow(made.folder, generation, version, EVERY))
            assert (growth.is_live, growth.is_new) == (True, not generation)
            rows += sum(count for _, count in growth.inserted)
            generation, version = growth.generation, growth.version
            expected = naive.tasks(made.folder)
            assert [task.index for task in expected] == [*range(rows)]
            page = answer_in(sources, Rows(made.folder, 0, 1_000, handle=EVERY))
            assert page.version == version
            assert list(page.statuses) == [task.status for task in expected]
            assert [*array("q", page.workers)] == [task.worker or 0 for task in expected]
            assert answer_in(sources, RowOf(made.folder, rows, EVERY)) == -1
            failed = [task.index for task in expected if task.status in schema.STATUSES[1:]]
            third = rows // 3
            spans, behind = ((third, rows - third),), [task for task in failed if task >= third]
            next_one = answer_in(sources, FindFailed(made.folder, third, False, EVERY))
            assert next_one == min(behind, default=-1)
            asked = FindUnfinished(made.folder, "", spans, generation, version, EVERY)
            assert answer_in(sources, asked).tasks == len(behind)
            copied = answer_in(sources, Copy(made.folder, generation, version, spans, "plain", (2,), EVERY))
            assert copied.text.split() == [task.status for task in expected[third:]]
        made.close()


def answer_in(sources: Sources, request: Request[Any]) -> Any:
    return finish(request.steps(sources))
