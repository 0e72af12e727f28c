"""The order in which runs begin, compared with a naive model; and queued runs on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.job import Function, Inputs, Job, JobError
from gui.run.queue import SECOND_PRESS, Queue, Waiting
from gui.run.shelf import Shelf

JOBS = [
    Job(Function(source=f"def f(x):\n    return x + {n}\n"), Inputs("list", values=(1,))) for n in range(3)
]
place = st.integers(-1, 8)
which = st.integers(0, 8)


class Model(RuleBasedStateMachine):
    """A list of [id, held] for what waits, and a set for what is live."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.queue = Queue(lambda: self.now)
        self.waits: list[list] = []
        self.live: set[str] = set()
        self.presses: list[tuple[float, int]] = []

    def nth(self, number: int) -> str:
        return self.waits[number % len(self.waits)][0] if self.waits else "nothing"

    @rule(number=st.integers(0, 2), later=st.sampled_from([0.0, 0.4, SECOND_PRESS, 5.0]))
    def press(self, number: int, later: float) -> None:
        self.now += later
        slip = any(at > self.now - SECOND_PRESS and job == number for at, job in self.presses)
        made = self.queue.add(JOBS[number], "run")
        assert (made is None) == slip
        if made is not None:
            self.presses.append((self.now, number))
            self.waits.append([made.id, False])

    @rule()
    def start_what_is_due(self) -> None:
        due = self.queue.due()
        free = [id_ for id_, held in self.waits if not held]
        expected = free[0] if free and not self.live else None
        assert (due and due.id) == expected
        if expected:
            self.waits = [entry for entry in self.waits if entry[0] != expected]
            self.live.add(expected)

    @rule(number=which)
    def start_beside(self, number: int) -> None:
        id_ = self.nth(number)
        found = self.queue.beside(id_)
        assert (found is not None) == bool(self.waits)
        if found:
            self.waits = [entry for entry in self.waits if entry[0] != id_]
            self.live.add(id_)

    @rule(number=which)
    def end(self, number: int) -> None:
        if self.live:
            id_ = sorted(self.live)[number % len(self.live)]
            self.queue.ended(id_)
            self.live.discard(id_)

    @rule(number=which)
    def end_what_is_not_live(self, number: int) -> None:
        self.queue.ended(self.nth(number))

    @rule(number=which, to=place)
    def move(self, number: int, to: int) -> None:
        id_ = self.nth(number)
        assert self.queue.move(id_, to) == bool(self.waits)
        entry = next((entry for entry in self.waits if entry[0] == id_), None)
        if entry:
            rest = [other for other in self.waits if other is not entry]
            at = max(0, to)
            self.waits = [*rest[:at], entry, *rest[at:]]

    @rule(number=which)
    def take_out(self, number: int) -> None:
        id_ = self.nth(number)
        assert (self.queue.take_out(id_) is not None) == bool(self.waits)
        self.waits = [entry for entry in self.waits if entry[0] != id_]

    @rule()
    def end_and_start_the_app(self) -> None:
        left_over = self.queue.waiting
        self.queue = Queue(lambda: self.now)
        self.queue.restore(left_over)
        self.waits = [[id_, True] for id_, _ in self.waits]
        self.live, self.presses = set(), []

    @rule()
    def go_on(self) -> None:
        self.queue.go_on()
        self.waits = [[id_, False] for id_, _ in self.waits]

    @rule()
    def begin_another_way(self) -> None:
        self.queue.began("resumed")
        self.live.add("resumed")

    @invariant()
    def both_say_the_same(self) -> None:
        assert [[one.id, one.held] for one in self.queue.waiting] == self.waits
        assert self.queue.live == self.live
        assert self.queue.paused == any(held for _, held in self.waits)


TestQueue = Model.TestCase


def test_the_same_job_from_another_page_is_no_slip() -> None:
    queue = Queue(lambda: 0.0)
    assert queue.add(JOBS[0], "a", "one.pool")
    assert queue.add(JOBS[0], "a", "two.pool")
    assert queue.add(JOBS[1], "a", "one.pool")
    assert not queue.add(JOBS[0], "a", "one.pool")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "queue" / "1")


def waiting(tmp_path: Path, id_: str = "a") -> Waiting:
    file = tmp_path / "work.py"
    file.write_text("def f(x):\n    return 1\n")
    job = Job(Function(file="work.py", name="f"), Inputs("list", values=(1, 2)), folder=tmp_path)
    return Waiting(id_, "work & play", job, "work.pool")


def test_job_and_source_are_kept_as_they_were(shelf: Shelf, tmp_path: Path) -> None:
    one = waiting(tmp_path)
    shelf.keep(one)
    (tmp_path / "work.py").write_text("def f(x):\n    return 2\n")
    (read,), faults = shelf.read()
    assert not faults
    assert (read.name, read.origin, read.job.folder) == (one.name, one.origin, tmp_path)
    assert read.job.inputs == one.job.inputs
    assert read.job.resolve(read.job.function.file) == tmp_path / "work.py"
    code = shelf.code("a")
    assert code
    assert code.read_text() == "def f(x):\n    return 1\n"
    assert code.name == "work.py"


def test_typed_source_is_in_the_job(shelf: Shelf) -> None:
    shelf.keep(Waiting("a", "f", JOBS[1]))
    assert shelf.code("a") is None
    assert shelf.read()[0][0].job.function == JOBS[1].function


def test_what_cannot_be_kept_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    one = waiting(tmp_path)
    (tmp_path / "work.py").unlink()
    with pytest.raises(FileNotFoundError):
        shelf.keep(one)
    assert shelf.read() == ([], [])
    assert not list(shelf.folder.iterdir())


def test_the_order_is_kept_and_a_lost_one_costs_the_order_only(shelf: Shelf, tmp_path: Path) -> None:
    for id_ in "abc":
        shelf.keep(waiting(tmp_path, id_))
    shelf.put_in_order(["c", "gone", "a"])
    assert [one.id for one in shelf.read()[0]] == ["c", "a", "b"]
    (shelf.folder / "order.json").write_text("{")
    assert [one.id for one in shelf.read()[0]] == ["a", "b", "c"]
    shelf.drop("b")
    shelf.drop("never there")
    assert [one.id for one in shelf.read()[0]] == ["a", "c"]


def test_one_that_cannot_be_read_is_told_and_keeps_no_other(shelf: Shelf, tmp_path: Path) -> None:
    for id_ in "ab":
        shelf.keep(waiting(tmp_path, id_))
    (shelf.folder / "a" / "job.pool").write_text("[run]\nworkers = -3\n")
    found, faults = shelf.read()
    assert [one.id for one in found] == ["b"]
    assert "run.workers" in faults[0]
    (shelf.folder / "b" / "entry.json").write_text("[]")
    assert len(shelf.read()[1]) == 2


def test_a_shelf_that_nobody_has_any_more_is_taken_over(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path / "queue" / "2")
    shelf.keep(waiting(tmp_path, "own"))
    for id_ in "ab":
        other.keep(waiting(tmp_path, id_))
    other.put_in_order(["b", "a"])
    shelf.take_over(other)
    assert [one.id for one in shelf.read()[0]] == ["own", "b", "a"]
    assert other.read() == ([], [])


def test_a_job_that_cannot_be_written_is_not_kept(shelf: Shelf) -> None:
    wrong = replace(JOBS[0], inputs=Inputs("list", values=(object(),)))
    with pytest.raises(JobError):
        shelf.keep(Waiting("a", "f", wrong))
