"""Every answer about a run equals a naive reading of its folder, while the run grows and is resumed."""

from __future__ import annotations

import os
import sqlite3
import struct
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.query.copying import Copy
from engine.query.detail import ReadTask
from engine.query.listing import Summarize
from engine.query.request import Request, finish
from engine.query.rows import Grow, Growth, Page, Place, Rows
from engine.query.run import Facts, RunSource
from engine.query.scatter import NumericColumns, ScatterOf
from engine.query.sources import Sources
from engine.query.summary import Durations, Summarised, WorkerUsage
from engine.query.timeline import SeeTimeline
from engine.query.workers import Workers
from engine.results.cells import date_and_clock, seconds
from engine.runs import DB, UnreadableRun, open_run
from tests.unit.query.made import Made, OldMade, Task, naive, naive_failures

VALUES = st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just([1, 2])
BATCHES = st.lists(st.tuples(VALUES, st.sampled_from([0, 0, 0, 1, 2, 3])), min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("batch"), st.integers(0, 40), BATCHES, st.integers(1, 3)),
        st.tuples(st.just("look")),
        st.tuples(st.just("retry")),
    ),
    max_size=25,
)
SPAN = 6
"""Tasks between the first tasks of two batches."""


class Table:
    """Rows as a viewer who asks now and then would show them."""

    def __init__(self, folder: Path, sources: Sources) -> None:
        self.folder = folder
        self.sources = sources
        self.generation = self.version = 0
        self.rows: list[Task | None] = []

    def ask(self, request: Request[Any]) -> Any:
        return finish(request.steps(self.sources))

    def grow(self) -> None:
        steps = Grow(self.folder, self.generation, self.version).steps(self.sources)
        while True:
            try:
                growth = next(steps)
            except StopIteration as end:
                self.take(end.value)
                return
            if growth is not None:
                self.take(growth)

    def take(self, growth: Growth) -> None:
        if growth.is_new:
            self.rows = []
        for row, count in growth.inserted:
            self.rows[row:row] = [None] * count
        self.generation, self.version = growth.generation, growth.version

    def read(self, start: int, count: int) -> None:
        page: Page = self.ask(Rows(self.folder, start, count))
        assert (page.generation, page.version) == (self.generation, self.version)
        columns = (array("q", page.tasks), page.inputs, page.statuses, page.values)
        times = (array("d", page.begins), array("d", page.ends), array("q", page.workers))
        found = [Task(*cells) for cells in zip(*columns, *times, strict=True)]
        self.rows[start : start + len(found)] = found


@settings(max_examples=60)
@given(STEPS, st.booleans(), st.booleans(), st.sampled_from([1, 2, 3, 3, 3]), st.data())
def test_rows_are_those_of_a_naive_reading(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Any],
    kept: bool,
    saved: bool,
    version: int,
    draw: st.DataObject,
) -> None:
    root = tmp_path_factory.mktemp("run")
    made = Made(root, kept=kept) if version == 3 else OldMade(root, version, kept)
    used: set[int] = set()
    with Sources() as sources:
        tables = [Table(made.folder, sources) for _ in range(2)]
        for step in steps:
            if step[0] == "batch":
                _, place, tasks, worker = step
                if place not in used:
                    used.add(place)
                    values, statuses = zip(*tasks, strict=True)
                    made.add(place * SPAN, list(values), bytes(statuses), worker)
                    made.commit()
            elif step[0] == "retry":
                if isinstance(made, Made):
                    made.retry()
                    made.commit()
            else:
                draw.draw(st.sampled_from(tables)).grow()
        if saved:
            made.close()
        expected = naive(made.folder)
        for table in tables:
            table.grow()
            assert len(table.rows) == len(expected)
            size = draw.draw(st.integers(1, 20))
            for start in range(0, len(expected), size):
                table.read(start, size)
            assert table.rows == expected
        facts = tables[0].ask(Facts(made.folder))
        assert facts.ok == sum(task.status == "ok" for task in expected)
        assert facts.ok + facts.failed == len(expected)
        check_copy(tables[0], expected, draw)
        check_places(tables[0], expected)
        check_failures(made.folder)
    if not saved:
        made.close()


def check_places(table: Table, expected: list[Task]) -> None:
    """The row of a task is found."""
    for row, task in enumerate(expected):
        assert table.ask(Place(table.folder, task.index)) == row
    behind = expected[-1].index + 1 if expected else 0
    assert table.ask(Place(table.folder, behind)) == len(expected) - 1


def check_failures(folder: Path) -> None:
    """Each failed attempt is reported with its own message, also that of a task that was retried since."""
    expected = naive_failures(folder)
    with open_run(folder) as run:
        for task in [*expected, 999]:
            told = run.failures(task)
            assert [(one.attempt, one.kind, one.message) for one in told] == expected.get(task, [])


