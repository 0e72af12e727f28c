"""Faults of Poolhouse itself are reported in the GUI thread, wherever they occur."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from gui.app import Faults


class Worker(QThread):
    """A thread with a fault."""

    def run(self) -> None:
        raise ValueError("in a thread of Qt")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """The reports, and whether they came in the GUI thread."""
    found: list[tuple[str, bool]] = []
    window = QObject()
    for module, name in ((sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that it is restored
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    here = threading.get_ident()
    Faults(window, lambda error: found.append((str(error), threading.get_ident() == here)))
    yield found
    del window


def test_a_fault_in_a_thread_of_qt(qtbot: QtBot, told: list[tuple[str, bool]]) -> None:
    worker = Worker()
    worker.start()
    qtbot.waitUntil(lambda: told == [("in a thread of Qt", True)])
    worker.wait()


def test_a_fault_in_a_thread_of_python(qtbot: QtBot, told: list[tuple[str, bool]]) -> None:
    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: told == [("in a thread", True)])


def test_a_fault_in_the_thread_of_the_window(qtbot: QtBot, told: list[tuple[str, bool]]) -> None:
    try:
        raise ValueError("here")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    qtbot.waitUntil(lambda: told == [("here", True)])
