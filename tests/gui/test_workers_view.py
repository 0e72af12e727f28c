"""The Workers tab: which run, which ended and how, and where one is now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.launch import WorkerNow, Workers
from engine.query.workers import WorkersPage
from engine.runs import DB, WorkerRecord
from gui.workers import view as workers
from gui.workers.model import Column, WorkersModel
from gui.workers.view import WorkersView
from tests.running import make_job, run_job

DIES = "import os, time\ndef f(x):\n    time.sleep(0.05)\n    return x if x != 3 else os._exit(7)"


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[WorkersView]:
    view = WorkersView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    yield view
    view.close_run()


def row(number: int, *, ended: float | None = None, code: int | None = None) -> WorkerRecord:
    return WorkerRecord(number, 1000 + number, 100.0, ended, code, None, 9 if ended else None)


def page(*records: WorkerRecord, live: bool = True, start: int = 0, total: int = 0) -> WorkersPage:
    """Workers in the order of a query's answer."""
    running = tuple(record.number for record in records if record.ended is None)
    count = len(records)
    return WorkersPage(
        live, total or count, running if live else (), start, records, (5,) * count, None, None
    )


def cells(model: WorkersModel, column: Column) -> list[str]:
    return [model.data(model.index(at, column)) for at in range(model.rowCount())]


def now(number: int, task: int | None = None, **facts: object) -> WorkerNow:
    return WorkerNow(number, 1000 + number, task, 2.5, str(facts.get("stack", "")), "'abc'", 8)


@pytest.mark.usefixtures("qapp")
def test_model(qtmodeltester: ModelTester) -> None:
    model = WorkersModel()
    qtmodeltester.check(model)
    records = [row(2), row(3), row(4, ended=101.0, code=0), row(1, ended=160.0, code=1)]
    model.take(page(*records))
    qtmodeltester.check(model)
    assert cells(model, Column.NUMBER) == ["2", "3", "4", "1"]
    assert cells(model, Column.STATE) == ["Running", "Running", "Ended", "Exit status 1"]
    model.tell([now(2, 17), now(3)])
    qtmodeltester.check(model)
    assert cells(model, Column.STATE)[:2] == ["On a task", "Between tasks"]
    assert cells(model, Column.TASK) == ["17", "", "9", "9"]
    assert cells(model, Column.INPUT)[0] == "'abc'"
    assert cells(model, Column.SECONDS) == ["2.50 s", "", "1.00 s", "1 min 0 s"]
    assert cells(model, Column.DONE) == ["8", "8", "5", "5"]
    model.tell([now(2, 17), now(3)._replace(done=0)])
    assert cells(model, Column.STATE)[1] == "Standing by"
    model.take(page(records[2], records[1], records[0], records[3], live=False))
    assert cells(model, Column.STATE) == [
        "Ended",
        "Ended with the run",
        "Ended with the run",
        "Exit status 1",
    ]
    model.clear()
    qtmodeltester.check(model)


def test_a_saved_run_tells_how_its_workers_ended(view: WorkersView, qtbot: QtBot, tmp_path: Path) -> None:
    assert view._note.text() == workers.NO_RUN
    run = run_job(make_job(tmp_path, DIES, inputs=range(12)))
    view.show_run(run.folder)
    qtbot.waitUntil(lambda: view.model.rowCount() >= 3)
    died = cells(view.model, Column.STATE).index("Exit status 7")
    assert cells(view.model, Column.TASK)[died] == "3"
    assert sum(map(int, cells(view.model, Column.DONE))) == 12
    assert not view._poll.isActive()
    view.table.selectRow(died)
    assert not view.where.isEnabled()
    assert not view.end.isEnabled()
    assert view.title.text().endswith("Exit status 7")
    view.close_run()
    assert view._note.text() == workers.NO_RUN


def test_only_workers_near_the_screen_are_at_hand(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = WorkersModel()
    model.take(page(row(1), row(5_000, ended=1.0), total=5_000))
    assert model.rowCount() == 5_000
    assert cells(model, Column.NUMBER)[:3] == ["1", "5000", "…"]
    with qtbot.waitSignal(model.wanted):
        model.data(model.index(4_000, Column.NUMBER))
    model.take(page(row(1_000, ended=1.0), start=4_000, total=5_001))
    assert model.rowCount() == 5_001
    assert model.data(model.index(4_000, Column.NUMBER)) == "1000"
    qtmodeltester.check(model)


def test_a_run_that_cannot_be_read_says_so(view: WorkersView, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / DB).write_text("no database")
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: "cannot be read" in view._note.text())


def test_workers_are_asked_only_where_the_window_may_and_while_in_sight(
    view: WorkersView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[object] = []
    view.look_asked.connect(asked.append)
    view.end_asked.connect(lambda number: asked.append(f"end {number}"))
    monkeypatch.setattr(WorkersView, "_read", lambda view: view._answered("", page(row(1), row(2))))
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    view.table.selectRow(1)
    assert asked == []
    assert view.stack.placeholderText() == workers.ELSEWHERE
    view.control(True)
    qtbot.waitUntil(lambda: asked.count(False) >= 2, timeout=10_000)
    view.hide()
    assert not view._poll.isActive()
    view.show()
    view.table.selectRow(0)
    assert asked[-1] is True
    asked.clear()
    view.tell(Workers([now(1), now(2, stack="of another")]))
    assert view.stack.toPlainText() == ""
    view.where.click()
    assert True not in asked, "it was asked, and has not answered"
    qtbot.waitUntil(lambda: True in asked, timeout=10_000)  # it had none yet: it is asked again
    view.tell(Workers([now(1, 4, stack='  File "work.py", line 3 in f'), now(2)]))
    assert "on task 4" in view.stack.toPlainText()
    assert "line 3 in f" in view.stack.toPlainText()
    view.end.click()
    assert asked[-1] == "end 1"
    view.table.customContextMenuRequested.emit(QPoint(5, 5))
    menu = view.findChildren(QMenu)[-1]
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [
        ("Where is it now?", True),
        ("End this worker", True),
    ]
    menu.close()


def test_the_selected_worker_stays_selected_when_the_order_changes(view: WorkersView) -> None:
    view.model.take(page(row(1), row(2)))
    view.table.selectRow(0)
    view.model.take(page(row(2), row(3), row(1, ended=150.0, code=0)))
    assert view.model.number(view.table.currentIndex().row()) == 1
    assert view.title.text() == "Worker 1: Ended"
