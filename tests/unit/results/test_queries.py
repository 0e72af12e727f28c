"""What views ask about results equals plain Python over the same tasks, for random runs of every version."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.query import Client, Done, Part, Told
from engine.query.arrange import Arrange, Arranging, FindFailed, Forget, RowOf
from engine.query.copying import Copy
from engine.query.export import Export
from engine.query.failures import Counts, Groups
from engine.query.request import Request, finish
from engine.query.rows import Grow, Growth, Page, Rows
from engine.query.slow import FindSlow, Slow
from engine.query.sources import Sources
from engine.query.summary import Summarised
from engine.query.unfinished import FindUnfinished, Unfinished
from engine.results import failed, slices
from engine.results.shapes import shape
from engine.runs import UnreadableRun, open_run
from engine.runs.records import Record
from tests.unit.query.made import Made
from tests.unit.results import naive
from tests.unit.results.test_against_naive import BATCHES, VERSIONS, add, made_run

WHERE = st.sampled_from(
    ["", "status=failed", "status=ok", "value>0", "worker=1,2 seconds>0.1", "value~a", "index>30"]
)
SORTS = st.sampled_from(["", "index:desc", "status", "worker:desc", "attempts", "value", "error:desc"])


@pytest.fixture(scope="module", params=[3, 32_768], autouse=True)
def _small_parts(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "TASKS", request.param)
        patch.setattr(failed, "PART", request.param)
        yield


class Asked:
    """A run of random tasks, and questions about it."""

    def __init__(self, root: str, version: int) -> None:
        self.made = made_run(Path(root), version)
        self.folder: Path = self.made.folder
        self.sources = Sources()

    def ask(self, request: Request[Any]) -> Any:
        return finish(request.steps(self.sources))

    def tasks(self) -> list[Record]:
        """The tasks that have an outcome."""
        return [task for task in naive.tasks(self.folder) if task.status not in naive.NO_OUTCOME]


@contextmanager
def asked(version: int, batches: list[Any]) -> Iterator[Asked]:
    with TemporaryDirectory() as root:
        made = Asked(root, version)
        add(made.made, batches, set())
        with made.sources:
            yield made
        made.made.close()


def expected(tasks: list[Record], where: str, sort: str) -> list[int]:
    from engine.results.conditions import Sort, parse

    chosen = [task for task in tasks if all(naive.holds(condition, task) for condition in parse(where))]
    if sort:
        by = Sort.read(sort)
        chosen = naive.in_order(chosen, by.column, by.descending)
    return [task.index for task in chosen]


@given(VERSIONS, BATCHES, BATCHES, WHERE, SORTS, st.booleans())
@settings(max_examples=15, deadline=None)
def test_an_order_is_read_by_row_while_it_grows(
    version: int, before: list[Any], after: list[Any], where: str, sort: str, waiting: bool
) -> None:
    with asked(version, before) as made:
        found: Arranging = made.ask(Arrange(made.folder, where, sort, waiting=waiting))
        tasks = naive.tasks(made.folder) if waiting else made.tasks()
        order = expected(tasks, where, sort)
        assert (found.rows, found.known, found.complete) == (len(order), len(order), True)
        by_index = {task.index: task for task in tasks}
        page: Page = made.ask(Rows(made.folder, 1, 7, handle=found.handle))
        assert list(array("q", page.tasks)) == order[1:8]
        assert list(page.statuses) == [by_index[task].status for task in order[1:8]]
        assert list(page.inputs) == [str(task) for task in order[1:8]]
        counts: dict[str, int] = {}
        for task in order:
            counts[by_index[task].status] = counts.get(by_index[task].status, 0) + 1
        assert dict(found.counts) == counts
        if waiting:
            return
        taken = {task // 6 for task in by_index}
        add(made.made, after, taken)
        growth: Growth = made.ask(Grow(made.folder, found.generation, found.version, found.handle))
        assert not growth.is_new
        shown: list[int] = list(order)
        for row, count in growth.inserted:
            shown[row:row] = [-1] * count
        page = made.ask(Rows(made.folder, 0, len(shown) + 1, handle=found.handle))
        now = list(array("q", page.tasks))
        assert page.version == growth.version
        assert len(now) == len(shown)
        assert all(old in (-1, new) for old, new in zip(shown, now, strict=True))
        assert sorted(now) == sorted(expected(made.tasks(), where, sort))
        spans = ((0, min(3, len(order))),)
        copied = made.ask(
            Copy(made.folder, found.generation, found.version, spans, "plain", handle=found.handle)
        )
        assert [int(line.split("\t")[0]) for line in copied.text.splitlines()] == order[:3]
        for task in [*now[:3], 10_000]:
            assert made.ask(RowOf(made.folder, task, found.handle)) == (
                now.index(task) if task in now else -1
            )
        assert made.ask(Forget(made.folder, found.handle))
        with pytest.raises(UnreadableRun, match="ask for it again"):
            made.ask(Rows(made.folder, 0, 1, handle=found.handle))


@given(VERSIONS, BATCHES, st.booleans(), st.booleans())
@settings(max_examples=15, deadline=None)
def test_the_next_failed_task(version: int, batches: list[Any], backwards: bool, sorted_: bool) -> None:
    with asked(version, batches) as made:
        made.ask(Grow(made.folder))
        handle = made.ask(Arrange(made.folder, sort="worker:desc")).handle if sorted_ else 0
        tasks = {task.index: task for task in made.tasks()}
        order = expected(list(tasks.values()), "", "worker:desc" if sorted_ else "")
        rows = [row for row, task in enumerate(order) if tasks[task].status != "ok"]
        for start in range(len(order)):
            near = [row for row in rows if (row <= start if backwards else row >= start)]
            wanted = (near[-1] if backwards else near[0]) if near else -1
            assert made.ask(FindFailed(made.folder, start, backwards, handle)) == wanted


@given(
    VERSIONS,
    BATCHES,
    st.sampled_from([("", False), ("status!=ok", True), ("index>20", True), ("value~a", False)]),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=3),
)
@settings(max_examples=20, deadline=None)
def test_tasks_without_a_result_among_rows_and_groups(
    version: int, batches: list[Any], order: tuple[str, bool], picked: list[tuple[int, int]]
) -> None:
    with asked(version, batches) as made:
        where, waiting = order
        grown: Growth = made.ask(Grow(made.folder))
        state = grown.generation, grown.version, 0
        tasks = [t for t in naive.tasks(made.folder) if waiting or t.status not in naive.NO_OUTCOME]
        by_index = {task.index: task for task in tasks}
        shown = expected(tasks, where, "")
        if where:
            arranged: Arranging = made.ask(Arrange(made.folder, where, waiting=waiting))
            state = arranged.generation, arranged.version, arranged.handle
        rows = {row for first, count in picked for row in range(first, first + count) if row < len(shown)}
        spans = tuple((row, 1) for row in sorted(rows))
        found: Unfinished = made.ask(FindUnfinished(made.folder, "", spans, *state))
        wanted = sorted(shown[row] for row in rows if by_index[shown[row]].status != "ok")
        assert [task for first, stop in found.spans for task in range(first, stop)] == wanted
        assert found.tasks == len(wanted)
        for group in made.ask(Groups(made.folder)):
            found = made.ask(FindUnfinished(made.folder, group.key))
            assert (found.tasks, found.spans[0][0], found.spans[-1][1]) == (
                group.count,
                group.first,
                group.last + 1,
            )


@given(VERSIONS, BATCHES)
@settings(max_examples=15, deadline=None)
def test_counts_groups_and_summary(version: int, batches: list[Any]) -> None:
    with asked(version, batches) as made:
        tasks = naive.tasks(made.folder)
        counts: dict[str, int] = {}
        for task in tasks:
            counts[task.status] = counts.get(task.status, 0) + 1
        assert dict(made.ask(Counts(made.folder))) == counts
        groups: dict[Any, list[int]] = {}
        has_failed = [task for task in tasks if task.status not in ("ok", *naive.NO_OUTCOME)]
        for task in has_failed:
            groups.setdefault(shape(task.status, task.error, ""), []).append(task.index)
        found = made.ask(Groups(made.folder))
        assert {(g.kind, g.shape): (g.count, g.first, g.last) for g in found} == {
            (key.kind, key.message): (len(own), own[0], own[-1]) for key, own in groups.items()
        }
        assert sum(group.share for group in found) == pytest.approx(1 if found else 0)
        for group in found:
            order: Arranging = made.ask(Arrange(made.folder, "index>=0", "index:desc", group.key))
            page = made.ask(Rows(made.folder, 0, 1_000, handle=order.handle))
            assert list(array("q", page.tasks)) in [own[::-1] for own in groups.values()]
            assert len(page.statuses) == group.count
        slow: Slow = made.ask(FindSlow(made.folder))
        took = sorted(task.seconds or 0 for task in tasks if task.status not in naive.NO_OUTCOME)
        assert slow == (Slow(0.25, 0.75, len([t for t in took if t > 0.75])) if took else Slow())
        summary = made.ask(Summarised(made.folder))
        assert dict(summary.counts) == counts
        assert summary.groups == found
        done = sorted(task.seconds for task in tasks if task.seconds is not None)
        assert summary.busy == pytest.approx(sum(done))
        if done:
            assert summary.median == pytest.approx(done[(len(done) - 1) // 2])
            assert sum(summary.histogram.counts) == len(done)
            by_time = sorted((-(task.seconds or 0), task.index) for task in tasks if task.seconds)
            assert [long.task for long in summary.longest] == [task for _, task in by_time][:5]


def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path) -> None:
    made = Asked(str(tmp_path), 3)
    found: Arranging = made.ask(Arrange(made.folder, "index>1 sec>2"))
    assert (found.handle, found.position) == (0, 8)
    assert "There is no column “sec”" in found.problem
    made.sources.close()
    made.made.close()


def whole(client: Client, request: Request[Any]) -> Any:
    """The whole answer of a query process."""
    answers: Queue[Told] = Queue()
    client.ask(request, answers.put)
    while True:
        told = answers.get(timeout=60)
        if not isinstance(told, Part):
            assert isinstance(told, Done), told
            return told.value


def test_through_the_query_process(tmp_path: Path) -> None:
    made = Made(tmp_path, 1_000)
    for first in range(0, 1_000, 100):
        made.add(first, [task % 7 for task in range(first, first + 100)], bytes([0, 0, 0, 1] * 25))
    made.commit()
    made.close()
    client = Client()
    try:
        answers = [
            whole(client, request)
            for request in (
                Arrange(made.folder, "status=ok", "value:desc"),
                Groups(made.folder),
                Summarised(made.folder),
                Export(made.folder, tmp_path / "out.csv", where="value=6"),
            )
        ]
        arranged, groups, summary, exported = answers
        assert (arranged.rows, arranged.complete) == (750, True)
        assert [(group.kind, group.shape, group.count) for group in groups] == [("error", "error of …", 250)]
        assert summary.groups == groups
        with open_run(made.folder) as run:
            assert exported.tasks == len([v for v in range(1_000) if v % 7 == 6])
            assert run.facts().total == 1_000
    finally:
        client.close()