def check_copy(table: Table, expected: list[Task], draw: st.DataObject) -> None:
    """Chosen rows are copied unchanged."""
    first = draw.draw(st.integers(0, max(len(expected) - 1, 0)))
    count = draw.draw(st.integers(0, len(expected) - first))
    copied = table.ask(Copy(table.folder, table.generation, table.version, ((first, count),)))
    assert copied.rows == count
    assert [tuple(line.split("\t")) for line in copied.text.splitlines()] == [
        (
            str(task.index),
            " ".join(task.shown.split("\n")),
            task.status,
            task.value.replace("\t", " "),
            seconds(task.begin, task.end),
            str(task.worker),
            date_and_clock(task.begin),
        )
        for task in expected[first : first + count]
    ]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=20),
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=2),
)
def test_rows_that_are_copied_are_those_that_stood_there(
    inserted: list[tuple[int, int]], version: int, spans: list[tuple[int, int]]
) -> None:
    source = RunSource(Path())
    rows: list[int] = []
    versions: list[list[int]] = [[]]
    for number, (place, count) in enumerate(inserted):
        row = min(place, len(rows))
        rows[row:row] = range(number * 10, number * 10 + count)
        versions.append(list(rows))
        source.insertions._spans.append((row, count))
    then = versions[min(version, len(inserted))]
    spans = [(first, min(count, len(then) - first)) for first, count in spans if first < len(then)]
    moved = source.insertions.moved(min(version, len(inserted)), spans)
    assert moved is not None
    was = sorted(then[row] for first, count in spans for row in range(first, first + count))
    assert sorted(rows[row] for first, count in moved for row in range(first, first + count)) == was
    assert source.insertions.moved(len(inserted) + 1, spans) is None


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    made.close()


def ask(sources: Sources, request: Request[Any]) -> Any:
    return finish(request.steps(sources))


def test_a_run_that_is_not_there_yet_has_no_rows(tmp_path: Path) -> None:
    with Sources() as sources:
        growth = ask(sources, Grow(tmp_path))
        assert growth.inserted == ()
        page = ask(sources, Workers(tmp_path, 0, 10))
        assert (page.live, page.total, page.records) == (True, 0, ())
        made = Made(tmp_path / "other")
        made.close()
        made.folder.rename(tmp_path / "run")
        with pytest.raises(UnreadableRun, match="yet"):
            ask(sources, Facts(tmp_path))


def test_a_run_db_that_takes_the_place_of_another_is_reread(made: Made, tmp_path: Path) -> None:
    made.add(0, [1, 2, 3], bytes(3))
    made.commit()
    other = Made(tmp_path / "other")
    other.add(0, [4, 5], bytes(2))
    other.close()
    with Sources() as sources:
        before = ask(sources, Grow(made.folder))
        (other.folder / DB).replace(made.folder / DB)
        for beside in ("-wal", "-shm"):
            (made.folder / (DB + beside)).unlink(missing_ok=True)
        after = ask(sources, Grow(made.folder, before.generation, before.version))
        assert after.is_new
        assert after.inserted == ((0, 2),)
        assert ask(sources, Rows(made.folder, 0, 10)).values == ("4", "5")
        with pytest.raises(UnreadableRun, match="removed from the run"):
            ask(sources, Copy(made.folder, before.generation, before.version, ((0, 1),)))


def test_failures_of_a_task(made: Made) -> None:
    made.add(0, [None, None], bytes([0, 1]))
    made.commit()
    with open_run(made.folder) as run:
        assert run.failures(0) == []
        (failure,) = run.failures(1)
    assert (failure.task, failure.kind, failure.message) == (1, "error", "error of 1")


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["start", "end", "task", "look"]), max_size=40),
    st.booleans(),
    st.integers(0, 10),
    st.data(),
)
def test_workers_are_those_of_a_naive_reading(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], live: bool, start: int, draw: st.DataObject
) -> None:
    made = Made(tmp_path_factory.mktemp("run"))
    if live:
        made.store.facts(state="running", pid=os.getpid(), launched=1e12)
    made.commit()
    done: dict[int, int] = {}
    running: list[int] = []
    with Sources() as sources:
        for step in steps:
            if step == "start":
                number = len(done) + 1
                done[number] = 0
                running.append(number)
                made.store.worker_started(number, 1000 + number, 1.0)
            elif step == "end" and running:
                number = running.pop(draw.draw(st.integers(0, len(running) - 1)))
                made.store.worker_ended(number, 2.0, 0, None, None)
            elif step == "task" and done:
                number = draw.draw(st.sampled_from(sorted(done)))
                made.add(sum(done.values()), [1], bytes(1), number)
                done[number] += 1
            made.commit()
            if step == "look":
                ask(sources, Workers(made.folder, 0, 3))
        order = running + sorted(done.keys() - set(running), reverse=True)
        page = ask(sources, Workers(made.folder, start, 5))
        assert page.live == live
        assert page.total == len(done)
        assert page.running == (tuple(running) if live else ())
        assert [record.number for record in page.records] == order[start : start + 5]
        assert list(page.done) == [done[number] for number in order[start : start + 5]]
        for row, number in enumerate(order):
            assert ask(sources, Workers(made.folder, 0, 0, number)).row == row
        assert ask(sources, Workers(made.folder, 0, 0, len(done) + 1)).row is None
    made.close()


