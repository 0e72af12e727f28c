"""Closing the window while a run goes on, and taking the run up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.runs import list_runs, open_run, runs_root
from gui.kit import ask
from gui.shell.window import Window
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
    """Run slow tasks; the run folder, once some are done."""
    typed(window, SLOW, tasks)
    window.live.run()
    qtbot.waitUntil(lambda: window.header.state == "running", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.results.model.rowCount() > 0, timeout=PATIENCE)
    assert window.live.shown
    return window.live.shown


def close(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(ask, "live_run", lambda _: answer)
    monkeypatch.setattr(ask, "unsaved", lambda *_: "discard")
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
    again.live.find_kept()
    qtbot.waitUntil(again.header.stop.isVisible, timeout=PATIENCE)
    assert again.live.shown == folder
    assert again.header.title.text() == "Running"
    assert again.form.job().inputs.stop == 10_000
    again.header.pause.click()
    assert again.header.title.text() == "Paused"
    qtbot.waitUntil(lambda: again.runs.model.run(0).paused, timeout=PATIENCE)
    close(qtbot, again, monkeypatch, "keep")

    later = make_window()
    later.open(folder)
    qtbot.waitUntil(later.header.pause.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: later.header.title.text() == "Paused", timeout=PATIENCE)
    rows = later.results.model.rowCount()
    assert later.header.pause.text() == "Resume"
    later.header.pause.click()
    qtbot.waitUntil(lambda: later.results.model.rowCount() > rows, timeout=PATIENCE)
    with qtbot.waitSignal(later.live.finished, timeout=PATIENCE):
        later.header.stop.click()
    assert later.header.title.text() == "Stopped"
    assert state(folder) == "stopped"


def test_a_kept_run_comes_to_its_end_while_no_window_is_there(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_window()
    folder = begin(qtbot, first, 60)
    close(qtbot, first, monkeypatch, "keep")
    qtbot.waitUntil(lambda: state(folder) == "finished", timeout=PATIENCE)
    again = make_window()
    again.live.find_kept()
    qtbot.waitUntil(lambda: again.runs.model.rowCount() == 1)
    assert again.live.shown is None
    again.open(folder)
    qtbot.waitUntil(lambda: again.header.title.text() == "Finished")
    assert again.header.detail.text().startswith("60 of 60 tasks")
    assert not again.header.stop.isVisible()
    assert again.header.run.isVisible()


def test_a_run_that_another_window_has_is_followed_but_not_controlled(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_window(), make_window()
    folder = begin(qtbot, first, 10_000)
    second.open(folder)
    qtbot.waitUntil(lambda: second.header.title.text() == "Running", timeout=PATIENCE)
    assert "controlled there" in second.header.detail.text()
    assert not second.header.stop.isVisible()
    before = second.header.detail.text()
    qtbot.waitUntil(lambda: second.header.detail.text() != before, timeout=PATIENCE)
    close(qtbot, first, monkeypatch, "keep")
    qtbot.waitUntil(second.header.stop.isVisible, timeout=PATIENCE)

    monkeypatch.setattr("engine.launch.attach.ATTACH_SECONDS", 1.5)
    third = make_window()
    third.open(folder)
    qtbot.waitUntil(third.banner.isVisible, timeout=PATIENCE)
    assert third.banner.title.text() == "This run cannot be controlled from here."
    assert "another window may have it" in third.banner.text.text()
    assert third.header.title.text() == "Running"
    with qtbot.waitSignal(second.live.finished, timeout=PATIENCE):
        second.live.controls.kill()
    qtbot.waitUntil(lambda: third.header.title.text() == "Stopped", timeout=PATIENCE)
    assert third.header.pause.isVisible()


def test_an_answer_to_stay_changes_nothing(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, 10_000)
    monkeypatch.setattr(ask, "live_run", lambda _: "keep")
    monkeypatch.setattr(ask, "unsaved", lambda *_: "cancel")
    window.close()
    assert window.isVisible()
    assert window.live.running
    monkeypatch.setattr(ask, "live_run", lambda _: "cancel")
    window.close()
    assert window.live.running
    with qtbot.waitSignal(window.live.finished, timeout=PATIENCE):
        window.live.controls.kill()
    assert window.isVisible()
