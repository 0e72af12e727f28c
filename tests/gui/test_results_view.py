"""The results of real runs in the table: saved, growing, failed, unreadable; details and copying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.host.record.lock import RunLock
from engine.host.record.past import Past
from engine.host.record.schema import ERROR
from engine.job import Inputs
from engine.query.copying import Copied
from engine.runs import DB
from gui.kit.ask import task_number as asked_for_task  # as a test of the window replaces it
from gui.results import view as results
from gui.results.model import Column
from gui.results.view import ResultsView
from tests.gui.growing import Growing
from tests.rows import row
from tests.running import make_job, run_job

SOURCE = """
import os
def f(x):
    if x == 3:
        raise ValueError(f"{x} is\\nbad")
    if x == 5:
        os._exit(7)
    return "line\\n" * 2 if x == 4 else x * x
"""


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ResultsView]:
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    yield view
    view.close_run()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_job(make_job(tmp_path, SOURCE, inputs=range(8))).folder


def cell(view: ResultsView, row: int, column: Column) -> str:
    return view.model.data(view.model.index(row, column))


def wait_for_rows(view: ResultsView, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: view.model.rowCount() == count)
    qtbot.waitUntil(lambda: view.model.row(count - 1) is not None and view.model.row(0) is not None)


def note(view: ResultsView) -> str:
    return view._note.text()


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    growing = Growing(tmp_path)
    yield growing
    growing.store.close()


def test_tasks_that_run_and_wait_are_rows_too(view: ResultsView, qtbot: QtBot, growing: Growing) -> None:
    at_hand = [(1, 0, 1e9), (2, 150, 1e9)]
    growing.store.before_commit.append(lambda: growing.store.tasks_at_hand(at_hand))
    growing.store.facts(state="running", machine="here", total=10_000_000)
    growing.add(1, 100, bytes([0] * 99 + [ERROR]))
    lock = RunLock(str(growing.folder))
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 10_000_000)
    chips = view.filter._chips
    qtbot.waitUntil(lambda: chips["running"].text() == "Running  2")
    assert chips["waiting"].text() == "Waiting  9,999,898"
    assert [cell(view, row, Column.STATUS) for row in (0, 1, 100, 101)] == [
        "Running",
        "OK",
        "Error",
        "Waiting",
    ]
    view.table.go(0)
    qtbot.waitUntil(view.details.isVisible)
    at_hand[0] = (1, 101, 1e9)
    growing.add(0, 1)
    qtbot.waitUntil(lambda: cell(view, 0, Column.STATUS) == "OK")
    qtbot.waitUntil(lambda: cell(view, 101, Column.STATUS) == "Running")
    assert (view.model.total, view.table.current) == (10_000_000, 0)
    view.go_to_failed()
    qtbot.waitUntil(lambda: view.table.current == 100)

    def shown() -> list[int | None]:
        rows = map(view.model.row, range(view.model.total))
        return [row and row.index for row in rows]

    chips["running"].click()
    qtbot.waitUntil(lambda: view.model.total == 2 and shown() == [101, 150])
    at_hand[1] = (2, 102, 1e9)
    growing.add(150, 1)
    qtbot.waitUntil(lambda: view.model.total == 2 and shown() == [101, 102])
    chips[""].click()
    qtbot.waitUntil(lambda: view.model.total == 10_000_000)
    view.go_to(150)
    qtbot.waitUntil(lambda: view.table.current == 150)

    growing.store.facts(state="stopped")
    growing.store.commits.commit()
    lock.close()
    qtbot.waitUntil(lambda: view.model.total == 102)
    qtbot.waitUntil(lambda: view.table.current == 101)
    qtbot.waitUntil(lambda: cell(view, 101, Column.INDEX) == "150")


def test_a_sorted_or_filtered_table_has_tasks_that_run_and_wait(
    view: ResultsView, qtbot: QtBot, growing: Growing
) -> None:
    growing.store.before_commit.append(lambda: growing.store.tasks_at_hand([(1, 10, 1e9)]))
    growing.store.facts(state="running", machine="here", total=1_000)
    growing.add(0, 10)
    lock = RunLock(str(growing.folder))
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 1_000)

    def shown(first: int, count: int) -> list[int | None]:
        rows = map(view.model.row, range(first, first + count))
        return [row and row.index for row in rows]

    def until(*tasks: int, first: int = 0) -> None:
        qtbot.waitUntil(lambda: shown(first, len(tasks)) == list(tasks), timeout=30_000)

    view.sort_by(Column.RESULT, True)
    until(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11, 12)
    assert view.model.total == 1_000
    assert cell(view, 10, Column.STATUS) == "Running"
    view.table.go(9)
    upper = view.table.cell_rect(9, 0).y()
    growing.add(20, 3)
    until(22, 21, 20, 9)
    qtbot.waitUntil(lambda: view.table.current == 12)
    assert view.table.cell_rect(12, 0).y() == upper
    assert view.details.isVisible()

    view.table.go(14, extend=True)
    until(10, 11, first=13)
    growing.add(30, 2)
    qtbot.waitUntil(lambda: cell(view, 30, Column.STATUS) == "OK", timeout=30_000)
    assert len(view.table.selection) == 3  # first, what several tasks are selected for is done
    view.table.clear_selection()
    until(31, 30, 22)

    view.table.scroll_to(500 * view.table.row_height)
    until(502, first=502)
    growing.add(40, 2)
    growing.add(501, 1)
    view.table.settle()
    qtbot.waitUntil(lambda: cell(view, 0, Column.INDEX) == "501", timeout=30_000)
    assert view.table.top == 500

    view.filter.say("input>=990 status!=error")
    until(*range(990, 1_000))
    growing.add(995, 2, bytes([0, ERROR]))
    until(995, 990, 991, 992, 993, 994, 997, 998, 999)
    qtbot.waitUntil(lambda: (view.model.total, view.filter.found.text()) == (9, "9 of 1,000"))
    growing.store.facts(state="stopped")
    growing.store.commits.commit()
    lock.close()
    qtbot.waitUntil(lambda: view.model.total == 1, timeout=30_000)


def test_keys_of_results_have_columns_of_their_own(view: ResultsView, qtbot: QtBot, tmp_path: Path) -> None:
    source = "def f(x):\n    return {'loss': 3 - x, 'a name': f'n{x}'} if x else None"
    folder = run_job(make_job(tmp_path, source, inputs=range(4))).folder
    header = view.table.header

    def shown() -> list[str]:
        return [view.model.headers[column][0] for column in header.shown]

    def texts(key: str) -> list[str]:
        if key not in view.model.keys:
            return []
        column = len(Column) + view.model.keys.index(key)
        return [view.model.cells(row)[column].text for row in range(view.model.total)]

    view.show_run(folder)
    spread = ["Index", "Input", "Status", "Result", "value.loss", "value.a name", "Time", "Worker", "Started"]
    qtbot.waitUntil(lambda: shown() == spread)
    qtbot.waitUntil(lambda: texts("value.loss") == ["", "2", "1", "0"])
    loss = len(Column) + view.model.keys.index("value.loss")
    view.sort_by(loss)
    qtbot.waitUntil(lambda: texts("value.loss") == ["0", "1", "2", ""])
    view.table.go(0)
    header.show_column(Column.RESULT, False)
    view.copy("python")
    qtbot.waitUntil(lambda: "rows" in QGuiApplication.clipboard().text())
    assert "'value.loss': 0, 'value.a name': 'n3', " in QGuiApplication.clipboard().text()
    assert view.filter.field.keys == ["value.loss", 'value."a name"']
    view.filter.say('value."a name"=n2')
    qtbot.waitUntil(lambda: view.model.total == 1 and texts("value.a name") == ["n2"])
    header.show_column(loss, False)
    assert shown() == ["Index", "Input", "Status", "value.a name", "Time", "Worker", "Started"]
    view.show_run(folder)
    qtbot.waitUntil(lambda: texts("value.a name") == ["", "n1", "n2", "n3"])
    qtbot.waitUntil(
        lambda: shown() == ["Index", "Input", "Status", "value.a name", "Time", "Worker", "Started"]
    )
    view.show_run(None)
    assert view.model.columnCount() == len(Column)


def test_an_input_with_columns_for_its_keys_leaves_them_the_room(
    view: ResultsView, qtbot: QtBot, tmp_path: Path
) -> None:
    path = "/a/long/path/" * 4
    widths: list[int] = []
    for inputs in (Inputs("list", (path,)), Inputs("grid", grid={"x": (path,)})):
        view.show_run(run_job(make_job(tmp_path, "def f(x): pass", inputs=inputs)).folder)
        qtbot.waitUntil(lambda: view.model.total == 1 and path in cell(view, 0, Column.INPUT))
        view.table.settle()
        widths.append(view.table.header.sectionSize(Column.INPUT))
    assert view.model.keys == ["input.x"]
    assert widths[1] < widths[0]


def test_a_saved_run_is_shown_whole(view: ResultsView, qtbot: QtBot, run: Path) -> None:
    assert note(view) == results.NO_RUN
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    assert note(view) == ""
    assert [cell(view, row, Column.INDEX) for row in range(8)] == list("01234567")
    assert [cell(view, row, Column.INPUT) for row in range(8)] == list("01234567")
    assert cell(view, 6, Column.RESULT) == "36"
    assert cell(view, 4, Column.RESULT) == "'line\\nline\\n'"
    assert cell(view, 3, Column.STATUS) == "Error"
    assert cell(view, 3, Column.RESULT) == "ValueError: 3 is ↵ bad"
    assert cell(view, 5, Column.STATUS) == "Worker died"
    assert cell(view, 0, Column.SECONDS).endswith(("µs", "ms"))
    view.show_run(None)
    assert view.model.rowCount() == 0
    assert note(view) == results.NO_RUN


def test_a_function_called_without_inputs(view: ResultsView, qtbot: QtBot, tmp_path: Path) -> None:
    from engine.job import Inputs

    view.show_run(run_job(make_job(tmp_path, "def f(): return 'done'", inputs=Inputs())).folder)
    wait_for_rows(view, qtbot, 1)
    assert cell(view, 0, Column.RESULT) == "'done'"
    assert cell(view, 0, Column.INPUT) == ""


def test_a_selected_task_is_shown_in_the_details(view: ResultsView, qtbot: QtBot, run: Path) -> None:
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    assert view.details.isHidden()
    view.table.go(3)
    assert view.details.isVisible()
    assert "ValueError: 3 is\nbad" in view.details.page.toPlainText()
    qtbot.waitUntil(lambda: "raise ValueError" in view.details.page.toPlainText())
    view.table.go(5)
    qtbot.waitUntil(lambda: "status 7" in view.details.page.toPlainText())
    assert "raise ValueError" not in view.details.page.toPlainText()
    qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    assert view.details.isHidden()
    assert not view.table.selection


def test_selected_rows_are_copied_whole(view: ResultsView, qtbot: QtBot, run: Path) -> None:
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    view.table.go(1)
    qtbot.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("")
    qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: clipboard.text() != "")
    lines = [line.split("\t") for line in clipboard.text().split("\n")]
    assert [line[:4] for line in lines] == [["1", "1", "ok", "1"], ["2", "2", "ok", "4"]]
    assert all(len(line) == len(Column) for line in lines)


def test_a_copy_of_too_much_says_so(view: ResultsView, qtbot: QtBot, run: Path) -> None:
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    view.table.select_all()
    view.copy("tsv")
    view._rows_menu._answered("copy", Copied("three\nof\nthem", 3))
    assert QGuiApplication.clipboard().text() == "three\nof\nthem"
    assert "first 3 of 8" in view._strip.text()


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("csv", "result,index\r\n1,1\r\n4,2\r\n"),
        ("markdown", "| result | index |\n| --- | ---: |\n| 1 | 1 |\n| 4 | 2 |\n"),
        ("python", "rows = [\n    {'result': 1, 'index': 1},\n    {'result': 4, 'index': 2},\n]\n"),
    ],
)
def test_rows_are_copied_as_other_texts_with_the_columns_shown(
    view: ResultsView, qtbot: QtBot, run: Path, style: str, text: str
) -> None:
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    qtbot.waitUntil(lambda: view._is_named)
    header = view.table.header
    header.moveSection(header.visualIndex(Column.RESULT), 0)
    for column in (Column.INPUT, Column.STATUS, Column.SECONDS, Column.WORKER, Column.STARTED):
        header.show_column(column, False)
    view.table.go(1)
    view.table.go(2, extend=True)
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("")
    view.copy(style)
    qtbot.waitUntil(lambda: clipboard.text() == text)


def test_a_task_is_gone_to(view: ResultsView, qtbot: QtBot, growing: Growing) -> None:
    growing.add(1000, 500)
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 500)
    view.go_to(1400)
    qtbot.waitUntil(lambda: view.table.current == 400)
    assert view.table.viewport().rect().contains(view.table.cell_rect(400, Column.INDEX).center())
    view.go_to(2000)
    qtbot.waitUntil(lambda: view.table.current == 499)


def test_a_growing_run_is_followed(view: ResultsView, qtbot: QtBot, growing: Growing) -> None:
    view.show_run(growing.folder)
    qtbot.waitUntil(lambda: note(view) == results.NO_RESULTS)
    growing.add(100, 50)
    view.grew()
    wait_for_rows(view, qtbot, 50)
    growing.add(0, 20)
    growing.add(200, 5)
    view.grew()
    wait_for_rows(view, qtbot, 75)
    assert [cell(view, row, Column.INDEX) for row in (0, 19, 20, 74)] == ["0", "19", "100", "204"]


def test_rows_that_come_in_above_do_not_move_what_is_read(
    view: ResultsView, qtbot: QtBot, growing: Growing
) -> None:
    growing.add(1000, 500)
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 500)
    view.table.verticalScrollBar().setValue(view.table.verticalScrollBar().maximum() // 2 + 5)
    top = view.table.top
    qtbot.waitUntil(lambda: view.model.row(top) is not None)
    task, at = cell(view, top, Column.INDEX), view.table.cell_rect(top, 0).y()
    growing.add(0, 300)
    view.grew()
    qtbot.waitUntil(lambda: view.model.rowCount() == 800)
    assert view.table.top == top + 300
    qtbot.waitUntil(lambda: view.model.row(top + 300) is not None)
    assert (cell(view, top + 300, Column.INDEX), view.table.cell_rect(top + 300, 0).y()) == (task, at)


def test_rows_stay_in_sight_when_another_process_reads_them(
    own_query_processes: None,
    view: ResultsView,
    qtbot: QtBot,
    growing: Growing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.query.client.LOOK_AGAIN_SECONDS", 0)
    growing.add(0, 3000)
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 3000)
    view.go_to(2000)
    qtbot.waitUntil(lambda: view.table.current == 2000)
    qtbot.waitUntil(lambda: view.model.row(2000) is not None)
    at, generation = view.table.cell_rect(2000, 0).y(), view.model.generation
    monkeypatch.setattr("engine.query.client.LARGE", 1)  # from now on it is large enough for its own process
    growing.add(3000, 500)
    view.grew()
    qtbot.waitUntil(lambda: view.model.generation not in (0, generation) and view.table.current == 2000)
    qtbot.waitUntil(lambda: view.model.rowCount() == 3500)
    assert view.table.cell_rect(2000, 0).y() == at


def test_a_run_without_a_database_yet_is_waited_for(view: ResultsView, qtbot: QtBot, tmp_path: Path) -> None:
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: note(view) == results.NO_RESULTS)
    growing = Growing(tmp_path)
    growing.add(0, 2)
    view.grew()
    wait_for_rows(view, qtbot, 2)
    growing.store.close()


def test_an_unreadable_run_says_why(view: ResultsView, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / DB).write_text("no database")
    view.show_run(tmp_path)
    qtbot.waitUntil(lambda: "cannot be read" in note(view))
    assert view.model.rowCount() == 0


def test_many_batches_come_in_without_holding_up_the_window(
    view: ResultsView, qtbot: QtBot, growing: Growing
) -> None:
    for first in range(12_000):
        growing.store.results(1, row(first * 2, [1]))
    growing.store.commits.commit()
    view.show_run(growing.folder)
    qtbot.waitUntil(lambda: view.model.rowCount() == 12_000)
    view.table.show_row(11_999)
    wait_for_rows(view, qtbot, 12_000)
    assert cell(view, 11_999, Column.INDEX) == "23998"


def test_columns_are_remembered_for_each_function(qtbot: QtBot) -> None:
    first, second = ResultsView(), ResultsView()
    for view in (first, second):
        qtbot.addWidget(view)
    first.table.show_function("one")
    first.table.header.give(Column.INPUT, 321)
    first.table.header.show_column(Column.WORKER, False)
    second.table.show_function("two")
    assert second.table.header.sectionSize(Column.INPUT) != 321
    second.table.show_function("one")
    assert second.table.header.sectionSize(Column.INPUT) == 321
    assert Column.WORKER not in second.table.header.shown


def test_a_view_that_is_destroyed_open_asks_no_more(qtbot: QtBot, run: Path) -> None:
    view = ResultsView()
    view.show_run(run)
    wait_for_rows(view, qtbot, 8)
    assert view._query is not None
    service = view._query._service
    assert service._uses[run] == 2, "the details have a query of their own"
    shiboken6.delete(view)
    assert run not in service._uses


def test_a_run_whose_failed_tasks_are_run_again_is_shown_anew(
    view: ResultsView, qtbot: QtBot, growing: Growing
) -> None:
    growing.add(0, 5)
    growing.add(5, 5, bytes([ERROR] * 5))
    view.show_run(growing.folder)
    wait_for_rows(view, qtbot, 10)
    Past(growing.store).forget_failed()
    growing.store.commits.commit()
    view.grew()
    wait_for_rows(view, qtbot, 5)
    growing.add(7, 1)
    view.grew()
    wait_for_rows(view, qtbot, 6)
    assert cell(view, 5, Column.INDEX) == "7"


def test_a_cell_is_copied_whole(view: ResultsView, qtbot: QtBot, tmp_path: Path) -> None:
    source = "def f(x): return 'x' * 5_000"
    view.show_run(run_job(make_job(tmp_path, source, inputs=range(1))).folder)
    wait_for_rows(view, qtbot, 1)
    view.table.go(0)
    qtbot.waitUntil(lambda: "x" * 5_000 in view.details.page.toPlainText())
    QGuiApplication.clipboard().setText("")
    view._menu(0, Column.RESULT, view.mapToGlobal(view.rect().center()))
    (menu,) = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    next(action for action in menu.actions() if action.text() == "Copy result").trigger()
    menu.close()
    qtbot.waitUntil(lambda: len(QGuiApplication.clipboard().text()) == 5_002)


def test_the_index_of_a_task_is_asked_for(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter(["17", "x", ""])

    def answer(box: QInputDialog) -> int:
        (field,) = box.findChildren(QLineEdit)
        QTest.keyClicks(field, next(given))
        return int(QInputDialog.DialogCode.Accepted)

    monkeypatch.setattr(QInputDialog, "exec", answer)
    parent = QWidget()
    qtbot.addWidget(parent)
    assert asked_for_task(parent) == 17
    assert asked_for_task(parent) is None
    assert asked_for_task(parent) is None
    monkeypatch.setattr(QInputDialog, "exec", lambda _: int(QInputDialog.DialogCode.Rejected))
    assert asked_for_task(parent) is None