def damage(folder: Path, change: str, *values: Any) -> None:
    with sqlite3.connect(folder / DB) as db:
        db.execute(change, values)
    db.close()


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("UPDATE batch SET vals = ?", b"\x80\x05]."),
        ("UPDATE batch SET vals = ?", b"\x80\x05Nr\xff\xff\xff\x1f."),
        ("UPDATE batch SET vals = ?", "no/such:0:10"),
        ("UPDATE batch SET vals = ?", "nonsense"),
        ("UPDATE batch SET vals = ?", 5),
        ("UPDATE batch SET statuses = ?", b"\x09\x09\x09"),
        ("UPDATE batch SET starts = ?", b"1234567"),
        ("UPDATE batch SET starts = ?", None),
        ("UPDATE batch SET stride = ?", 2**40),
        ("UPDATE batch SET stride = ?", 2),
        ("UPDATE batch SET seconds = ?", struct.pack("<f", 1.0)),
        ("UPDATE batch SET start = ?", "yesterday"),
        ("UPDATE batch SET form = ?", "int64"),
        ("UPDATE batch SET form = ?", "complex"),
        ("UPDATE batch SET form = ?", 7),
        ("UPDATE batch SET vals = ?", None),
        ("UPDATE batch SET vals = ?", b"]." + struct.pack("<QQ", 0, 1)),
        ("UPDATE batch SET vals = ?", b"]." + struct.pack("<QQ", 99, 1)),
        ("UPDATE batch SET vals = ?", b"]." + struct.pack("<Q", 2**61)),
        ("UPDATE batch SET inputs = ?", b"\x80\x05)."),
    ],
)
def test_a_damaged_row_is_an_error_of_its_page(made: Made, change: str, value: Any) -> None:
    made.add(0, ["a", "b", "c"], bytes(3))
    made.close()
    damage(made.folder, change, value)
    with Sources() as sources:
        assert ask(sources, Grow(made.folder)).inserted == ((0, 3),)
        with pytest.raises(UnreadableRun):
            ask(sources, Rows(made.folder, 0, 10))
        assert ask(sources, Facts(made.folder)).ok == 3


@pytest.mark.parametrize(
    "change",
    [
        "CREATE VIEW many AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON batch BEGIN DELETE FROM batch; END",
        "ALTER TABLE batch ADD COLUMN more GENERATED ALWAYS AS (zeroblob(1000000000))",
        "CREATE VIRTUAL TABLE t USING fts5(x)",
    ],
)
def test_what_is_more_than_tables_is_refused(made: Made, change: str) -> None:
    made.close()
    damage(made.folder, change)
    with Sources() as sources, pytest.raises(UnreadableRun, match="contains more"):
        ask(sources, Grow(made.folder))


REQUESTS: list[Callable[[Path], Request[Any]]] = [
    Facts,
    Grow,
    lambda folder: Rows(folder, 0, 50),
    lambda folder: Copy(folder, 0, 0, ((0, 50),)),
    lambda folder: ReadTask(folder, 1),
    lambda folder: Workers(folder, 0, 50, 1),
    lambda folder: Summarize(folder.parent, (folder,)),
    Summarised,
    lambda folder: Durations(folder, 0.0, 1e9),
    lambda folder: SeeTimeline(folder, None, None, 300, 0, 50, by_stage=True),
    WorkerUsage,
    NumericColumns,
    lambda folder: ScatterOf(folder, "input", "value"),
    lambda folder: ScatterOf(folder, "started", "seconds", (0.0, 1e9, 0.0, 1.0)),
]
PAGE = 32_768
"""Bytes of a page of run.db."""


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 300), st.integers(0, 255)), max_size=6), st.data()
)
def test_a_damaged_run_db_is_an_error_or_is_read(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, int]], draw: st.DataObject
) -> None:
    made = Made(tmp_path_factory.mktemp("run"))
    for first in range(0, 40, 4):
        made.add(first, ["text", 1, None, [1]], bytes([0, 1, 0, 0]), first)
        made.store.worker_started(first + 1, 1, 1.0)
    made.close()
    path = made.folder / DB
    data = bytearray(path.read_bytes())
    for page, place, byte in changes:
        at = min(page * PAGE + place, len(data) - 1)
        data[at] = byte
    for start in draw.draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
        data[start] ^= 1 << draw.draw(st.integers(0, 7))
    path.write_bytes(data)
    with Sources() as sources:
        for make in REQUESTS:
            steps = make(made.folder).steps(sources)
            with suppress(StopIteration, UnreadableRun, sqlite3.Error, ValueError, TypeError, KeyError):
                for _ in range(10_000):
                    next(steps)
                pytest.fail("it does not come to an end")


def test_the_reader_still_shows_whole_batches(made: Made) -> None:
    made.add(3, ["a", "b"], bytes([0, 2]))
    made.commit()
    with open_run(made.folder) as run:
        batch = run.batch(1)
    assert astuple(batch)[3] == ["ok", "timeout"]
    assert (batch.values, batch.inputs) == (["'a'", "timeout of 4"], ["3", "4"])
