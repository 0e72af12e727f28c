"""A thread that alone touches one thing (a database, a file) and answers requests about it."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QThread, Signal

Request = Callable[[Any], object]


class RequestThread(QThread):
    """Opens a thing in its own thread, answers requests one at a time, and closes it at the end.

    Of the requests under one key only the newest is kept. `answered` and `failed` come in the thread that
    made this object, and never after `end`.
    """

    answered = Signal(str, object)
    """Key and answer."""
    failed = Signal(str, object)
    """Key and exception; the key is empty where the thing could not be opened (then nothing is answered)."""
    _came = Signal(str, object, bool)

    def __init__(self, open_thing: Callable[[], Any]) -> None:
        super().__init__()
        self._open_thing = open_thing
        self._wake = threading.Condition()
        self._requests: dict[str, Request] = {}
        self._ending = False
        self._came.connect(self._deliver)
        self.finished.connect(self._forget)
        _alive.add(self)
        self.start()

    def ask(self, key: str, request: Request) -> None:
        """Have `request(thing)` called in the thread, in place of an older request under the same key."""
        with self._wake:
            self._requests.pop(key, None)
            self._requests[key] = request
            self._wake.notify()

    def end(self) -> None:
        """Let the thread end after what it is doing. Returns at once."""
        with self._wake:
            self._ending = True
            self._requests.clear()
            self._wake.notify()

    def run(self) -> None:
        try:
            thing = self._open_thing()
        except Exception as error:  # noqa: BLE001  told to whoever asked
            self._came.emit("", error, False)
            return
        try:
            while (asked := self._next()) is not None:
                self._answer(thing, *asked)
        finally:
            if hasattr(thing, "close"):
                thing.close()

    def _next(self) -> tuple[str, Request] | None:
        with self._wake:
            self._wake.wait_for(lambda: self._requests or self._ending)
            if self._ending:
                return None
            key = next(iter(self._requests))
            return key, self._requests.pop(key)

    def _answer(self, thing: Any, key: str, request: Request) -> None:
        try:
            answer, fine = request(thing), True
        except Exception as error:  # noqa: BLE001  told to whoever asked
            answer, fine = error, False
        self._came.emit(key, answer, fine)

    def _deliver(self, key: str, answer: object, fine: bool) -> None:
        if not self._ending:
            (self.answered if fine else self.failed).emit(key, answer)

    def _forget(self) -> None:
        _alive.discard(self)


_alive: set[RequestThread] = set()
"""Threads that have not ended: kept here so that no view has to wait for one."""


def wait_for_all(milliseconds: int = 5000) -> bool:
    """End every request thread and wait, at the very end of the program. False where one is still busy."""
    deadline = QDeadlineTimer(milliseconds)
    for thread in list(_alive):
        thread.end()
    return all(thread.wait(deadline) for thread in list(_alive))


atexit.register(wait_for_all)
