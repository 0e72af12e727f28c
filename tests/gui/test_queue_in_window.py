"""Several runs: queued, reordered, started beside others, held after a restart; progress in the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.runs import open_run
from engine.runs.records import records
from gui.kit import ask
from gui.runs.model import PART, WORDS
from gui.shell.window import Window
from tests.gui.doing import enabled, press
from tests.gui.test_window import SLOW, typed

PATIENCE = 30_000


def begin(qtbot: QtBot, window: Window) -> None:
    """Begin a run that takes long to end."""
    typed(window, SLOW, 10_000)
    window.page.run()
    qtbot.waitUntil(lambda: window.page.header.state == "running", timeout=PATIENCE)


def queue(qtbot: QtBot, window: Window, name: str, result: str = "x") -> None:
    """Queue a run from another page."""
    press(window, "file.new")
    typed(window, f"def {name}(x):\n    return {result}", 3)
    before = len(window.sessions.queue.waiting)
    window.page.run()
    qtbot.waitUntil(lambda: len(window.sessions.queue.waiting) == before + 1, timeout=PATIENCE)


def waiting(window: Window) -> list[str]:
    return [one.name for one in window.sessions.queue.waiting]


def listed(window: Window) -> list[str]:
    """The names in the list of runs."""
    return [window.runs.model.entry(row).name for row in range(window.runs.model.rowCount())]


def await_list(qtbot: QtBot, window: Window, names: list[str]) -> None:
    """Wait until the list of runs has these names; a failure shows the actual ones."""

    def is_listed() -> None:
        assert listed(window) == names

    qtbot.waitUntil(is_listed, timeout=PATIENCE)


def test_a_second_run_starts_after_the_first(qtbot: QtBot, window: Window) -> None:
    begin(qtbot, window)
    first = window.page
    queue(qtbot, window, "resize")
    assert window.page.banner.title.text() == "The run is queued."
    assert "after “slow”" in window.page.banner.text.text()
    await_list(qtbot, window, ["slow", "resize"])
    assert enabled(window, "run.start")
    first.shown.stop()
    second = window.page
    qtbot.waitUntil(lambda: second.header.title.text() == "Finished", timeout=PATIENCE)
    assert second.shown.folder != first.shown.folder
    assert not second.banner.isVisible()


def test_a_queued_run_has_the_job_of_the_moment_of_run(qtbot: QtBot, window: Window) -> None:
    begin(qtbot, window)
    running = window.page
    queue(qtbot, window, "resize", result="'then'")
    page = window.page
    page.form.function.source.setPlainText("def resize(x):\n    return 'now'")
    running.shown.kill()
    qtbot.waitUntil(lambda: page.header.title.text() == "Finished", timeout=PATIENCE)
    with open_run(page.shown.folder) as run:
        assert {record.value for record in records(run)} == {"then"}


def test_a_queued_run_has_the_file_of_the_moment_of_run(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    begin(qtbot, window)
    running = window.page
    path = tmp_path / "work.py"
    path.write_text("def resize(x):\n    return 'then'\n")
    press(window, "file.new")
    page = window.page
    page.form.choose_file(path)
    qtbot.waitUntil(lambda: page.form.function.name.count() == 1)
    page.form.inputs.kind.set_value("range")
    page.form.inputs.range.stop.setText("3")
    page.run()
    qtbot.waitUntil(lambda: waiting(window) == ["resize"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(list(window.root.parent.glob("*-queue/*/*/code/work.py"))), timeout=PATIENCE)
    path.write_text("def resize(x):\n    return 'now'\n")
    running.shown.kill()
    qtbot.waitUntil(lambda: page.header.title.text() == "Finished", timeout=PATIENCE)
    with open_run(page.shown.folder) as run:
        assert {record.value for record in records(run)} == {"then"}


def test_the_same_job_twice_within_a_second_is_one_run(qtbot: QtBot, window: Window) -> None:
    begin(qtbot, window)
    queue(qtbot, window, "resize")
    window.page.run()
    qtbot.waitUntil(lambda: not window.page.starting.checking, timeout=PATIENCE)
    assert waiting(window) == ["resize"]


def test_the_queue_is_put_in_order(qtbot: QtBot, window: Window) -> None:
    window.resize(1280, 800)
    begin(qtbot, window)
    for name in ("one", "two", "three"):
        queue(qtbot, window, name)
    await_list(qtbot, window, ["slow", "one", "two", "three"])
    window.runs.table.setCurrentIndex(window.runs.model.index(3, 0))
    press(window, "queue.up")
    await_list(qtbot, window, ["slow", "one", "three", "two"])
    assert window.runs.selected_waiting is not None
    assert window.runs.selected_waiting.name == "three"
    press(window, "queue.out")
    assert waiting(window) == ["one", "two"]
    await_list(qtbot, window, ["slow", "one", "two"])
    window.runs.table.setCurrentIndex(window.runs.model.index(1, 0))
    with qtbot.waitSignal(window.sessions.finished, timeout=PATIENCE):
        press(window, "queue.beside")
    assert window.sessions.live[0].state.name == "slow"
    assert waiting(window) == ["two"]


def test_the_queue_is_held_after_a_restart_and_starts_nothing_by_itself(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_window()
    begin(qtbot, first)
    queue(qtbot, first, "resize")
    monkeypatch.setattr(ask, "leaving", lambda *_: ask.Leave(save=False, runs="stop"))
    first.close()
    qtbot.waitUntil(lambda: not first.isVisible(), timeout=PATIENCE)

    again = make_window()
    again.reopen()
    qtbot.waitUntil(lambda: waiting(again) == ["resize"], timeout=PATIENCE)
    again.resize(1280, 800)
    qtbot.waitUntil(again.runs.held.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: enabled(again, "queue.go_on"))
    assert not again.sessions.live
    with qtbot.waitSignal(again.sessions.finished, timeout=PATIENCE):
        again.runs.held.click()
    assert waiting(again) == []
    qtbot.waitUntil(lambda: not again.runs.held.isVisible(), timeout=PATIENCE)


def test_runs_that_go_on_show_their_progress_in_the_list(qtbot: QtBot, window: Window) -> None:
    typed(window, "import time\ndef half(x):\n    time.sleep(0.02)\n    return 1 // (x % 2)", 10_000)
    window.page.run()
    model = window.runs.model
    qtbot.waitUntil(lambda: model.rowCount() == 1, timeout=PATIENCE)

    def part() -> tuple[float, float]:
        return model.index(0, 0).data(PART) or (0.0, 0.0)

    qtbot.waitUntil(lambda: 0 < part()[1] < part()[0] < 1, timeout=PATIENCE)
    assert " failed" in model.index(0, 0).data(WORDS)
    window.page.shown.pause()
    qtbot.waitUntil(lambda: model.index(0, 0).data(WORDS).startswith("Paused, "), timeout=PATIENCE)


def test_a_page_that_is_closed_leaves_its_run_alone(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window)
    folder = window.page.shown.folder
    monkeypatch.setattr(ask, "unsaved", lambda *_: "discard")
    press(window, "page.close")
    assert [session.state.folder for session in window.sessions.live] == [folder]
    window.opener.open(folder)
    qtbot.waitUntil(lambda: window.page.shown_run == folder, timeout=PATIENCE)
    qtbot.waitUntil(lambda: enabled(window, "run.stop"), timeout=PATIENCE)
    assert window.page.header.title.text() == "Running"
