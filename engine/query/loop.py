"""The query process: one thread that works on requests in turns of some milliseconds each."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from multiprocessing import connection
from typing import Any

from engine.query import codec
from engine.query.aside import Asides
from engine.query.messages import Ask, Beat, Cancel, Done, Failed, Part, Quit, Release, Told, Turn
from engine.query.pipe import Connection
from engine.query.request import Request, cause
from engine.query.sources import Sources

SLICE = 0.01
"""Seconds of a turn."""
BEAT = 1.0
"""Seconds after which the client is told that the process is alive."""


@dataclass
class _Task:
    number: int
    request: Request[Any]
    steps: Generator[Any, None, Any]


class Loop:
    """Serves one client until its link ends.

    The most urgent request has the next turn; equally urgent ones alternate. Between turns, new requests and
    cancels are read.
    """

    def __init__(self, link: Connection, asides: Asides | None = None) -> None:
        self._link = link
        self._sources = Sources()
        self._asides = asides
        """None in a process that is a helper itself."""
        self._tasks: dict[int, _Task] = {}
        self._aside: dict[int, Request[Any]] = {}
        """Requests that helpers work on."""
        self._turn = -1
        self._told_at = time.monotonic()

    def run(self) -> None:
        """Serve until the client is gone."""
        with self._sources:
            try:
                while True:
                    self._hear()
                    self._work()
                    self._beat()
            except (EOFError, OSError):
                pass  # nobody is left to tell
            finally:
                if self._asides:
                    self._asides.close()

    # incoming messages

    def _hear(self) -> None:
        links = [self._link, *(self._asides.links if self._asides else ())]
        ready = connection.wait(links, 0 if self._tasks else BEAT)
        if self._link in ready:
            while self._link.poll():
                self._heed(codec.unpack(self._link.recv_bytes()))
        if self._asides:
            for told in self._asides.heard(ready):
                self._keep(told)

    def _keep(self, told: Part | Done | Failed) -> None:
        """Pass on an answer of a helper, as far as it is still wanted."""
        request = self._aside.get(told.number)
        if request is None:
            return
        if not isinstance(told, Part):
            del self._aside[told.number]
        if isinstance(told, Failed):
            self._tell(told)
            return
        try:
            value = request.keep(self._sources, told.value)
        except Exception as error:  # noqa: BLE001  told to whoever asked
            self._tell(Failed(told.number, cause(error)))
            return
        if value is not None or isinstance(told, Done):
            self._tell(replace(told, value=value))

    def _heed(self, message: object) -> None:
        if isinstance(message, Ask):
            self._begin(message.number, message.request)
        elif isinstance(message, Cancel):
            task = self._tasks.pop(message.number, None)
            if task:
                task.steps.close()
            elif self._asides and self._aside.pop(message.number, None):
                self._asides.cancel(message.number)
        elif isinstance(message, Release):
            self._sources.release(message.path)
            if self._asides:
                self._asides.rest()
        elif isinstance(message, Quit):
            raise EOFError

    def _begin(self, number: int, request: Request[Any]) -> None:
        if request.aside and self._asides:
            self._aside[number] = request
            self._asides.begin(number, request)
        else:
            self._tasks[number] = _Task(number, request, request.steps(self._sources))

    # work

    def _work(self) -> None:
        if not self._tasks:
            return
        task = min(self._tasks.values(), key=lambda task: task.request.urgency)
        if task.number != self._turn:
            self._turn = task.number
            self._tell(Turn(task.number))
        del self._tasks[task.number]
        told = self._turn_of(task)
        if told is None:
            self._tasks[task.number] = task  # after the others
        else:
            self._tell(told)

    def _turn_of(self, task: _Task) -> Done | Failed | None:
        """Work on a request; returns the final message once there is one."""
        until = time.monotonic() + SLICE
        try:
            while time.monotonic() < until:
                part = next(task.steps)
                if part is not None:
                    self._tell(Part(task.number, part))
        except StopIteration as end:
            return Done(task.number, end.value)
        except _LinkLost:
            raise
        except Exception as error:  # noqa: BLE001  told to whoever asked
            return Failed(task.number, cause(error))
        return None

    def _tell(self, told: Told | Turn | Beat) -> None:
        try:
            frame = codec.pack(told)
        except MemoryError as error:
            assert isinstance(told, (Part, Done))
            frame = codec.pack(Failed(told.number, cause(error)))
        try:
            self._link.send_bytes(frame)
        except OSError as error:
            raise _LinkLost from error
        self._told_at = time.monotonic()

    def _beat(self) -> None:
        busy = self._tasks or (self._asides and self._asides.links)
        if busy and time.monotonic() > self._told_at + BEAT:
            self._tell(Beat())


class _LinkLost(OSError):
    """The client is gone."""
