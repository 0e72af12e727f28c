"""Threads that were told to end, kept until they have ended."""

from __future__ import annotations

import atexit

from PySide6.QtCore import QDeadlineTimer, QThread

_left: set[QThread] = set()


def let_end(thread: QThread) -> None:
    """Keep a thread that was told to end until it has ended."""
    _left.difference_update([one for one in _left if one.isFinished() and one.wait()])
    thread.setParent(None)
    _left.add(thread)


def wait_for_all(milliseconds: int = 5000) -> bool:
    """Wait for all of them; called last when the program ends. False if one is still busy."""
    deadline = QDeadlineTimer(milliseconds)
    return all(thread.wait(deadline) for thread in _left)


atexit.register(wait_for_all)
