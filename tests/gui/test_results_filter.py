"""Filtering, sorting and finding results: by chips, conditions, headers, groups of failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QMenu, QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.host.record.past import Past
from engine.host.record.schema import ERROR
from engine.query.arrange import Forget
from engine.query.rows import Growth
from engine.results.answers import Group
from gui.kit.query import Query
from gui.results.completion import completions
from gui.results.errors import GroupColumn, GroupsModel
from gui.results.model import Column, ResultsModel
from gui.results.view import NO_MATCH, ResultsView
from gui.shell.window import Window
from tests.accessibility import faults
from tests.gui.doing import enabled, press
from tests.gui.growing import Growing
from tests.rows import row
from tests.running import make_job, run_job
from tests.unit.query.made import Made

_Key, _Shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier
_PATIENCE = 30_000
Until = Callable[[Callable[[], bool]], None]

SOURCE = """
def f(x):
    if x % 10 == 3:
        raise ValueError(f"no price for row {x}")
    if x % 25 == 7:
        raise KeyError("name")
    return (x * 37) % 100
"""


@pytest.fixture
def until(qtbot: QtBot) -> Until:
    return lambda holds: qtbot.waitUntil(holds, timeout=_PATIENCE)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ResultsView]:
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.close_run()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 100 tasks: ten fail with a ValueError, four with a KeyError."""
    folder = tmp_path_factory.mktemp("saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POOLHOUSE_RUNS", str(folder / "runs"))
        return run_job(make_job(folder, SOURCE, inputs=range(100))).folder


@pytest.fixture
def run(view: ResultsView, saved: Path, until: Until) -> Path:
    """The saved run, shown."""
    view.show_run(saved)
    until(lambda: view.model.total == 100 and view.filter.total == 100 and view._is_named)
    return saved


def test_slow_tasks_have_a_chip(view: ResultsView, until: Until, tmp_path: Path) -> None:
    made = Made(tmp_path, 8)
    made.add(0, [1] * 5, bytes(5))
    made.store.results(1, row(5, [1, 1], seconds=0.5))
    made.store.results(1, row(7, [1], seconds=2.0))
    made.commit()
    made.close()
    view.show_run(made.folder)
    chip = view.filter._chips["slow"]
    until(lambda: chip.isVisible() and view.model.total == 8)
    assert chip.text() == "Slow  1"
    assert "more than 750 ms: 3 times the median, which is 250 ms" in chip.toolTip()
    chip.click()
    until(lambda: view.model.total == 1 and view.model.row(0) is not None)
    assert view.filter.where == "seconds>0.75"


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    growing = Growing(tmp_path)
    yield growing
    growing.store.close()


def tasks(view: ResultsView) -> list[int]:
    """The tasks that are shown; -1 for those still being read."""
    rows = (view.model.row(row) for row in range(view.model.total))
    return [row.index if row else -1 for row in rows]


def chip(view: ResultsView, status: str) -> None:
    view.filter._chips[status].click()


def typed(view: ResultsView, qtbot: QtBot, text: str) -> None:
    view.filter.field.clear()
    qtbot.keyClicks(view.filter.field, text)
    view.filter.field._completer.popup().hide()
    qtbot.keyClick(view.filter.field, _Key.Key_Return)


def click_header(view: ResultsView, qtbot: QtBot, column: Column) -> None:
    header = view.table.header
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    qtbot.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, header.viewport().height() // 2)
    )


FAILED = [x for x in range(100) if x % 10 == 3 or x % 25 == 7]
BY_VALUE = sorted((x for x in range(100) if x not in FAILED), key=lambda x: x * 37 % 100)


# which tasks


def test_chips_have_counts_and_filter(view: ResultsView, run: Path, until: Until) -> None:
    chips = {key: chip for key, chip in view.filter._chips.items() if key != "slow"}
    texts = [chip.text() for chip in chips.values() if chip.isVisible()]
    assert texts == ["All  100", "Failed  14", "OK  86", "Error  14"]
    chip(view, "failed")
    until(lambda: tasks(view) == FAILED)
    assert view.filter.found.text() == "14 of 100"
    chip(view, "")
    until(lambda: tasks(view) == list(range(100)))
    assert view.filter.found.text() == ""


