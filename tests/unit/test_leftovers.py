"""The fixture under which every test runs sees what a test leaves behind."""

from __future__ import annotations

import subprocess
import sys
import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests import leftovers
from tests.leftovers import Leftovers

SLEEP = "import time; time.sleep(60)"
ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"


def test_nothing() -> None:
    before = Leftovers()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert before.now() == []


def test_a_process_whose_parent_is_gone_is_seen_and_ended(monkeypatch) -> None:
    monkeypatch.setattr(leftovers, "GRACE", 0.1)
    before = Leftovers()
    subprocess.run([sys.executable, "-c", ORPHAN], check=True)
    (left,) = before.now()
    assert left.startswith("process")
    assert SLEEP in left
    assert before.now() == []


def test_a_thread(monkeypatch) -> None:
    monkeypatch.setattr(leftovers, "GRACE", 0.1)
    before, end = Leftovers(), threading.Event()
    thread = threading.Thread(target=end.wait, name="stays")
    thread.start()
    assert before.now() == ["thread stays"]
    end.set()
    thread.join()
    assert before.now() == []


def test_a_timer_and_a_window(qtbot: QtBot) -> None:
    before = Leftovers(qt=True)
    timer, window = QTimer(), QWidget()
    timer.setObjectName("tick")
    timer.start(1000)
    assert sorted(before.now()) == ["QTimer tick", "QWidget"]
    timer.stop()
    window.deleteLater()
    QApplication.processEvents()
    assert before.now() == []
