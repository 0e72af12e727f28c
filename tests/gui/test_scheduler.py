"""The queue of an app: what begins when, and what is restored after its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.job import Function, Inputs, Job
from gui.run.queue import Waiting
from gui.run.scheduler import Scheduler


class Desk:
    """A scheduler, and what it reported."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.now = 0.0
        self.scheduler = Scheduler(folder, clock=self.tick)
        self.begun: list[tuple[Waiting, Path | None]] = []
        self.failures: list[tuple[str, str]] = []
        self.scheduler.begin.connect(lambda one, code: self.begun.append((one, code)))
        self.scheduler.failed.connect(lambda what, why: self.failures.append((what, why)))

    def tick(self) -> float:
        self.now += 10
        return self.now

    def run(self, job: Job, name: str) -> Waiting:
        made = self.scheduler.run(job, name)
        assert made
        return made

    def restore(self) -> None:
        with self.qtbot.waitSignal(self.scheduler.changed):
            self.scheduler.restore()

    @property
    def waiting(self) -> list[str]:
        return [one.name for one in self.scheduler.waiting]

    def wait_for(self, names: list[str]) -> None:
        self.qtbot.waitUntil(lambda: [one.name for one, _ in self.begun] == names)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def desk(qtbot: QtBot, folder: Path) -> Iterator[Desk]:
    desk = Desk(qtbot, folder)
    yield desk
    desk.scheduler.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "work.py").write_text("def f(x):\n    return 1\n")
    return Job(Function(file="work.py", name="f"), Inputs("list", values=(1, 2)), folder=tmp_path)


def test_runs_begin_one_after_the_other_with_the_source_as_it_was(desk: Desk, job: Job) -> None:
    first = desk.run(job, "first")
    second = desk.run(job, "second")
    third = desk.run(job, "third")
    assert desk.begun == [(first, None)]
    assert desk.waiting == ["second", "third"]
    desk.scheduler.move(third.id, 0)
    desk.scheduler.move(third.id, 1)
    desk.scheduler.ended(first.id)
    desk.wait_for(["first", "second"])
    begun, code = desk.begun[1]
    assert begun is second
    assert code is not None
    job.resolve("work.py").write_text("changed")
    assert code.read_text() == "def f(x):\n    return 1\n"
    desk.scheduler.ended(second.id)
    desk.wait_for(["first", "second", "third"])
    assert desk.waiting == []
    assert not desk.failures


def test_one_is_begun_beside_another_and_one_is_taken_out(desk: Desk, job: Job) -> None:
    first, second, third = (desk.run(job, name) for name in ("first", "second", "third"))
    desk.scheduler.take_out(second.id)
    desk.scheduler.beside(third.id)
    desk.wait_for(["first", "third"])
    fourth = desk.run(job, "fourth")
    desk.scheduler.ended(first.id)
    assert desk.waiting == ["fourth"]  # the third is still running
    desk.scheduler.ended(third.id)
    desk.wait_for(["first", "third", "fourth"])
    desk.scheduler.take_out(fourth.id)  # it has begun
    assert not desk.failures


def test_what_waits_is_there_again_and_waits_for_a_press(
    desk: Desk, qtbot: QtBot, folder: Path, job: Job
) -> None:
    first = desk.run(job, "first")
    desk.run(job, "second")
    third = desk.run(job, "third")
    desk.scheduler.move(third.id, 0)
    desk.scheduler.opened(first.id)
    desk.scheduler.close()
    again = Desk(qtbot, folder)
    again.restore()
    assert again.waiting == ["third", "second"]
    assert again.scheduler.paused
    new = again.run(job, "new")
    again.wait_for(["new"])
    again.scheduler.ended(new.id)
    assert again.waiting == ["third", "second"]
    again.scheduler.go_on()
    assert not again.scheduler.paused
    again.wait_for(["new", "third"])
    assert again.begun[1][1]
    again.scheduler.close()


def test_what_has_begun_is_not_there_again(desk: Desk, qtbot: QtBot, folder: Path, job: Job) -> None:
    first, second = desk.run(job, "first"), desk.run(job, "second")
    desk.run(job, "third")
    desk.scheduler.ended(first.id)
    desk.wait_for(["first", "second"])
    desk.scheduler.opened(second.id)
    desk.scheduler.close()
    again = Desk(qtbot, folder)
    again.restore()
    assert again.waiting == ["third"]
    again.scheduler.close()


def test_each_open_app_has_a_queue_of_its_own_and_takes_over_that_of_one_that_was_killed(
    desk: Desk, qtbot: QtBot, folder: Path, job: Job
) -> None:
    desk.run(job, "live")
    desk.run(job, "mine")
    code = f"""
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from engine.job import Function, Job
from gui.run.scheduler import Scheduler
app = QCoreApplication([])
scheduler = Scheduler(Path({str(folder)!r}))
job = Job(Function(file="work.py", name="f"), folder=Path({str(job.folder)!r}))
scheduler.run(job, "live")
scheduler.run(job, "theirs", "elsewhere")
scheduler._disk.finish(60000)
print("queued", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"queued\n"
        both = Desk(qtbot, folder)
        both.run(job, "live")
        both.run(job, "third")
        both.scheduler.close()
        other.kill()
    desk.scheduler.close()
    again = Desk(qtbot, folder)
    again.restore()
    assert sorted(again.waiting) == ["mine", "theirs", "third"]
    again.scheduler.close()


def test_a_run_whose_source_cannot_be_kept_is_not_queued_and_holds_up_nothing(desk: Desk, job: Job) -> None:
    first = desk.run(job, "first")
    desk.run(job.with_(function=Function(file="gone.py", name="f")), "second")
    desk.scheduler.ended(first.id)  # at once: it is not known yet that the second one cannot be saved
    desk.run(job, "third")
    desk.wait_for(["first", "third"])
    assert desk.waiting == []
    assert [what for what, _ in desk.failures] == ["second was not queued."]
    assert "gone.py" in desk.failures[0][1]


def test_a_second_press_is_ignored(qtbot: QtBot, folder: Path, job: Job) -> None:
    scheduler = Scheduler(folder, clock=lambda: 0.0)
    assert scheduler.run(job, "first")
    assert scheduler.run(job, "first") is None
    assert not scheduler.waiting
    scheduler.close()


def test_a_run_that_was_resumed_has_others_wait(desk: Desk, job: Job) -> None:
    desk.scheduler.began("resumed")
    desk.run(job, "first")
    assert not desk.begun
    desk.scheduler.ended("resumed")
    desk.wait_for(["first"])


def test_a_damaged_entry_is_told(desk: Desk, qtbot: QtBot, folder: Path, job: Job) -> None:
    desk.run(job, "live")
    waits = desk.run(job, "waits")
    desk.scheduler.close()
    (folder / "1" / waits.id / "job.pool").write_text("[")
    again = Desk(qtbot, folder)
    with qtbot.waitSignal(again.scheduler.failed):
        again.scheduler.restore()
    assert again.failures[0][0] == "A queued run cannot be read."
    again.scheduler.close()
