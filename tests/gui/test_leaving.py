"""Closing the window during a run, and controlling the run again."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.launch import client, orders
from engine.runs import list_runs, open_run, runs_root
from gui.kit import ask
from gui.shell.pages.run import RunPage
from gui.shell.window import Window
from tests.gui.doing import press
from tests.gui.test_window import SLOW, typed

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def no_host_stays() -> Iterator[None]:
    yield
    for run in list_runs(runs_root()):
        if run.state == "running":
            with open_run(run.folder) as reader:
                psutil.Process(reader.facts().pid).kill()


def begin(qtbot: QtBot, window: Window, tasks: int) -> Path:
    """Run slow tasks; returns the run folder once some are done."""
    typed(window, SLOW, tasks)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "running", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.page.views.results.filter.ended > 0, timeout=PATIENCE)
    assert window.page.shown.folder
    return window.page.shown.folder


def close(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(ask, "leaving", lambda *_: ask.Leave(save=False, runs=answer))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)


def state(folder: Path) -> str:
    with open_run(folder) as run:
        return run.facts().state


def test_a_kept_run_is_found_again_with_its_controls(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_window()
    folder = begin(qtbot, first, 10_000)
    close(qtbot, first, monkeypatch, "keep")
    assert state(folder) == "running"
    qtbot.waitUntil(lambda: [run.kept for run in list_runs(runs_root())] == [True])

    again = make_window()
    again.reopen()
    qtbot.waitUntil(again.page.header.buttons["run.stop"].isEnabled, timeout=PATIENCE)
    assert again.page.shown.folder == folder
    assert again.page.header.title.text() == "Running"
    again.page.header.buttons["run.pause"].click()
    assert again.page.header.title.text() == "Paused"
    qtbot.waitUntil(lambda: again.runs.model.run(0).paused, timeout=PATIENCE)
    close(qtbot, again, monkeypatch, "keep")

    later = make_window()
    later.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(later.page, RunPage), timeout=PATIENCE)
    qtbot.waitUntil(later.page.header.buttons["run.resume"].isEnabled, timeout=PATIENCE)
    assert later.page.header.title.text() == "Paused"
    qtbot.waitUntil(lambda: later.page.views.results.filter.ended > 0, timeout=PATIENCE)
    rows = later.page.views.results.filter.ended
    later.page.header.buttons["run.resume"].click()
    qtbot.waitUntil(lambda: later.page.views.results.filter.ended > rows, timeout=PATIENCE)
    with qtbot.waitSignal(later.sessions.finished, timeout=PATIENCE):
        later.page.header.buttons["run.stop"].click()
    assert later.page.header.title.text() == "Stopped"
    assert state(folder) == "stopped"


def test_a_kept_run_comes_to_its_end_while_no_window_is_there(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_window()
    folder = begin(qtbot, first, 60)
    close(qtbot, first, monkeypatch, "keep")
    qtbot.waitUntil(lambda: state(folder) == "finished", timeout=PATIENCE)
    again = make_window()
    again.reopen()
    qtbot.waitUntil(lambda: again.runs.model.rowCount() == 1)
    assert not isinstance(again.page, RunPage)
    again.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(again.page, RunPage))
    qtbot.waitUntil(lambda: again.page.header.title.text() == "Finished")
    assert again.page.header.detail.text().startswith("60 of 60 tasks")
    qtbot.waitUntil(lambda: not again.page.header.buttons["run.stop"].isEnabled())


def test_a_run_that_another_window_has_is_followed_but_not_controlled(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_window(), make_window()
    folder = begin(qtbot, first, 10_000)
    second.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(second.page, RunPage), timeout=PATIENCE)
    qtbot.waitUntil(lambda: second.page.header.title.text() == "Running", timeout=PATIENCE)
    assert "controlled there" in second.page.header.detail.text()
    assert not second.page.header.buttons["run.stop"].isEnabled()
    before = second.page.header.detail.text()
    qtbot.waitUntil(lambda: second.page.header.detail.text() != before, timeout=PATIENCE)
    close(qtbot, first, monkeypatch, "keep")
    qtbot.waitUntil(second.page.header.buttons["run.stop"].isEnabled, timeout=PATIENCE)

    monkeypatch.setattr("engine.launch.attach.ATTACH_SECONDS", 1.5)
    third = make_window()
    third.opener.open(folder)
    qtbot.waitUntil(lambda: isinstance(third.page, RunPage), timeout=PATIENCE)
    qtbot.waitUntil(third.page.banner.isVisible, timeout=PATIENCE)
    assert third.page.banner.title.text() == "This run cannot be controlled from here."
    assert "another window may have it" in third.page.banner.text.text()
    assert third.page.header.title.text() == "Running"
    with qtbot.waitSignal(second.sessions.finished, timeout=PATIENCE):
        second.page.shown.kill()
    qtbot.waitUntil(lambda: third.page.header.title.text() == "Stopped", timeout=PATIENCE)
    qtbot.waitUntil(third.page.header.buttons["run.resume"].isEnabled)


def test_an_answer_to_stay_changes_nothing(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, 10_000)
    monkeypatch.setattr(ask, "leaving", lambda *_: None)
    window.close()
    assert window.isVisible()
    assert window.sessions.live
    assert window.page.modified
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        window.page.shown.kill()
    assert window.isVisible()


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped there")
@pytest.mark.parametrize("answer", ["stop", "keep"])
def test_a_host_that_does_not_answer_does_not_hold_the_window(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(client, "KILL_SECONDS", 0.2)
    monkeypatch.setattr(orders, "FLUSH_SECONDS", 0.2)
    window.leaving._last_resort.setInterval(200)
    folder = begin(qtbot, window, 10_000)
    with open_run(folder) as run:
        os.kill(run.facts().pid, signal.SIGSTOP)
    close(qtbot, window, monkeypatch, answer)
    assert state(folder) == ("interrupted" if answer == "stop" else "running")


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped there")
def test_stop_at_once_ends_a_host_that_does_not_answer(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "KILL_SECONDS", 0.2)
    folder = begin(qtbot, window, 10_000)
    with open_run(folder) as run:
        os.kill(run.facts().pid, signal.SIGSTOP)
    for size in range(1000):  # more than the pipe holds
        window.page.shown.resize(size % 3 + 1)
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "run.kill")
    assert "did not answer" in window.page.banner.text.text()
    qtbot.waitUntil(lambda: window.page.header.state == "interrupted", timeout=PATIENCE)