def test_conditions_filter_as_on_the_command_line(
    view: ResultsView, qtbot: QtBot, run: Path, until: Until
) -> None:
    typed(view, qtbot, "index>=50 value<10")
    until(lambda: tasks(view) == [x for x in range(50, 100) if x not in FAILED and x * 37 % 100 < 10])
    chip(view, "failed")
    until(lambda: view._note.text() == NO_MATCH)
    typed(view, qtbot, "index<20 error~price")
    until(lambda: tasks(view) == [3, 13])
    qtbot.keyClick(view.filter.field, _Key.Key_Escape)
    until(lambda: tasks(view) == list(range(100)))
    assert not view.filter.is_set
    qtbot.keyClick(view.filter.field, _Key.Key_Escape)
    assert view.focusWidget() is view.table


def test_typing_filters_after_a_pause(view: ResultsView, qtbot: QtBot, run: Path, until: Until) -> None:
    qtbot.keyClicks(view.filter.field, "index=7")
    until(lambda: tasks(view) == [7])


def test_a_wrong_condition_is_told_with_its_place_and_changes_nothing(
    view: ResultsView, qtbot: QtBot, run: Path, until: Until
) -> None:
    typed(view, qtbot, "status=error")
    until(lambda: tasks(view) == FAILED)
    typed(view, qtbot, " status=error seconds>x")
    assert view.filter.problem.isVisible()
    assert view.filter.problem.text().startswith("At character 23: seconds needs a number, not “x”")
    assert view.filter.field.cursorPosition() == 22
    assert view.filter.where == "status=error"
    assert tasks(view) == FAILED
    typed(view, qtbot, "status=ok")
    assert not view.filter.problem.isVisible()
    until(lambda: view.model.total == 86)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("se", ("se", ["seconds>"])),
        ("index>3 st", ("st", ["status=", "started>", "stage>"])),
        ("status=er", ("er", ["error"])),
        ("status!=error,ti", ("ti", ["timeout"])),
        ("", ("", [])),
        ('input~"a se', ("", [])),
        ("value~se", ("", [])),
    ],
)
def test_what_conditions_are_completed_to(before: str, expected: tuple[str, list[str]]) -> None:
    assert completions(before) == expected


def test_a_completion_is_taken_by_the_keys(view: ResultsView, qtbot: QtBot, run: Path, until: Until) -> None:
    field = view.filter.field
    qtbot.keyClicks(field, "sta")
    popup = field._completer.popup()
    until(popup.isVisible)
    qtbot.keyClick(popup, _Key.Key_Down)
    qtbot.keyClick(popup, _Key.Key_Return)
    assert field.text() == "status="
    until(popup.isVisible)
    qtbot.keyClick(popup, _Key.Key_Escape)


def test_a_filter_holds_while_rows_come_in(view: ResultsView, growing: Growing, until: Until) -> None:
    growing.add(100, 10, bytes([0, ERROR] * 5))
    view.show_run(growing.folder)
    until(lambda: view.model.total == 10)
    chip(view, "failed")
    until(lambda: tasks(view) == [101, 103, 105, 107, 109])
    view.table.go(2)
    growing.add(0, 4, bytes([ERROR, 0, 0, ERROR]))
    growing.add(200, 3)
    view.grew()
    until(lambda: tasks(view) == [0, 3, 101, 103, 105, 107, 109])
    assert view.table.current == 4
    until(lambda: view.filter.found.text() == "7 of 17")
    until(lambda: view.filter._chips["failed"].text() == "Failed  7")


def test_tasks_without_an_outcome_are_shown(view: ResultsView, growing: Growing, until: Until) -> None:
    growing.store.facts(total=10)
    growing.add(0, 4)
    view.show_run(growing.folder)
    until(view.filter._chips["missing"].isVisible)
    chip(view, "missing")
    until(lambda: tasks(view) == [4, 5, 6, 7, 8, 9])


# in which order


def test_clicks_on_a_header_sort_and_the_third_goes_back(
    view: ResultsView, qtbot: QtBot, run: Path, until: Until
) -> None:
    header = view.table.header
    click_header(view, qtbot, Column.RESULT)
    until(lambda: tasks(view)[:86] == BY_VALUE)
    title = view.model.headerData(
        Column.RESULT, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole
    )
    assert title == "Result, sorted ascending"
    assert header.sortIndicatorSection() == Column.RESULT
    click_header(view, qtbot, Column.RESULT)
    until(lambda: [task for task in tasks(view) if task in BY_VALUE] == BY_VALUE[::-1])
    click_header(view, qtbot, Column.RESULT)
    until(lambda: tasks(view) == list(range(100)))
    assert header.sortIndicatorSection() == -1
    assert view.model.handle == 0


