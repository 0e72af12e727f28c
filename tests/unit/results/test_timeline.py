"""The timeline of a run equals a naive reading of its folder, for random runs of every version."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.record import schema
from engine.host.record.store import Failure
from engine.query.request import finish
from engine.query.sources import Sources
from engine.query.timeline import PlaceOfTask, SeeTimeline, SumUp, TaskAt, TasksOverTime
from engine.results.timeline import drawing, entries, spans, stages
from engine.results.timeline.answers import LEVELS, MOSTLY, STATUS, Main, View
from engine.runs import DB, UnreadableRun
from tests.rows import row
from tests.unit.query.made import Made, Task, naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run

EDGES = st.tuples(st.floats(990, 1250), st.floats(0.01, 200)).map(lambda edge: (edge[0], edge[0] + edge[1]))


@pytest.fixture(scope="module", params=["as it is", "in small parts"], autouse=True)
def _parts(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "in small parts":
            for module, name in (
                (entries, "TASKS"),
                (entries, "ROWS"),
                (drawing, "PART"),
                (spans, "CHUNK"),
                (stages, "CHUNK"),
            ):
                patch.setattr(module, name, 3)
        yield


class Asked:
    """A run, and questions about it."""

    def __init__(self, made: Any, sources: Sources) -> None:
        self.made, self.folder, self._sources = made, made.folder, sources

    def ask(self, request: Any) -> Any:
        return finish(request.steps(self._sources))

    def see(
        self, begin: float | None = None, end: float | None = None, width: int = 150, by_stage: bool = False
    ) -> View:
        return self.ask(SeeTimeline(self.folder, begin, end, width, 0, 50, by_stage))


@contextmanager
def asked(version: int, batches: list[Any]) -> Iterator[Asked]:
    with TemporaryDirectory() as root, Sources() as sources:
        made = made_run(Path(root), version)
        add(made, batches, set())
        yield Asked(made, sources)
        made.close()


def lanes_of(tasks: list[Task], folder: Path) -> dict[int, int]:
    """No worker has a record here, so each has its own lane, in the order of its first row."""
    db = sqlite3.connect(folder / DB)
    workers = [worker for (worker,) in db.execute("SELECT worker FROM batch ORDER BY id")]
    db.close()
    return {worker: lane for lane, worker in enumerate(dict.fromkeys(workers))}


def bars(view: View) -> list[tuple[int, int, int, float, float, int]]:
    def whole(column: bytes) -> Any:
        return array("q", column)

    times = array("d", view.bars.times)
    columns = (
        whole(view.bars.tasks),
        whole(view.bars.counts),
        whole(view.bars.lanes),
        times[::2],
        times[1::2],
    )
    return list(zip(*columns, view.bars.statuses, strict=True))


@given(VERSIONS, BATCHES, EDGES)
@settings(max_examples=30, deadline=None)
def test_what_is_drawn(version: int, batches: list[Any], edges: tuple[float, float]) -> None:
    with asked(version, batches) as run:
        tasks = naive(run.folder)
        lanes = lanes_of(tasks, run.folder)
        view = run.see(*edges)
        assert (view.total, len(view.lanes)) == (len(lanes), len(lanes))
        scale = view.width / (view.end - view.begin)
        x = {
            task.index: ((task.begin - view.begin) * scale, (task.end - view.begin) * scale) for task in tasks
        }
        bar = drawing.BAR
        seen = {i for i, (left, right) in x.items() if right >= 0 and left <= view.width}
        wide = {i for i in seen if x[i][1] - x[i][0] >= bar - 1e-6}
        surely_wide = {i for i in seen if x[i][1] - x[i][0] >= bar + 1e-6}
        drawn = bars(view)
        assert surely_wide <= {task for task, *_ in drawn} <= wide
        for task, count, lane, begin, end, status in drawn:
            known = next(each for each in tasks if each.index == task)
            assert (count, lane, schema.STATUSES[status]) == (1, lanes[known.worker], known.status)
            assert begin == pytest.approx(x[task][0], abs=0.01)
            assert end == pytest.approx(x[task][1], abs=0.01)
        for lane in range(view.total):
            line = view.plane[lane * view.width : (lane + 1) * view.width]
            own = [task for task in tasks if lanes[task.worker] == lane]
            for at, pixel in enumerate(line):
                inside = [task for task in own if x[task.index][0] < at + 1 and x[task.index][1] > at]
                near = [t for t in own if x[t.index][0] < at + 6 and x[t.index][1] > at - 5]
                if not near:
                    assert pixel == 0
                if inside and sum(_covered(x[task.index], at) for task in inside) > 0.01:
                    assert pixel % LEVELS >= 1
                    assert (pixel & ~MOSTLY) >> STATUS in {schema.STATUSES.index(t.status) for t in near}
                failed = [
                    task for task in inside if task.status != "ok" and _covered(x[task.index], at) > 0.01
                ]
                if failed:
                    assert (pixel & ~MOSTLY) >> STATUS, "a failed task is seen wherever it is"


def _covered(x: tuple[float, float], at: int) -> float:
    return max(0.0, min(x[1], at + 1) - max(x[0], at))


@given(VERSIONS, BATCHES, EDGES)
@settings(max_examples=30, deadline=None)
def test_sums_of_a_span(version: int, batches: list[Any], edges: tuple[float, float]) -> None:
    with asked(version, batches) as run:
        begin, end = edges
        inside = [task for task in naive(run.folder) if task.begin < end and task.end > begin]
        sums = run.ask(SumUp(run.folder, begin, end))
        busy = sum(min(task.end, end) - max(task.begin, begin) for task in inside)
        assert sums.busy == pytest.approx(busy, abs=1e-3)
        assert sums.tasks == len(inside)
        assert sums.failed == sum(task.status != "ok" for task in inside)
        mean = sum(task.end - task.begin for task in inside) / len(inside) if inside else None
        assert sums.mean == (None if mean is None else pytest.approx(mean, abs=1e-3))


@given(VERSIONS, BATCHES, st.floats(995, 1220), st.integers(0, 2), st.floats(0, 20))
@settings(max_examples=30, deadline=None)
def test_task_at_a_place_and_back(
    version: int, batches: list[Any], time: float, lane: int, slack: float
) -> None:
    with asked(version, batches) as run:
        tasks = naive(run.folder)
        lanes = lanes_of(tasks, run.folder)
        own = [task for task in tasks if lanes[task.worker] == lane]
        away = {task.index: max(task.begin - time, time - task.end, 0.0) for task in own}
        found = run.ask(TaskAt(run.folder, lane, time, slack))
        least = min(away.values(), default=math.inf)
        if found is None:
            assert least > slack - 0.01
        else:
            assert away[found.task] == pytest.approx(least, abs=0.01)
        for task in tasks:
            spot = run.ask(PlaceOfTask(run.folder, task.index))
            assert (spot.task, spot.worker, spot.lane) == (task.index, task.worker, lanes[task.worker])
            assert spot.status == task.status
            assert spot.start == pytest.approx(task.begin, abs=1e-3)
            assert spot.seconds == pytest.approx(task.end - task.begin, abs=1e-3)
        assert run.ask(PlaceOfTask(run.folder, 10_000)) is None


@given(VERSIONS, BATCHES, BATCHES)
@settings(max_examples=20, deadline=None)
def test_a_run_that_grows_is_seen_as_if_it_had_been_there(
    version: int, before: list[Any], after: list[Any]
) -> None:
    with asked(version, before) as run:
        run.see(1000, 1200)
        taken = {place for place, *_ in before}
        add(run.made, [batch for batch in after if batch[0] not in taken], set())
        seen = run.see(1000, 1200)
        with Sources() as others:
            assert seen == finish(SeeTimeline(run.folder, 1000, 1200, 150, 0, 50).steps(others))
        throughput = run.ask(TasksOverTime(run.folder))
        assert sum(throughput.tasks) == pytest.approx(len(naive(run.folder)))
        middle = (throughput.first + throughput.last) / 2
        first = run.ask(TasksOverTime(run.folder, throughput.first - 5, middle))
        rest = run.ask(TasksOverTime(run.folder, middle, None))
        assert (first.first, first.last, rest.first) == (throughput.first, middle, middle)
        assert sum(first.tasks) + sum(rest.tasks) == pytest.approx(sum(throughput.tasks))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(made: Made) -> Iterator[Asked]:
    with Sources() as sources:
        yield Asked(made, sources)


def test_a_lane_is_used_again_once_its_worker_has_ended(made: Made, run: Asked) -> None:
    spans = [(1000.0, 1001.0), (1000.0, 1003.0), (1001.0, 1002.0), (1002.5, 1004.0), (1002.6, None)]
    for number, (started, ended) in enumerate(spans, 1):
        made.store.worker_started(number, 100 + number, started)
        if ended:
            made.store.worker_ended(number, ended, 0, None, None)
    made.commit()
    lanes = run.see(1000, 1005).lanes
    assert [(lane.first, lane.last, lane.workers) for lane in lanes] == [(1, 4, 3), (2, 2, 1), (5, 5, 1)]
    made.store.worker_ended(5, 1004.0, 0, None, None)
    made.store.worker_started(6, 106, 1005.0)
    made.store.results(6, row(0, [1], starts=[1005.0]))
    made.commit()
    view = run.see(1000, 1006)
    assert [(lane.last, lane.workers) for lane in view.lanes] == [(6, 4), (2, 1), (5, 1)]
    assert view.marks == (), "they gave way in order"
    assert run.ask(SumUp(run.folder, 1000, 1010)).idle == pytest.approx(1 + 3 + 1 + 1.5 + 1.4 + 0.25 - 0.25)


def test_threads_of_one_process_have_lanes_of_their_own(made: Made, run: Asked) -> None:
    for number in (1, 2, 3):
        made.store.worker_started(number, 101, 1000.0, 0)
    made.commit()
    assert [(lane.first, lane.workers) for lane in run.see(1000, 1008).lanes] == [(1, 1), (2, 1), (3, 1)]


def test_marks(made: Made, run: Asked) -> None:
    for number in (1, 2):
        made.store.worker_started(number, 100 + number, 1000.0)
    made.store.worker_ended(1, 1002.0, -9, "SIGKILL", 5)
    made.store.worker_ended(2, 1003.0, 3, None, None)
    for attempt in (1, 2):
        made.store.failure(Failure(7, attempt, "error", "no", "", 2, None, None, 1000.0 + attempt))
    made.store.failure(Failure(8, 1, "error", "no", "", 2, None, None, 1001.5))
    made.store.failure(Failure(9, 1, "timeout", "no", "", 2, None, None, 1001.7))
    made.store.results(2, row(7, [None, None, 3], bytes([1, 1, 0]), starts=[1002.0, 1002.2, 1002.4]))
    made.commit()
    found = [(mark.kind, mark.time, mark.lane, mark.task, mark.text) for mark in run.see(999, 1004).marks]
    assert sorted(found, key=lambda mark: mark[1]) == [
        ("retried", 1001.0, 1, 7, "error"),
        ("retried", 1001.7, 1, 9, "timeout"),
        ("died", 1002.0, 0, 5, "killed by SIGKILL"),
        ("died", 1003.0, 1, None, "exit status 3"),
    ]
    assert run.see(1001.6, 1001.8).marks[0].task == 9
    made.store.worker_started(3, 103, 1003.5)
    made.commit()
    (mark,) = run.see(1003.2, 1004).marks
    assert (mark.kind, mark.worker, mark.lane) == ("started", 3, 0)


def test_very_quick_tasks_share_a_bar(made: Made, run: Asked) -> None:
    made.store.results(1, row(0, list(range(8)), starts=[1000.0, 1004.0], seconds=1.0, stride=4))
    made.commit()
    assert [(task, count) for task, count, *_ in bars(run.see(1000, 1008))] == [(0, 4), (4, 4)]
    assert run.ask(TaskAt(run.folder, 0, 1002.5, 0)).task == 2
    assert run.ask(PlaceOfTask(run.folder, 6)).start == 1006.0
    sums = run.ask(SumUp(run.folder, 1001, 1003))
    assert (sums.tasks, sums.busy, sums.mean) == (2, 2.0, 1.0)


def test_a_pixel_says_whether_most_of_it_failed(made: Made, run: Asked) -> None:
    made.store.results(1, row(0, [None] * 4, bytes([0, 1, 0, 0]), starts=[1000 + n / 4 for n in range(4)]))
    made.store.results(1, row(4, [None] * 4, bytes([1, 2, 1, 0]), starts=[1001 + n / 4 for n in range(4)]))
    made.commit()
    full, error = LEVELS - 1, 1 << STATUS
    assert list(run.see(1000, 1002, 2).plane) == [error + full, MOSTLY + error + full]
    assert list(run.see(1000, 1002, 8).plane)[:4] == [full, MOSTLY + error + full, full, full]


def test_main_has_a_lane_of_its_own_with_what_it_called(made: Made, run: Asked) -> None:
    made.store.worker_started(schema.MAIN, 100, 1000.0)
    made.store.worker_started(1, 101, 1001.0)
    made.store.stage("load", "a.py", 3, 1, 0, 1001.0)
    made.store.stage("save", "a.py", 5, 2, 4, 1004.0)
    made.store.stage("load", "a.py", 3, 3, 6, 1005.0)
    made.store.results(1, row(0, [1] * 4, starts=[1001.0, 1001.5, 1002.0, 1002.5], seconds=0.5))
    made.store.results(1, row(4, [None] * 2, b"\0\1", starts=[1004.0, 1004.5], seconds=0.5), stage=2)
    made.commit()
    view = run.see(1000, 1010, 300, by_stage=True)
    assert [(lane.first, lane.workers) for lane in view.lanes] == [(0, 1), (1, 1)]
    assert {lane for _, _, lane, *_ in bars(view)} == {1}
    assert view.main == Main(1000.0, None, 2.0 + 1.0 + (view.last - 1005.0), "")
    assert [(call.stage, call.group, call.name, call.begin, call.end, call.tasks) for call in view.calls] == [
        (1, 0, "load", 1001.0, 1003.0, 4),
        (2, 1, "save", 1004.0, 1005.0, 2),
        (3, 0, "load", 1005.0, view.last, 0),
    ]
    assert run.ask(SumUp(run.folder, 1000, 1005)).idle == pytest.approx(1.0), "main is no worker"
    made.store.worker_ended(schema.MAIN, 1009.0, 2, None, None)
    made.store.results(1, row(6, [1], starts=[1006.0], seconds=1.0), stage=3)
    made.commit()
    view = run.see(1000, 1010)
    assert view.main == Main(1000.0, 1009.0, 2.0 + 1.0 + 2.0, "exit status 2")
    assert run.see(1003.2, 1003.8).calls == ()


def test_a_pixel_says_which_stage_has_the_most_of_it(made: Made, run: Asked) -> None:
    for number in range(1, 11):
        made.store.stage(f"f{number}", "a.py", number, number, 0, 1000.0)
    made.store.results(1, row(0, [1], starts=[1000.0], seconds=1.0))
    made.store.results(1, row(1, [1], starts=[1001.0], seconds=0.25), stage=2)
    made.store.results(1, row(2, [1], starts=[1001.25], seconds=0.75), stage=3)
    made.store.results(1, row(3, [1, 1], starts=[1002.0, 1002.5], seconds=0.5), stage=9)
    made.store.results(1, row(5, [1], starts=[1003.0], seconds=0.0), stage=10)
    made.store.results(1, row(6, [1], starts=[1004.0], seconds=1.0), stage=99)
    made.commit()
    view = run.see(1000, 1005, 5, by_stage=True)
    assert view.stages == (*(f"f{number}" for number in range(1, 8)), stages.OTHERS)
    assert [(pixel >> STATUS, pixel % LEVELS) for pixel in view.groups] == [
        (0, 15),
        (2, 15),
        (7, 15),
        (7, 1),
        (7, 15),
    ]
    wide = run.see(1000, 1005, 100, by_stage=True)
    assert list(wide.bars.groups) == [0, 2, 7, 7, 7]
    assert run.see(1000, 1005, 100).groups == b""


def test_the_same_function_called_in_two_places(made: Made, run: Asked) -> None:
    for number, (name, line) in enumerate([("f", 3), ("g", 4), ("f", 5), ("f", 3)], 1):
        made.store.stage(name, "a.py", line, number, 0, 1000.0)
    made.commit()
    assert run.see().stages == ("f, line 3", "g", "f, line 5")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8))
def test_how_long_some_stage_went_on(calls: list[tuple[int, int]]) -> None:
    some = stages.Stages()
    for number, (begin, length) in enumerate(calls, 1):
        some._add(number, "f", "", None, 1000.0 + begin)
        some._end, some._tasks = np.append(some._end, 1000.0 + begin + length), np.append(some._tasks, 1)
    seconds = {second for begin, length in calls for second in range(begin, begin + length)}
    assert some.covered(1000.0, 1100.0, 1100.0) == pytest.approx(len(seconds))
    inside = [second for second in seconds if 5 <= second < 9]
    assert some.covered(1005.0, 1009.0, 1100.0) == pytest.approx(len(inside))


@pytest.mark.parametrize(
    "damage", ["started = 'x'", "started = 9e999", "name = x'00'", "line = 'x'", "id = -5"]
)
def test_damaged_stages(made: Made, run: Asked, damage: str) -> None:
    made.store.worker_started(schema.MAIN, 100, 1000.0)
    made.store.stage("f", "a.py", 3, 1, 0, 1000.0)
    made.add(0, [1, 2], bytes(2))
    made.commit()
    with sqlite3.connect(run.folder / DB, isolation_level=None) as db:
        db.execute(f"UPDATE stage SET {damage}")
    db.close()
    assert len(bars(run.see(1000, 1002, by_stage=True))) == 2


def test_rows_that_are_taken_out_are_gone(made: Made, run: Asked) -> None:
    made.add(0, [1, 2, 3], bytes([0, 1, 0]))
    made.commit()
    assert len(bars(run.see(1000, 1003))) == 3
    made.retry()
    made.commit()
    assert [task for task, *_ in bars(run.see(1000, 1003))] == [0, 2]


def test_before_there_is_a_run(tmp_path: Path) -> None:
    with Sources() as sources:
        assert finish(SeeTimeline(tmp_path, None, None, 100, 0, 5).steps(sources)) is None


def test_nothing_yet(run: Asked) -> None:
    view = run.see()
    assert (view.total, view.plane, view.lanes) == (0, b"", ())
    assert view.first < view.last
    assert run.ask(TaskAt(run.folder, 0, 1000, 5)) is None


@pytest.mark.parametrize(
    "damage",
    [
        "start = 'x'",
        "start = 9e999",
        "count = 0",
        "seconds = x'00'",
        "stride = 3",
        "worker = 'x'",
        "stage = 'x'",
    ],
)
def test_a_damaged_run(made: Made, run: Asked, damage: str) -> None:
    made.add(0, [1, 2], bytes(2))
    made.commit()
    with sqlite3.connect(run.folder / DB, isolation_level=None) as db:
        db.execute(f"UPDATE batch SET {damage}")
    db.close()
    with pytest.raises(UnreadableRun, match="damaged"):
        run.see(1000, 1002)
