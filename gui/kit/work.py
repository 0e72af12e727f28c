"""Work off the GUI thread: the latest question wins, and answers arrive by signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QDeadlineTimer, QMetaMethod, QObject, Qt, QThreadPool, QTimer, Signal
from shiboken6 import isValid

PATIENCE = 3000
"""Milliseconds that closing waits for running work. Work that hangs on a dead drive is abandoned."""


class _Post(QObject):
    """Calls functions in the GUI thread, for threads that may outlive their owner. It is never deleted."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def _deliver(self, deliver: Callable[[], None]) -> None:
        deliver()


@cache
def _the_post() -> _Post:
    return _Post()


class Latest(QObject):
    """Answers one kind of question in the background, one at a time.

    If several questions are asked in a row, only the last is answered; an outdated answer
    is dropped. A question is taken up after `delay` milliseconds without another.
    """

    answered = Signal(object)
    failed = Signal(object)
    settled = Signal()

    def __init__(self, parent: QObject, delay: int = 0) -> None:
        super().__init__(parent)
        self._serial = 0
        self._running = False
        self._waiting: Callable[[], Any] | None = None
        self._timer = QTimer(self, singleShot=True, interval=delay)
        self._timer.timeout.connect(self._begin)
        self._post = _the_post()

    @property
    def busy(self) -> bool:
        """Whether an answer is still due."""
        return self._running or self._waiting is not None

    def ask(self, question: Callable[[], Any]) -> None:
        """Answer `question` in a thread; it must not touch a widget."""
        self._serial += 1
        self._waiting = question
        if self._timer.interval():
            self._timer.start()
        else:
            self._begin()

    def drop(self) -> None:
        """The answer is no longer wanted."""
        self._serial += 1
        self._waiting = None
        self._timer.stop()
        if not self._running:
            self.settled.emit()

    def _begin(self) -> None:
        if self._running or self._waiting is None:
            return
        question, self._waiting, self._running = self._waiting, None, True
        serial = self._serial

        def work() -> None:
            answer: Any = None
            error: Exception | None = None
            try:
                answer = question()
            except Exception as fault:  # noqa: BLE001 - handed to whoever asked
                error = fault
            self._post.arrived.emit(lambda: self._arrive(serial, answer, error) if isValid(self) else None)

        QThreadPool.globalInstance().start(work)

    def _arrive(self, serial: int, answer: Any, error: Exception | None) -> None:
        self._running = False
        heard = self.isSignalConnected(QMetaMethod.fromSignal(self.failed))
        if serial == self._serial:
            if error is None:
                self.answered.emit(answer)
            elif heard:
                self.failed.emit(error)
        if self._waiting is not None and not self._timer.isActive():
            self._begin()
        if not self.busy:
            self.settled.emit()
        if error is not None and not heard:
            raise error  # a fault of the app itself, reported like any other


def finish(milliseconds: int = PATIENCE) -> bool:
    """Wait briefly for running work; returns whether it is done. Called once, when the app ends."""
    from engine import interpreters

    interpreters.give_up()
    deadline = QDeadlineTimer(milliseconds)
    pools = [QThreadPool.globalInstance(), *filter(isValid, _pools)]
    return all(pool.waitForDone(deadline) for pool in pools)


def own_pool(owner: QObject) -> QThreadPool:
    """A thread of its own, which `finish` waits for too."""
    pool = QThreadPool(owner, maxThreadCount=1)
    _pools.add(pool)
    return pool


_pools: WeakSet[QThreadPool] = WeakSet()