def test_the_selected_task_stays_where_it_is_seen(view: ResultsView, run: Path, until: Until) -> None:
    until(lambda: tasks(view) == list(range(100)))
    height = view.table.viewport().height()
    view.table.go(40)
    until(lambda: view.table.viewport().height() < height)  # the details take room
    view.table.show_row(40)
    y = view.table.cell_rect(40, 0).y()
    view.sort_by(Column.INDEX, descending=True)
    until(lambda: view.table.current == 59)
    assert view.table.cell_rect(59, 0).y() == y
    until(lambda: view._task == 40)
    view.sort_by(-1)
    until(lambda: view.table.current == 40)
    assert view.table.cell_rect(40, 0).y() == y
    assert view.details.isVisible()
    until(lambda: view._task == 40)
    chip(view, "failed")
    until(lambda: tasks(view) == FAILED)
    assert view.table.current == -1
    assert not view.details.isVisible()


def test_an_order_that_is_not_waited_for_changes_nothing(
    view: ResultsView, qtbot: QtBot, run: Path, until: Until
) -> None:
    chip(view, "ok")
    until(lambda: view.model.total == 86)
    view.sort_by(Column.RESULT)
    typed(view, qtbot, "index>90")
    view.cancel()
    assert (view.filter.where, view.table.header.sortIndicatorSection()) == ("status=ok", -1)
    assert view.filter.field.text() == ""
    until(lambda: tasks(view) == [x for x in range(100) if x not in FAILED])


def test_rows_in_another_order_are_copied_and_gone_to(
    view: ResultsView, run: Path, qtbot: QtBot, until: Until
) -> None:
    view.sort_by(Column.INDEX, descending=True)
    until(lambda: tasks(view) == list(range(99, -1, -1)))
    view.table.go(0)
    view.table.go(1, extend=True)
    QGuiApplication.clipboard().setText("")
    view.copy("tsv")
    until(lambda: QGuiApplication.clipboard().text() != "")
    assert [line.split("\t")[0] for line in QGuiApplication.clipboard().text().split("\n")] == ["99", "98"]
    view.go_to(20)
    until(lambda: view.table.current == 79)
    chip(view, "failed")
    until(lambda: view.model.total == 14)
    view.go_to(20)
    until(lambda: "Task 20 is not among the tasks shown" in view._strip.text())


def test_the_menu_of_a_row_sorts(view: ResultsView, run: Path, qtbot: QtBot, until: Until) -> None:
    view.table.go(0)
    view._menu(0, Column.INDEX, view.mapToGlobal(view.rect().center()))
    (menu,) = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    next(action for action in menu.actions() if action.text() == "Sort by index, descending").trigger()
    menu.close()
    until(lambda: tasks(view) == list(range(99, -1, -1)))


def test_an_order_that_is_gone_is_made_again(
    view: ResultsView, run: Path, qtbot: QtBot, until: Until
) -> None:
    view.sort_by(Column.INDEX, descending=True)
    until(lambda: tasks(view) == list(range(99, -1, -1)))
    view.table.go(5)
    old = view.model.handle
    other = Query(run)
    with qtbot.waitSignal(other.answered, timeout=_PATIENCE):
        other.ask("forget", Forget(run, old))
    other.end()
    view.grew()
    until(lambda: view.model.handle not in (0, old) and view.table.current == 5)
    until(lambda: tasks(view) == list(range(99, -1, -1)))
    assert view._strip.text() == ""


def test_a_filter_outlives_a_retry(view: ResultsView, growing: Growing, until: Until) -> None:
    growing.add(0, 10, bytes([0, ERROR] * 5))
    view.show_run(growing.folder)
    until(lambda: view.model.total == 10)
    chip(view, "failed")
    until(lambda: tasks(view) == [1, 3, 5, 7, 9])
    Past(growing.store).forget_failed()
    growing.store.commits.commit()
    view.reread()
    until(lambda: view._note.text() == NO_MATCH)
    growing.add(3, 1, bytes([ERROR]))
    view.grew()
    until(lambda: tasks(view) == [3])
    view.filter.clear()
    until(lambda: tasks(view) == [0, 2, 3, 4, 6, 8])


# failures


def test_failed_tasks_are_gone_through(view: ResultsView, run: Path, until: Until) -> None:
    view.go_to_failed()
    until(lambda: view.table.current == FAILED[0])
    view.go_to_failed()
    until(lambda: view.table.current == FAILED[1])
    view.go_to_failed(backwards=True)
    until(lambda: view.table.current == FAILED[0])
    view.go_to_failed(backwards=True)
    until(lambda: "No failed task further up" in view._strip.text())
    view.sort_by(Column.INDEX, descending=True)
    until(lambda: view.model.handle != 0 and view.table.current == 99 - FAILED[0])
    view.go_to_failed()
    until(lambda: "No failed task further down" in view._strip.text())
    assert view.table.current == 99 - FAILED[0]


