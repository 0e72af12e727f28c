"""Control of a run: pause, resume, size, each way to stop, and retrying failed tasks."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.job import Inputs, Job
from engine.launch import Progress, Retried
from engine.runs import open_run
from engine.runs.records import records
from gui.kit import ask
from gui.shell.pages import starting
from gui.shell.window import Window
from gui.workers.model import Column
from gui.workers.view import WorkersView
from tests.gui.doing import enabled, press, wait_for_end
from tests.gui.test_window import SLOW, typed
from tests.running import make_job, run_job

PATIENCE = 30_000
HANGS = """
import time
def hang():
    time.sleep(600)
def f(x):
    hang() if x == 0 else time.sleep(0.05)
"""
FLAKY = """
import os, time
def f(x):
    time.sleep(0.02)
    if x in (3, 7) and not os.path.exists({mark!r}):
        raise ValueError(x)
    return x
"""


def begin(qtbot: QtBot, window: Window, source: str, tasks: int) -> Path:
    typed(window, source, tasks)
    window.page.run()
    # A short one may be over before anyone looks.
    qtbot.waitUntil(lambda: window.page.header.state in ("running", "finished"), timeout=PATIENCE)
    assert window.page.shown.folder
    return window.page.shown.folder


def results(window: Window) -> int:
    """The tasks in the table that have an outcome."""
    return window.page.views.results.filter.ended


def told(window: Window) -> Progress:
    """The host's last report."""
    session = window.page.shown.session
    return (session and session.state.progress) or Progress(0, 0, 0)


def usable(window: Window) -> set[str]:
    """The enabled commands for runs, by their buttons and menu entries."""
    ids = ("run.start", "run.pause", "run.resume", "run.stop", "run.finish", "run.kill", "run.retry")
    found = {id_ for id_ in ids if enabled(window, id_)}
    assert found & set(window.page.header.buttons) == {
        id_ for id_, button in window.page.header.buttons.items() if id_ in ids and button.isEnabled()
    }
    return found


def test_every_button_has_a_place_of_its_own_and_only_what_can_be_used_is_enabled(
    qtbot: QtBot, window: Window
) -> None:
    header = window.page.header
    places = {id_: button.geometry() for id_, button in header.buttons.items()}
    height = header.height()
    assert usable(window) == {"run.start"}
    assert not header.pool.isEnabled()
    begin(qtbot, window, SLOW, 10_000)
    assert usable(window) == {"run.start", "run.pause", "run.stop", "run.finish", "run.kill"}
    assert header.pool.isEnabled()
    ways = header.arrow.menu().actions()
    assert [way.objectName() for way in ways] == ["run.stop", "run.finish", "run.kill"]
    assert all(":  " in way.text() for way in ways)
    window.page.shown.pause()
    assert usable(window) == {"run.start", "run.resume", "run.stop", "run.finish", "run.kill"}
    window.page.shown.stop()
    assert usable(window) == {"run.start", "run.kill"}
    assert {id_: button.geometry() for id_, button in header.buttons.items()} == places
    assert header.height() == height


def test_a_fault_in_the_check_of_a_job_leaves_run_usable(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_job: Job) -> NoReturn:
        raise RuntimeError("a fault of the check")

    typed(window, SLOW, 2)
    sound = starting._examined
    monkeypatch.setattr(starting, "_examined", fail)
    press(window, "run.start")
    qtbot.waitUntil(lambda: "a fault of the check" in window.page.banner.text.text())
    assert usable(window) == {"run.start"}
    assert window.page.header.state == "ready"
    monkeypatch.setattr(starting, "_examined", sound)
    wait_for_end(qtbot, window, lambda: press(window, "run.start"))


def test_pause_holds_the_run_and_resume_goes_on(qtbot: QtBot, window: Window) -> None:
    begin(qtbot, window, SLOW, 10_000)
    qtbot.waitUntil(lambda: results(window) > 0, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert window.page.header.title.text() == "Paused"
    assert window.page.header.bar.paused
    qtbot.waitUntil(lambda: told(window).state == "paused")
    assert "left" not in window.page.header.detail.text()
    held = told(window)
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert window.page.header.title.text() == "Running"
    qtbot.waitUntil(lambda: results(window) > held.done + 5, timeout=PATIENCE)


def test_the_pool_changes_its_size(qtbot: QtBot, window: Window) -> None:
    window.page.form.pool.workers.setValue(1)
    begin(qtbot, window, SLOW, 10_000)
    number = window.page.header.pool.number
    assert number.value() == 1
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, "3")
    QTest.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: told(window).workers == 3, timeout=PATIENCE)


def test_a_stop_can_be_made_one_at_once(qtbot: QtBot, window: Window) -> None:
    begin(qtbot, window, "import time\ndef f(x):\n    time.sleep(600)", 2)
    window.page.header.buttons["run.stop"].click()
    window.context.flush()
    window.page.header.buttons["run.stop"].click()  # a double click does no more than a click
    assert window.page.header.title.text() == "Stopping…"
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "run.kill")
    assert window.page.header.title.text() == "Stopped"


