"""The output of runs: lanes, tasks, live growth, copying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.host.record.schema import LANES
from gui.output import view as output
from gui.output.model import Column
from gui.output.view import OutputView
from gui.shell.pages.run import RunPage
from gui.shell.window import Window
from tests.gui.doing import enabled, press
from tests.running import make_job, run_job

SOURCE = """
import time
def f(x):
    time.sleep(0.03)  # so that each is looked at by itself
    print("prints", x)
"""


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[OutputView]:
    view = OutputView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / LANES).mkdir()
    return tmp_path


def put(run: Path, lane: int, text: str) -> None:
    with (run / LANES / f"{lane}.txt").open("a") as file:
        file.write(text)


def lines(first: int, stop: int) -> str:
    return "".join(f"line {number}\n" for number in range(first, stop))


def cell(view: OutputView, row: int, column: Column) -> str:
    return view.model.cells(row)[column].text


def wait_for(qtbot: QtBot, view: OutputView, row: int, text: str) -> None:
    """Wait until a line is known and loaded."""
    qtbot.waitUntil(lambda: view.model.total > row and cell(view, row, Column.TEXT) == text)


def is_at_end(view: OutputView) -> bool:
    area = view.table
    rect = area.cell_rect(view.model.total - 1, Column.TEXT)
    return area.viewport().rect().contains(rect.center())


def test_a_run_without_output_says_so(qtbot: QtBot, view: OutputView, made: Path) -> None:
    assert view._note.text() == output.NO_RUN
    view.show_run(made)
    qtbot.waitUntil(lambda: view._note.text() == output.NO_OUTPUT)
    assert view.lanes.isHidden()
    put(made, 1, "first\n")
    wait_for(qtbot, view, 0, "first")
    assert view._note.text() == ""
    assert view.lanes.isVisible()


def test_the_tasks_are_named(qtbot: QtBot, view: OutputView, tmp_path: Path) -> None:
    view.show_run(run_job(make_job(tmp_path, SOURCE, inputs=range(3), workers=1)).folder)
    wait_for(qtbot, view, 2, "prints 2")
    assert [cell(view, row, Column.LINE) for row in range(3)] == ["1", "2", "3"]
    assert cell(view, 2, Column.TASK) == "2"
    assert view._count.text() == "3 lines"
    with qtbot.waitSignal(view.task_asked) as asked:
        view._menu(2, Column.TEXT, view.mapToGlobal(view.rect().center()))
        (menu,) = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
        next(action for action in menu.actions() if action.text() == "Show task 2").trigger()
    assert asked.args == [2]
    menu.close()


def test_what_grows_is_followed_until_somebody_looks_elsewhere(
    qtbot: QtBot, view: OutputView, made: Path
) -> None:
    put(made, 1, lines(0, 1_000))
    view.show_run(made)
    wait_for(qtbot, view, 999, "line 999")
    assert is_at_end(view)
    put(made, 1, lines(1_000, 1_500))
    wait_for(qtbot, view, 1_499, "line 1499")
    assert is_at_end(view)
    view.table.go(10)
    assert not view.follow.isChecked()
    put(made, 1, lines(1_500, 2_000))
    qtbot.waitUntil(lambda: view.model.total == 2_000)
    assert view.table.current == 10
    assert not is_at_end(view)
    view.follow.click()
    assert is_at_end(view)


def test_a_line_that_was_not_ended_is_read_again(qtbot: QtBot, view: OutputView, made: Path) -> None:
    put(made, 1, "beg")
    view.show_run(made)
    wait_for(qtbot, view, 0, "beg")
    put(made, 1, "in\nend")
    wait_for(qtbot, view, 0, "begin")
    wait_for(qtbot, view, 1, "end")


def test_another_lane_is_chosen(qtbot: QtBot, view: OutputView, made: Path) -> None:
    put(made, 1, lines(0, 300))
    put(made, 2, "the other\n")
    view.show_run(made)
    wait_for(qtbot, view, 299, "line 299")
    assert [view.lanes.itemText(at) for at in range(view.lanes.count())] == ["Lane 1", "Lane 2"]
    view.lanes.setCurrentIndex(1)
    view.lanes.activated.emit(1)
    wait_for(qtbot, view, 0, "the other")
    assert view.model.total == 1
    put(made, 3, "a third\n")
    qtbot.waitUntil(lambda: view.lanes.count() == 3)
    assert view.lanes.currentText() == "Lane 2"


def test_another_run_is_shown_from_its_beginning(
    qtbot: QtBot, view: OutputView, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    put(made, 2, lines(0, 300))
    view.show_run(made)
    wait_for(qtbot, view, 299, "line 299")
    other = tmp_path_factory.mktemp("other")
    (other / LANES).mkdir()
    put(other, 1, "of the other run\n")
    view.show_run(other)
    wait_for(qtbot, view, 0, "of the other run")
    assert view.model.total == 1
    view.show_run(None)
    assert view.model.total == 0
    assert view._note.text() == output.NO_RUN


def test_lines_are_copied(qtbot: QtBot, view: OutputView, made: Path) -> None:
    put(made, 1, lines(0, 50))
    view.show_run(made)
    wait_for(qtbot, view, 49, "line 49")
    view.table.go(3)
    view.table.go(5, extend=True)
    QGuiApplication.clipboard().setText("")
    view.table.copy_asked.emit()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "line 3\nline 4\nline 5")


def test_a_run_that_cannot_be_read_says_why(qtbot: QtBot, view: OutputView, made: Path) -> None:
    put(made, 1, "text\n")
    (made / "run.db").write_text("no database")
    view.show_run(made)
    qtbot.waitUntil(lambda: "cannot be read" in view._note.text())


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot, view: OutputView, made: Path) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(view.model, mode, view)
    put(made, 1, lines(0, 300))
    view.show_run(made)
    wait_for(qtbot, view, 299, "line 299")
    put(made, 1, lines(300, 600))
    wait_for(qtbot, view, 599, "line 599")
    view.show_run(None)
    assert tester.model() is view.model


def test_a_task_is_gone_to_from_its_output(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.opener.open(run_job(make_job(tmp_path, SOURCE, inputs=range(3), workers=1)).folder)
    qtbot.waitUntil(lambda: isinstance(window.page, RunPage) and enabled(window, "view.output"))
    press(window, "view.output")
    views = window.page.views
    assert views.currentIndex() == 5
    wait_for(qtbot, views.output, 2, "prints 2")
    views.output.task_asked.emit(1)
    assert views.currentIndex() == 0
    qtbot.waitUntil(lambda: views.results.table.current == 1)
    views.setCurrentIndex(5)
    views.output.search.click()
    assert views.currentIndex() == 1
    qtbot.waitUntil(views.log.find_bar.isVisible)
    qtbot.waitUntil(lambda: views.log.belonging.with_printed, timeout=30_000)
    views.log.find_bar.text.setText("prints 2")
    qtbot.waitUntil(lambda: views.log.find_bar.count.text().startswith("1 "), timeout=30_000)