def test_alike_failures_are_one_group_which_shows_its_tasks(
    view: ResultsView, qtbot: QtBot, run: Path, until: Until
) -> None:
    view.filter.errors.click()
    until(lambda: view.errors.model.rowCount() == 2)
    first = [view.errors.model.cell(0, column).text for column in GroupColumn]
    assert first == ["10", "71.4%", "ValueError", "no price for row …", "user_code.py:4", "3", "93"]
    table = view.errors.table
    qtbot.mouseClick(
        table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=table.visualRect(view.errors.model.index(0, GroupColumn.KIND)).center(),
    )
    until(lambda: tasks(view) == list(range(3, 100, 10)))
    assert view.filter.found.text() == "10 of 100"
    view.errors.table.setFocus()
    qtbot.keyClick(table, _Key.Key_Down)
    qtbot.keyClick(table, _Key.Key_Return)
    until(lambda: tasks(view) == [7, 32, 57, 82])
    view.filter._group_chip.click()
    until(lambda: view.model.total == 100)
    qtbot.keyClick(table, _Key.Key_Escape)
    assert view.errors.isHidden()
    assert not view.filter.errors.isChecked()


def test_the_groups_keep_to_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = GroupsModel()
    groups = [
        Group(f"k{at}", "ValueError", f"ValueError: {at}", "/a/b.py", 3, "f", "ValueError: 1", 5, 1, 9, 0.5)
        for at in range(4)
    ]
    qtmodeltester.check(model)
    model.show_groups(groups)
    qtmodeltester.check(model)
    assert model.tip(0, GroupColumn.PLACE) is not None
    model.show_groups(groups[:1])
    qtmodeltester.check(model)


def test_a_message_that_differs_as_a_whole_is_that_of_the_first_task() -> None:
    model = GroupsModel()
    model.show_groups(
        [Group("k", "KeyError", "KeyError: …", "/a/b.py", 3, "f", "KeyError: 'x'", 5, 1, 9, 0.5)]
    )
    assert model.cell(0, GroupColumn.MESSAGE).text == "'x'"


def test_rows_of_another_order_keep_to_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = ResultsModel()
    qtmodeltester.check(model)
    model.begin(5, 7, 1)
    model.extend(30)
    model.extend(20)
    assert model.rowCount() == 30
    for _ in model.growing(Growth(7, 2, ((10, 3),), False)):
        pass
    assert (model.rowCount(), model.handle, model.version) == (33, 5, 2)
    for _ in model.growing(Growth(7, 3, ((0, 4),), True)):
        pass
    assert (model.rowCount(), model.handle) == (4, 5)
    qtmodeltester.check(model)


# in the window


def test_the_commands_of_results(window: Window, saved: Path, qtbot: QtBot, until: Until) -> None:
    ids = ("find", "next_failed", "previous_failed", "errors", "export")
    assert not any(enabled(window, f"results.{id_}") for id_ in ids)
    window.opener.open(saved)
    until(lambda: enabled(window, "results.find"))
    assert all(enabled(window, f"results.{id_}") for id_ in ids)
    view = window.pages.current.views.results
    until(lambda: view.model.total == 100 and view.filter.total == 100)
    press(window, "results.next_failed")
    until(lambda: view.table.current == FAILED[0])
    press(window, "results.previous_failed")
    until(lambda: "further up" in view._strip.text())
    press(window, "results.errors")
    until(lambda: view.errors.isVisible() and view.errors.model.rowCount() == 2)
    press(window, "results.errors")
    assert view.errors.isHidden()
    window.activateWindow()
    press(window, "results.find")
    until(lambda: window.focusWidget() is view.filter.field)
    assert faults(window) == []


def test_a_screen_reader_hears_which_column_is_sorted(
    view: ResultsView, run: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    view.sort_by(Column.SECONDS, descending=True)
    until(lambda: not view.reader.is_arranging)
    view.table.go(0)
    table = QAccessible.queryAccessibleInterface(view.table.findChildren(QTableView)[0])
    titles = [table.child(at).text(QAccessible.Text.Name) for at in range(len(Column) + 1)]
    assert "Time, sorted descending" in titles