def test_a_soft_stop_lets_what_runs_end(qtbot: QtBot, window: Window) -> None:
    folder = begin(qtbot, window, "import time\ndef f(x):\n    time.sleep(0.5)\n    return x", 100)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "run.finish")
        assert window.page.header.state == "stopping"
    with open_run(folder) as run:
        assert run.facts().state == "stopped"
        assert "cancelled" not in {record.status for record in records(run)}


def test_a_stopped_run_is_resumed_in_its_own_folder_and_view(qtbot: QtBot, window: Window) -> None:
    folder = begin(qtbot, window, SLOW, 150)
    qtbot.waitUntil(lambda: results(window) > 5, timeout=PATIENCE)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.header.buttons["run.stop"].click()
    qtbot.waitUntil(window.page.header.buttons["run.resume"].isEnabled)
    window.page.form.inputs.range.stop.setText("3")  # a resumed run uses its own job, not the form
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "run.resume")
        qtbot.waitUntil(lambda: window.page.header.state == "running", timeout=PATIENCE)
        assert window.page.shown.folder == folder
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished")
    qtbot.waitUntil(lambda: results(window) == 150)
    qtbot.waitUntil(lambda: usable(window) == {"run.start"})
    assert window.runs.model.rowCount() == 1
    assert window.page.form.job().inputs.stop == 3


def test_a_resumed_run_says_that_its_inputs_have_changed(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("one\ntwo\nthree\n")
    job = make_job(tmp_path, "def f(x): return 1 // (x != 'two')", inputs=Inputs("lines", path=lines.name))
    folder = run_job(job).folder
    lines.write_text("none\none\ntwo\nthree\n")
    window.opener.open(folder)
    qtbot.waitUntil(window.page.header.buttons["run.retry"].isEnabled, timeout=PATIENCE)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.header.buttons["run.retry"].click()
    qtbot.waitUntil(window.page.banner.isVisible)
    assert window.page.banner.title.text() == "The inputs have changed."
    assert "Task 0 ran with 'one', and would have 'none' now." in window.page.banner.text.text()


@pytest.mark.parametrize("when", ["live", "afterwards"])
def test_failed_tasks_are_run_again(qtbot: QtBot, window: Window, tmp_path: Path, when: str) -> None:
    mark = tmp_path / "mended"
    tasks = 300 if when == "live" else 20
    begin(qtbot, window, FLAKY.format(mark=str(mark)), tasks)
    if when == "live":
        qtbot.waitUntil(window.page.header.buttons["run.retry"].isEnabled, timeout=PATIENCE)
        qtbot.waitUntil(lambda: "2 failed" in window.page.header.detail.text(), timeout=PATIENCE)
    else:
        qtbot.waitUntil(lambda: window.page.shown.stand is not None, timeout=PATIENCE)
        qtbot.waitUntil(window.page.header.buttons["run.retry"].isEnabled, timeout=PATIENCE)
        assert window.page.header.title.text() == "Finished, 2 tasks failed"
    mark.touch()
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.header.buttons["run.retry"].click()
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished")
    qtbot.waitUntil(lambda: results(window) == tasks)
    qtbot.waitUntil(lambda: not window.page.header.buttons["run.retry"].isEnabled())
    assert window.page.shown.folder
    with open_run(window.page.shown.folder) as run:
        assert {record.status for record in records(run)} == {"ok"}


@pytest.mark.parametrize("when", ["live", "afterwards"])
def test_only_the_tasks_that_are_chosen_run_again(
    qtbot: QtBot, window: Window, tmp_path: Path, when: str
) -> None:
    mark = tmp_path / "mended"
    tasks = 300 if when == "live" else 20
    begin(qtbot, window, FLAKY.format(mark=str(mark)), tasks)
    views = window.page.views
    qtbot.waitUntil(lambda: "2 failed" in window.page.header.detail.text(), timeout=PATIENCE)
    if when != "live":
        qtbot.waitUntil(lambda: window.page.shown.stand is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: views.results.retrying.allowed, timeout=PATIENCE)
    views.results.filter.say("status=failed")
    qtbot.waitUntil(lambda: views.results.model.total == 2 and views.results.model.handle > 0)
    views.results.table.go(0)
    qtbot.waitUntil(views.results.details.isVisible)
    mark.touch()
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "results.retry")
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Finished, 1 task failed")
    assert window.page.shown.folder
    with open_run(window.page.shown.folder) as run:
        found = list(records(run))
    assert len([task for task in found if task.status == "error"]) == 1
    assert [task.attempts for task in found if task.attempts > 1] == [2]


FAILS = "def f(x):\n    if x == 3:\n        raise ValueError(x)\n    return x\n"
MENDED = "def f(x):\n    return 100 + x\n"


