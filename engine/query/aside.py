"""Requests that cannot be answered in short steps: each has a process of its own, which a cancel kills."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.query import codec
from engine.query.messages import Ask, Done, Failed, Part
from engine.query.pipe import Connection
from engine.query.program import Started, start_aside
from engine.query.request import Request, cause

MOST = 2
"""Such processes at a time; further requests wait."""


@dataclass
class _Aside:
    process: subprocess.Popen[bytes]
    link: Connection
    number: int
    """The request that it answers; -1 if it is idle."""

    def end(self) -> None:
        self.link.close()
        self.process.kill()
        self.process.wait()


class Asides:
    """The helper processes of one query process."""

    def __init__(self, start: Callable[[], Started] = start_aside) -> None:
        self._start = start
        self._all: list[_Aside] = []
        self._waiting: deque[tuple[int, Request[Any]]] = deque()
        self._failed: list[Failed] = []
        """Requests for which no process could be started."""

    @property
    def links(self) -> list[Connection]:
        """The connections to read answers from."""
        return [aside.link for aside in self._all if aside.number >= 0]

    def begin(self, number: int, request: Request[Any]) -> None:
        """Answer a request, or queue it."""
        self._waiting.append((number, request))
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting:
            idle = next((aside for aside in self._all if aside.number < 0), None)
            if idle is None and len(self._all) >= MOST:
                return
            number, request = self._waiting.popleft()
            if idle is None:
                try:
                    idle = _Aside(*self._start(), -1)
                except OSError as error:
                    self._failed.append(Failed(number, cause(error)))
                    return
                self._all.append(idle)
            idle.number = number
            with suppress(OSError):  # the process has died, which `heard` will notice
                idle.link.send_bytes(codec.pack(Ask(number, request)))

    def cancel(self, number: int) -> None:
        """Nobody waits for this answer: end the process that works on it."""
        self._waiting = deque(item for item in self._waiting if item[0] != number)
        for aside in [aside for aside in self._all if aside.number == number]:
            self._drop(aside)
        self._go_on()

    def heard(self, ready: Sequence[object]) -> Iterator[Part | Done | Failed]:
        """Read from the connections that are ready."""
        while self._failed:
            yield self._failed.pop()
        for aside in [aside for aside in self._all if aside.link in ready]:
            try:
                told = codec.unpack(aside.link.recv_bytes())
            except (EOFError, OSError):
                yield Failed(aside.number, "The process that worked on it died. It may need too much memory.")
                self._drop(aside)
                continue
            if isinstance(told, (Part, Done, Failed)):
                yield told
            if isinstance(told, (Done, Failed)):
                aside.number = -1
        self._go_on()

    def rest(self) -> None:
        """Something was closed: end idle processes, with whatever they keep open."""
        for aside in [aside for aside in self._all if aside.number < 0]:
            self._drop(aside)

    def _drop(self, aside: _Aside) -> None:
        self._all.remove(aside)
        aside.end()

    def close(self) -> None:
        """End all of them."""
        self._waiting.clear()
        while self._all:
            self._drop(self._all[0])
