"""The list of saved runs: order, words, filter, opening, and the way to the trash."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.host.record.lock import RunLock
from engine.launch import HostHandle
from engine.runs import DB, LABEL, Label, RunSummary, create, read_label
from gui.run.sessions import Sessions
from gui.runs import trash
from gui.runs import view as runs
from gui.runs.model import RunsModel
from gui.runs.space import CHOICES, Space
from gui.runs.view import RunsView
from gui.runs.words import outcome, sign, told_apart, when
from tests.running import follow, make_job, run_job

PATIENCE = 30_000
NOW = datetime(2026, 11, 24, 12, 0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def view(qtbot: QtBot, root: Path) -> Iterator[RunsView]:
    holder = QObject()
    view = RunsView(Sessions(root, holder))
    qtbot.addWidget(view)
    view.resize(260, 400)
    view.show()
    yield view
    view.close_run()
    holder.deleteLater()


def make_run(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POOLHOUSE_RUNS", str(root))
    folder = root.parent / name
    folder.mkdir(exist_ok=True)
    return run_job(make_job(folder, f"def {name}(x): return x", name=name, inputs=range(3))).folder


def names(view: RunsView) -> list[str]:
    return [view.model.run(row).name for row in range(view.model.rowCount())]


def test_no_runs(view: RunsView, qtbot: QtBot) -> None:
    view.refresh()
    qtbot.waitUntil(lambda: view._note.text() == runs.NO_RUNS)


def test_runs_are_listed_opened_and_kept_up_with(
    view: RunsView, qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_run(root, "first", monkeypatch)
    view.refresh()
    qtbot.waitUntil(lambda: names(view) == ["first"])
    assert view._note.text() == ""
    place = view.table.visualRect(view.model.index(0, 0)).center()
    with qtbot.waitSignal(view.previewed) as previewed:
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert previewed.args == [first]
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.mouseDClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [first]
    with qtbot.waitSignal(view.opened):
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    second = make_run(root, "second", monkeypatch)
    qtbot.waitUntil(lambda: set(names(view)) == {"first", "second"})
    assert view.model.run(view.table.currentIndex().row()).folder == first
    view.select(second)
    assert view.model.run(view.table.currentIndex().row()).folder == second
    view.select(None)
    assert not view.table.selectionModel().hasSelection()


def test_the_filter(view: RunsView, qtbot: QtBot) -> None:
    view.model.show([summary("square"), summary("cube", failed=2)])
    qtbot.keyClicks(view.filter, "SQU")
    assert names(view) == ["square"]
    view.filter.setText("failed 2026-11")
    assert names(view) == ["cube"]
    view.filter.setText("nothing")
    assert view._note.text() == runs.NONE_FITS
    view.filter.clear()
    assert names(view) == ["square", "cube"]
    assert view._note.text() == ""


def test_an_unreadable_run_is_listed_as_such(view: RunsView, qtbot: QtBot, root: Path) -> None:
    (root / "2026-11-24_120000_broken").mkdir(parents=True)
    (root / "2026-11-24_120000_broken" / DB).write_text("no database")
    view.refresh()
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)
    assert outcome(view.model.run(0)) == "Cannot be read"


def press(qtbot: QtBot, box: QMessageBox, text: str) -> None:
    button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_runs_go_to_the_trash_after_a_yes_and_come_back(
    view: RunsView, qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [make_run(root, name, monkeypatch) for name in ("first", "second", "third")]
    view.refresh()
    qtbot.waitUntil(lambda: view.model.rowCount() == 3)
    box = view.deleting.ask([view.model.run(0)])
    assert box.text() == "Move “third” to the trash?"
    assert "range(0, 3)" in box.informativeText()
    press(qtbot, box, "Cancel")
    assert folders[2].exists()
    view.table.select_rows([0, 1], 0)
    box = view.deleting.ask(view.selected_runs)
    assert box.text() == "Move 2 runs to the trash?"
    with qtbot.waitSignal(view.deleting.leaving) as leaving:
        press(qtbot, box, "Move to trash")
    assert set(leaving.args[0] if leaving.args else ()) == set(folders[1:])
    qtbot.waitUntil(lambda: names(view) == ["first"], timeout=PATIENCE)
    assert not folders[1].exists()
    assert view.deleting.bar.text.text() == "In the trash: 2 runs"
    assert view.flags()["list.trashed"]
    qtbot.mouseClick(view.deleting.bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(view) == ["third", "second", "first"], timeout=PATIENCE)
    assert (folders[1] / DB).exists()
    assert not view.deleting.bar.isVisible()


def test_a_failure_to_delete_is_told(
    view: RunsView, qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise OSError("the trash is full")

    monkeypatch.setattr(trash, "move_to_trash", refuse)
    view.refresh()
    view.deleting.delete([root / "some"])
    qtbot.waitUntil(lambda: bool(view.findChildren(QMessageBox)))
    box = view.findChildren(QMessageBox)[0]
    assert box.informativeText() == "the trash is full"
    box.close()


def test_what_can_be_done_depends_on_what_is_selected(view: RunsView) -> None:
    view.model.show([summary("busy", state="running"), summary("one"), summary("two")])
    view.table.select_rows([0], 0)
    assert on(view) == {"list.live", "list.one"}
    view.table.select_rows([1, 2], 1)
    assert on(view) == {"list.saved", "list.two"}
    view.table.select_rows([0, 1], 1)
    assert on(view) == {"list.live", "list.two"}


def on(view: RunsView) -> set[str]:
    return {name for name, value in view.flags().items() if value}


def test_keys_of_the_list(view: RunsView, qtbot: QtBot) -> None:
    view.model.show([summary(f"run{number}") for number in range(30)])
    view.table.select_rows([3], 3)
    with qtbot.assertNotEmitted(view.previewed):
        for key, row in ((Qt.Key.Key_End, 29), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Down, 1)):
            qtbot.keyClick(view.table, key)
            assert view.table.rows() == [row]
        qtbot.keyClick(view.table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
        assert view.table.rows() == list(range(1, 30))
        qtbot.keyClick(view.table, Qt.Key.Key_Escape)
        assert view.table.rows() == [29]
    view.filter.setText("run")
    qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    assert view.filter.text() == ""
    with qtbot.waitSignal(view.left):
        qtbot.keyClick(view.table, Qt.Key.Key_Escape)


def test_a_right_click_selects_and_opens_nothing(view: RunsView, qtbot: QtBot) -> None:
    view.model.show([summary("one"), summary("two")])
    place = view.table.visualRect(view.model.index(1, 0)).center()
    with qtbot.assertNotEmitted(view.previewed):
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert [run.name for run in view.selected_runs] == ["two"]


def test_a_name_a_pin_and_a_note_are_kept_in_the_folder(
    view: RunsView, qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(root, "first", monkeypatch)
    make_run(root, "second", monkeypatch)
    view.refresh()
    qtbot.waitUntil(lambda: names(view) == ["second", "first"])
    label = Label("the good one", pinned=True, note="with the new lens")
    view.label([view.model.run(1)], lambda _: label)
    qtbot.waitUntil(lambda: names(view) == ["the good one", "second"], timeout=PATIENCE)
    assert read_label(folder) == label
    assert view.model.run(0).function == "first"
    assert "new lens" in view.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    view.filter.setText("LENS")
    assert names(view) == ["the good one"]
    view.label([view.model.run(0)], lambda _: Label())
    qtbot.waitUntil(lambda: names(view) == [], timeout=PATIENCE)
    view.filter.clear()
    assert names(view) == ["second", "first"]
    assert not (folder / LABEL).exists()


def test_the_second_line_tells_runs_of_one_function_apart() -> None:
    run = replace(
        summary("square", failed=2), function="square", file="/home/me/thumbs.py",
        inputs="range(0, 5)", seconds=1.5, size=2048,
    )  # fmt: skip
    assert told_apart(run, outcome(run)) == ("range(0, 5) · 1.50 s · 2 of 5 failed · thumbs.py · 2.00 KiB")
    assert told_apart(replace(run, name="mine"), outcome(run)).startswith("square · range(0, 5)")


def test_what_could_go_is_ticked_and_goes(qtbot: QtBot) -> None:
    now = datetime.now().timestamp()
    old, new = (replace(summary(name), started=at) for name, at in (("f", now - 40 * 86400), ("f2", now)))
    pinned = replace(summary("g"), pinned=True, size=10)
    empty = replace(summary("h", "failed"), ok=0, function="h", started=now)
    window = QWidget()
    qtbot.addWidget(window)
    dialog = Space(window, [old, new, pinned, empty])
    ticked = {}
    for at, (text, _) in enumerate(CHOICES):
        dialog.choice.setCurrentIndex(at)
        dialog.choice.activated.emit(at)
        ticked[text] = {run.name for run in dialog.ticked}
    assert ticked == {
        "None": set(),
        "Older than 30 days": {"f"},
        "Without any result": {"h"},
        "Followed by a newer finished run of the same function": {"f"},
        "All": {"f", "f2", "h"},
    }
    with qtbot.waitSignal(dialog.delete_asked) as asked:
        dialog.delete.click()
    assert set(asked.args[0] if asked.args else ()) == {old.folder, new.folder, empty.folder}


def test_model(qtmodeltester: ModelTester) -> None:
    model = RunsModel()
    model.show([summary("one"), summary("two", state="running"), summary("three", state="unreadable")])
    qtmodeltester.check(model)
    model.narrow("two")
    qtmodeltester.check(model)
    model.show([])
    qtmodeltester.check(model)


def summary(name: str, state: str = "finished", failed: int = 0, total: int | None = 5) -> RunSummary:
    started = datetime(2026, 11, 24, 9, 30).timestamp()
    return RunSummary(Path(f"2026-11-24_{name}"), name, state, started, total, 5 - failed, failed)


def test_a_run_that_comes_to_be_while_the_folder_is_read_is_not_missed(
    view: RunsView, qtbot: QtBot, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_run(tmp_path / "elsewhere", "f", monkeypatch)
    unborn = root / made.name
    unborn.mkdir(parents=True)

    answered = RunsView._answered

    def after_it_came(view: RunsView, key: str, answer: object) -> None:
        if made.exists():
            shutil.copytree(made, unborn, dirs_exist_ok=True)
            shutil.rmtree(made)
        answered(view, key, answer)

    monkeypatch.setattr(RunsView, "_answered", after_it_came)
    view.refresh()
    qtbot.waitUntil(lambda: names(view) == ["f"], timeout=PATIENCE)


def test_outcomes_in_words() -> None:
    assert outcome(summary("f")) == "Finished, 5 tasks"
    assert outcome(summary("f", failed=2)) == "Finished, 2 of 5 failed"
    assert outcome(summary("f", "stopped", total=1200)) == "Stopped, 5 of 1,200 tasks"
    assert outcome(summary("f", "interrupted", total=None)) == "Interrupted, 5 tasks"
    assert sign(summary("f"))[0] == "good"
    assert sign(summary("f", failed=1))[0] == "warning"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 11, 24, 9, 5), "today 09:05"),
        (datetime(2026, 11, 23, 23, 59), "yesterday 23:59"),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04"),
    ],
)
def test_dates_in_words(time: datetime, text: str) -> None:
    assert when(time.timestamp(), NOW) == text


def test_runs_made_elsewhere_are_followed_from_their_first_to_their_last(
    view: RunsView, qtbot: QtBot, root: Path, tmp_path: Path
) -> None:
    view.refresh()
    qtbot.waitUntil(lambda: view._note.text() == runs.NO_RUNS)
    job = make_job(tmp_path, "import time\ndef f(x): time.sleep(0.02)", inputs=range(10_000))
    with HostHandle.start(job, create(job, root)) as host:
        qtbot.waitUntil(lambda: view.model.rowCount() == 1, timeout=PATIENCE)
        qtbot.waitUntil(lambda: outcome(view.model.run(0)) == "Running", timeout=PATIENCE)
        host.pause()
        qtbot.waitUntil(lambda: outcome(view.model.run(0)) == "Paused", timeout=PATIENCE)
        host.kill()
        follow(host)
    qtbot.waitUntil(lambda: outcome(view.model.run(0)).startswith("Stopped"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not view._poll.isActive())


def test_a_run_whose_host_is_killed_is_listed_as_interrupted(
    view: RunsView, qtbot: QtBot, root: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, "import time\ndef f(x): time.sleep(0.02)", inputs=range(10_000))
    with HostHandle.start(job, create(job, root)) as host:
        view.refresh()
        qtbot.waitUntil(lambda: names(view) == ["f"], timeout=PATIENCE)
        psutil.Process(host.pid).kill()
        follow(host)
    qtbot.waitUntil(lambda: outcome(view.model.run(0)).startswith("Interrupted"), timeout=PATIENCE)


def test_a_run_that_goes_on_without_an_app_is_found(
    view: RunsView, qtbot: QtBot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(root, "kept", monkeypatch)
    with qtbot.assertNotEmitted(view.kept_found):
        view.find_kept()
        qtbot.waitUntil(lambda: names(view) == ["kept"], timeout=PATIENCE)
    db = sqlite3.connect(folder / DB)
    facts = {"state": "running", "kept": True, "pid": os.getpid(), "launched": 1e12}
    for name, value in facts.items():
        db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, json.dumps(value)))
    db.commit()
    db.close()
    lock = RunLock(str(folder))
    with qtbot.waitSignal(view.kept_found) as found:
        view.find_kept()
    lock.close()
    assert found.args == [folder]