@pytest.mark.parametrize("answer", ["changed", "as it was", "cancel"])
def test_after_an_edit_the_person_says_which_code_runs_again(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    typed(window, FAILS, 5)
    wait_for_end(qtbot, window, window.page.run)
    folder, retry = window.page.shown.folder, window.page.header.buttons["run.retry"]
    assert folder
    qtbot.waitUntil(lambda: window.page.shown.stand is not None, timeout=PATIENCE)
    qtbot.waitUntil(retry.isEnabled, timeout=PATIENCE)
    window.page.form.function.source.setPlainText(MENDED)
    asked: list[bool] = []
    monkeypatch.setattr(ask, "changed_code", lambda _window, *, live: asked.append(live) or answer)
    if answer == "cancel":
        retry.click()
        qtbot.waitUntil(lambda: asked == [False])
        assert not window.sessions.live
    else:
        with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
            retry.click()
    with open_run(folder) as run:
        values = [record.value for record in records(run) if record.status == "ok"]
        assert run.job.function.source.strip() == (MENDED if answer == "changed" else FAILS).strip()
    assert values == ([0, 1, 2, 103, 4] if answer == "changed" else [0, 1, 2, 4])
    assert asked == [False]


def test_a_run_that_goes_on_keeps_its_code(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, FLAKY.format(mark=str(tmp_path / "mended")), 10_000)
    qtbot.waitUntil(window.page.header.buttons["run.retry"].isEnabled, timeout=PATIENCE)
    window.page.form.function.source.setPlainText(MENDED)
    asked: list[bool] = []
    monkeypatch.setattr(ask, "changed_code", lambda _window, *, live: asked.append(live) or "as it was")
    assert window.page.shown.session
    with qtbot.waitSignal(window.page.shown.session.retried, timeout=PATIENCE):
        window.page.header.buttons["run.retry"].click()
    assert asked == [True]


def test_what_cannot_be_resumed_says_why_and_what_is_there_stays(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    path = tmp_path / "work.py"
    path.write_text(SLOW)
    window.page.form.choose_file(path)
    qtbot.waitUntil(lambda: window.page.form.function.name.count() > 0)
    window.page.form.function.name.set_value("slow")
    window.page.form.inputs.kind.set_value("range")
    window.page.form.inputs.range.stop.setText("10000")
    window.page.run()
    qtbot.waitUntil(lambda: results(window) > 5, timeout=PATIENCE)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.shown.kill()
    qtbot.waitUntil(window.page.header.buttons["run.resume"].isEnabled)
    path.write_text("raise RuntimeError('broken since')\n")
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.header.buttons["run.resume"].click()
    assert window.page.banner.title.text() == "The run was not resumed."
    assert "broken since" in window.page.banner.text.text() + window.page.banner.details.toPlainText()
    qtbot.waitUntil(lambda: window.page.header.title.text() == "Failed")
    qtbot.waitUntil(lambda: results(window) > 5)
    qtbot.waitUntil(window.page.header.buttons["run.resume"].isEnabled)


def on_task(view: WorkersView, task: int) -> int:
    """The number of the worker that is on a task; 0 if none is shown."""
    rows = range(view.model.rowCount())
    shown = {view.model.index(row, Column.TASK).data(): view.model.number(row) for row in rows}
    return shown.get(str(task)) or 0


def hangs_in_sight(view: WorkersView) -> bool:
    """Whether the shown stack is that of the hang; if the worker had not reached it, asks for another."""
    if all(part in view.stack.toPlainText() for part in ("in hang", "on task 0")):
        return True
    view.where.click()
    return False


def test_a_worker_is_looked_at_and_ended(qtbot: QtBot, window: Window) -> None:
    folder = begin(qtbot, window, HANGS, 10_000)
    press(window, "view.workers")
    view = window.page.views.workers
    qtbot.waitUntil(lambda: on_task(view, 0) > 0, timeout=PATIENCE)
    worker = on_task(view, 0)
    view.table.selectRow(view.model.row_of(worker))
    qtbot.waitUntil(lambda: hangs_in_sight(view), timeout=PATIENCE)
    assert view.end.isEnabled()
    view.end.click()
    qtbot.waitUntil(lambda: view.model.state(worker) == "Ended by you", timeout=PATIENCE)
    qtbot.waitUntil(lambda: not view.end.isEnabled(), timeout=PATIENCE)
    with open_run(folder) as run:
        assert "ended by hand" in run.failures(0)[0].message


def test_where_not_all_failed_tasks_run_again_it_is_said(window: Window) -> None:
    window.page.shown._retried(Retried(3, "The others need more."))
    assert window.page.banner.title.text() == "3 of the failed tasks run again, the others do not."
    assert window.page.banner.text.text() == "The others need more."


def test_a_task_is_gone_to_by_its_index(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not enabled(window, "results.go_to")
    begin(qtbot, window, "def f(x): return x", 300)
    qtbot.waitUntil(lambda: results(window) == 300, timeout=PATIENCE)
    qtbot.waitUntil(lambda: enabled(window, "results.go_to"))
    window.page.views.setCurrentIndex(1)
    qtbot.waitUntil(lambda: not enabled(window, "results.go_to"))
    window.page.views.setCurrentIndex(0)
    qtbot.waitUntil(lambda: enabled(window, "results.go_to"))
    monkeypatch.setattr(ask, "task_number", lambda _parent: 250)
    press(window, "results.go_to")
    qtbot.waitUntil(lambda: window.page.views.results.table.current == 250)
