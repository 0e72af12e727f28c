"""What charts show of a run: columns against each other, and what workers took, against a naive reading."""

from __future__ import annotations

import math
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.query import answer
from engine.query.scatter import NumericColumns, ScatterOf
from engine.query.summary import WorkerUsage
from engine.results import scatter
from engine.results.answers import Scatter
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run

COLUMNS = st.sampled_from(["index", "seconds", "input", "value", "worker", "attempts", "value.score"])


@pytest.mark.parametrize("most", [0, 5_000])
@given(VERSIONS, BATCHES, COLUMNS, COLUMNS, st.booleans())
@settings(max_examples=15, deadline=None)
def test_columns_against_each_other(
    most: int, version: int, batches: list[Any], x: str, y: str, zoomed: bool
) -> None:
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(scatter, "MOST_POINTS", most)
        made = made_run(Path(root), version)
        add(made, batches, set())
        window = (0.0, 10.0, -1.0, 5.0) if zoomed else ()
        found: Scatter = answer(ScatterOf(made.folder, x, y, window))
        expected: list[tuple[int, float, float]] = []
        for task in naive.tasks(made.folder):
            if task.status in naive.NO_OUTCOME:
                continue
            across, up = naive.cell(task, x).number, naive.cell(task, y).number
            if across is None or up is None or not math.isfinite(across) or not math.isfinite(up):
                continue
            if not zoomed or (0 <= across <= 10 and -1 <= up <= 5):
                expected.append((task.index, across, up))
        assert found.total == len(expected)
        if most:
            columns = array("q", found.tasks), array("d", found.xs), array("d", found.ys)
            assert list(zip(*columns, strict=True)) == [
                (task, pytest.approx(px), pytest.approx(py)) for task, px, py in expected
            ]
        elif expected:
            assert sum(array("I", found.counts)) == len(expected)
            assert len(array("I", found.counts)) == found.columns * found.rows
        if expected and not zoomed:
            assert found.left <= min(point[1] for point in expected) < found.right
            assert found.bottom <= min(point[2] for point in expected) < found.top
        made.close()


def test_which_columns_are_numbers(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    assert answer(NumericColumns(made.folder)) == scatter.ALWAYS
    made.add(0, [{"score": 1, "name": "x", "more": None}, {"score": 2.5, "late": 1}], bytes(2))
    made.close()
    found = answer(NumericColumns(made.folder))
    assert found == (*scatter.ALWAYS, "input", "value.score", "value.late")


def test_what_workers_took(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    made.store.worker_started(1, 100, 1000.0, 0)
    made.store.worker_started(2, 101, 1000.0, 1)
    made.store.worker_started(3, 102, 1003.0, 0)
    for moment, samples in (
        (1001, [(1, 10, 0.5), (2, 20, 1.0)]),
        (1002, [(1, 30, 1.5), (2, 20, 1.0)]),
        (1004, [(3, 5, 0.25), (2, 20, 2.0)]),
    ):
        made.store.usage(moment, [(worker, size << 20, cpu) for worker, size, cpu in samples])
    made.close()
    first, second = answer(WorkerUsage(made.folder)).series
    assert (first.name, second.name) == ("Lane 1", "Lane 2")
    assert list(array("d", first.times)) == [1.0, 2.0, 4.0]
    assert list(array("d", first.memory)) == [10 << 20, 30 << 20, 5 << 20]
    assert list(array("d", first.cpu)) == [0.5, 1.0, 0.25]
    assert list(array("d", second.cpu)) == [1.0, 0.0, 0.5]


def test_no_samples(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    assert answer(WorkerUsage(made.folder)).series == ()
    made.store.db.execute("DROP TABLE usage")
    assert answer(WorkerUsage(made.folder)).series == ()
    made.close()
