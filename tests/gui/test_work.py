"""Questions that are answered off the GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

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
