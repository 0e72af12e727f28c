"""What charts show of a run: columns against each other, and what workers used, against a naive reading."""

from __future__ import annotations

import math
import re
import sqlite3
from array import array
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.record import store as recording
from engine.host.record.store import Store
from engine.query import answer
from engine.query.detail import ReadTask
from engine.query.report import ReadReport
from engine.query.scatter import NumericColumns, ScatterOf
from engine.query.summary import Durations, Summarised, WorkerUsage
from engine.query.timeline import SeeTimeline
from engine.results import scatter
from engine.results.answers import Scatter
from engine.results.timeline.answers import View
from engine.runs import DB
from tests.rows import row
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run

SECONDS = st.floats(0, 2, width=32)


@given(VERSIONS, BATCHES, SECONDS, SECONDS)
@settings(max_examples=20, deadline=None)
def test_durations_of_a_part(version: int, batches: list[Any], least: float, length: float) -> None:
    with TemporaryDirectory() as root:
        made = made_run(Path(root), version)
        add(made, batches, set())
        found = answer(Durations(made.folder, least, least + length))
        seconds = [task.seconds for task in naive.tasks(made.folder) if task.seconds is not None]
        made.close()
    if found is None:
        assert not least < least + length
        return
    assert (found.edges[0], found.edges[-1]) == (least, least + length)
    assert sum(found.counts) == sum(least <= each <= least + length for each in seconds)
    for begin, end, count in list(zip(found.edges, found.edges[1:], found.counts, strict=False))[:-1]:
        assert count == sum(begin <= each < end for each in seconds)


@pytest.mark.parametrize("span", [(math.nan, 1.0), (1.0, math.inf), (-1.0, 1.0), (2.0, 2.0)])
def test_no_span_of_durations(tmp_path: Path, span: tuple[float, float]) -> None:
    made = Made(tmp_path)
    made.close()
    assert answer(Durations(made.folder, *span)) is None


COLUMNS = st.sampled_from(["index", "seconds", "input", "value", "worker", "attempts", "value.score"])


def number(exact: float | None) -> float:
    """As charts use it: values that are no numbers, or too large for a float, are omitted."""
    try:
        return math.nan if exact is None else float(exact)
    except OverflowError:
        return math.inf


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
            across, up = number(naive.cell(task, x).number), number(naive.cell(task, y).number)
            if not math.isfinite(across) or not math.isfinite(up):
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


def see(made: Made, begin: float | None = None, end: float | None = None) -> View:
    view = answer(SeeTimeline(made.folder, begin, end, 100, 0, 10))
    assert view is not None
    return view


def test_pauses_absences_and_commits(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    made.add(0, [1], bytes(1))
    made.store.db.execute("DELETE FROM event")
    for time, kind in (
        (1000.0, "launched"),
        (1001.0, "commit"),
        (1002.0, "paused"),
        (1004.0, "resumed"),
        (1005.0, "commit"),
        (1010.0, "launched"),  # the one before was killed
        (1011.0, "paused"),
        (1012.0, "ended"),
        (1012.5, "launched"),
        (1013.0, "paused"),
        (1014.0, "nothing known"),
    ):
        made.store.db.execute("INSERT INTO event (time, kind) VALUES (?, ?)", (time, kind))
    made.store.facts(state="stopped", ended=1020.0)
    made.store.commits.commit()
    made.store.db.execute("DELETE FROM event WHERE time > 1020")  # the commit of this itself
    bands = [("paused", 1002, 1004), ("away", 1005, 1010), ("paused", 1011, 1012), ("paused", 1013, 1020)]
    assert [(band.kind, band.begin, band.end) for band in see(made).bands] == bands
    assert list(array("d", see(made).commits)) == [1001.0, 1005.0]
    assert [band.kind for band in see(made, 1003.0, 1006.0).bands] == ["paused", "away"]
    assert list(array("d", see(made, 1003.0, 1006.0).commits)) == [1005.0]
    made.close()


def test_what_was_added_to_a_run_db_of_before(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    made.add(0, [1, 2], bytes(2))
    made.close()
    with closing(sqlite3.connect(made.folder / DB)) as db:
        db.executescript("DROP TABLE usage; DROP TABLE event; ALTER TABLE batch DROP COLUMN cpu")
    assert see(made).bands == ()
    assert answer(Summarised(made.folder)).cpu is None
    assert answer(ReadTask(made.folder, 0)).cpu is None
    store = Store(str(made.folder / DB))
    store.results(1, row(2, [1, 2], seconds=0.5)._replace(cpu=0.25))
    store.usage(1000, [(1, 1 << 20, 0.5)])
    store.close()
    assert answer(Summarised(made.folder)).cpu == 0.25
    found = answer(ReadTask(made.folder, 3))
    assert (found.cpu, found.cpu_tasks, found.cpu_seconds) == (0.25, 2, 1.0)
    assert len(answer(WorkerUsage(made.folder)).series) == 1


def test_samples_and_commits_are_thinned_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_COMMITS", 8)
    made = Made(tmp_path, 1_000)
    for task in range(100):
        made.add(task, [1], bytes(1))
        made.commit()
    (commits,) = made.store.db.execute("SELECT count(*) FROM event WHERE kind = 'commit'").fetchone()
    assert 1 <= commits <= 17
    made.close()


def test_the_report_has_all_charts(tmp_path: Path) -> None:
    made = Made(tmp_path, 10)
    made.add(0, ["<script>", 2], bytes([0, 1]))
    made.store.worker_started(1, 1, 1000.0, 0)
    made.store.usage(1001, [(1, 3 << 30, 0.5)])
    made.close()
    page = answer(ReadReport(made.folder)).page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    labels = [ElementTree.fromstring(chart).attrib["aria-label"] for chart in charts]
    assert labels[0] == "Histogram of durations, 2 tasks in the tallest bar"
    assert labels[1].startswith("Tasks over time, ")
    assert labels[2:] == ["Memory, 3.00 GiB at most", "Processor, 0.50 cores at most"]
    assert "<script>" not in page
