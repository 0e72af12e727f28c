"""Qt for Python keeps the reference counts of None and True (PySide6 6.12.0 on Python 3.11 does not)."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

TIMES = 1_000
SLACK = TIMES // 10


class Sender(QObject):
    sent = Signal()


def test_calls_that_return_nothing_keep_none(qtbot: QtBot) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setPen(1)
    before = sys.getrefcount(None)
    for _ in range(TIMES):
        painter.setPen(1)
    after = sys.getrefcount(None)
    painter.end()
    assert after > before - SLACK


def test_emit_keeps_true(qtbot: QtBot) -> None:
    sender = Sender()
    before = sys.getrefcount(True)
    # In faulty versions, each emit takes one reference too many: a larger number would end Python.
    for _ in range(TIMES // 10):
        sender.sent.emit()
    assert sys.getrefcount(True) > before - SLACK // 2
