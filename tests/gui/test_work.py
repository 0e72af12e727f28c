"""Questions answered outside of the GUI thread."""

from __future__ import annotations

from threading import Event
from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.kit import work
from gui.kit.in_order import InOrder
from gui.kit.work import Latest


def fail() -> None:
    raise ValueError("a fault")


def test_only_the_last_of_several_questions_is_answered(qtbot: QtBot) -> None:
    owner = QObject()
    latest = Latest(owner)
    answers: list[Any] = []
    latest.answered.connect(answers.append)
    for number in range(5):
        latest.ask(lambda number=number: number)
    qtbot.waitUntil(lambda: not latest.busy)
    assert answers[-1] == 4
    assert len(answers) <= 2


def test_a_fault_is_told_to_who_listens(qtbot: QtBot) -> None:
    owner = QObject()
    latest = Latest(owner)
    told: list[Any] = []
    latest.failed.connect(told.append)
    with qtbot.waitSignal(latest.settled):
        latest.ask(fail)
    assert [str(fault) for fault in told] == ["a fault"]


def test_a_fault_that_nobody_listens_for_is_not_lost(qtbot: QtBot) -> None:
    owner = QObject()
    latest = Latest(owner)
    with qtbot.captureExceptions() as faults:
        latest.ask(fail)
        qtbot.waitUntil(lambda: bool(faults))
    assert [str(fault[1]) for fault in faults] == ["a fault"]
    assert not latest.busy


def test_what_hangs_does_not_hold_up_the_end(qtbot: QtBot) -> None:
    owner = QObject()
    go = Event()
    Latest(owner).ask(go.wait)
    assert not work.finish(1)
    InOrder(owner).do(go.wait)
    go.set()
    assert work.finish(60_000)


def test_work_in_order_is_done_one_by_one_and_its_errors_come_back(qtbot: QtBot) -> None:
    owner = QObject()
    order, told = InOrder(owner), []
    for number in range(50):
        order.do(
            lambda number=number: 10 // (number - 30), told.append, lambda error: told.append(str(error))
        )
    qtbot.waitUntil(lambda: len(told) == 50)
    assert told[:30] + told[31:] == [10 // (number - 30) for number in range(50) if number != 30]
    assert "zero" in told[30]


def test_a_fault_that_nobody_expects_is_raised_in_the_thread_of_the_gui(qtbot: QtBot) -> None:
    owner = QObject()
    with qtbot.captureExceptions() as caught:
        InOrder(owner).do(fail)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ValueError
