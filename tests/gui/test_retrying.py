"""Which tasks are retried from the results: one, the selected ones, a group, all that failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.results import retrying
from gui.results.view import ResultsView
from tests.unit.query.made import Made


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path) -> Iterator[ResultsView]:
    made = Made(tmp_path, 9)
    made.add(0, [1, None, 3, None, None, 6], bytes([0, 1, 0, 1, 2, 0]))
    made.commit()
    made.close()
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    view.show_run(made.folder)
    view.retrying.allow(True)
    qtbot.waitUntil(lambda: view.model.total == 6 and view.model.row(0) is not None)
    yield view
    view.close_run()


def button(pane: object, text: str) -> QToolButton:
    (found,) = [one for one in pane.findChildren(QToolButton) if one.text() == text]  # type: ignore[attr-defined]
    return found


def select(view: ResultsView, first: int, last: int) -> None:
    view.table.go(first)
    for _ in range(last - first):
        QTest.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)


def test_the_selected_ones_that_failed(qtbot: QtBot, view: ResultsView) -> None:
    select(view, 0, 3)
    with qtbot.waitSignal(view.retrying.asked) as asked:
        view.retrying.selected()
    assert asked.args == [((1, 2), (3, 4))]


def test_the_selected_ones_of_a_filter_that_never_ran(qtbot: QtBot, view: ResultsView) -> None:
    view.filter.say("status=missing,ok")
    qtbot.waitUntil(lambda: view.model.total == 6 and view.model.handle > 0)
    select(view, 2, 4)
    with qtbot.waitSignal(view.retrying.asked) as asked:
        view.retrying.selected()
    assert asked.args == [((6, 8),)]


def test_nothing_to_retry_is_said(qtbot: QtBot, view: ResultsView) -> None:
    select(view, 0, 0)
    with qtbot.waitSignal(view.retrying.said) as said:
        view.retrying.selected()
    assert said.args == [retrying.NOTHING]


def test_one_from_its_details(qtbot: QtBot, view: ResultsView) -> None:
    select(view, 1, 1)
    qtbot.waitUntil(view.details.isVisible)
    retry = button(view.details, "Retry")
    with qtbot.waitSignal(view.retrying.asked) as asked:
        retry.click()
    assert asked.args == [((1, 2),)]
    select(view, 0, 0)
    qtbot.waitUntil(retry.isHidden)


def test_a_group_or_all_from_the_errors(qtbot: QtBot, view: ResultsView) -> None:
    view.show_errors(True)
    qtbot.waitUntil(lambda: len(view.errors.model.groups) == 2)
    group, everything = button(view.errors, "Retry group"), button(view.errors, "Retry all")
    assert not group.isEnabled()
    view.errors.table.setCurrentIndex(view.errors.model.index(0, 0))
    with qtbot.waitSignal(view.retrying.asked) as asked:
        group.click()
    assert asked.args == [((1, 2), (3, 4))]
    with qtbot.waitSignal(view.retrying.asked) as asked:
        everything.click()
    assert asked.args == [None]


def test_only_if_the_run_lets_one(qtbot: QtBot, view: ResultsView) -> None:
    view.show_errors(True)
    qtbot.waitUntil(lambda: len(view.errors.model.groups) == 2)
    select(view, 1, 1)
    qtbot.waitUntil(view.details.isVisible)
    view.retrying.allow(False)
    asked: list[object] = []
    view.retrying.asked.connect(asked.append)
    view.retrying.selected()
    view.retrying.task(1)
    view.retrying.failed()
    for pane, text in ((view.details, "Retry"), (view.errors, "Retry group"), (view.errors, "Retry all")):
        assert not button(pane, text).isEnabled()
    assert not asked
