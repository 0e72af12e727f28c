"""What a process of the script reports about threads and processes that are the standard library's own."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress

from ... import system
from ...loop.at_hand import Hand
from ...record import output
from ...record.output import lane_file
from ...record.rows import Left, Row
from ...system import Selector
from ...typed import Any, Callable
from .. import messages
from ..messages import Call
from .ledger import Ledger

CODE_SECONDS = 3.0
"""Seconds that a process's parent has to report how the process ended."""
EXIT_CODE = 49
"""The index of the exit status in /proc/PID/stat, after the name."""


class Child:
    """A process that the script has started."""

    def __init__(self, number: int, pid: int, stage: int, task: int, inputs: bytes, started: float) -> None:
        self.number = number
        self.pid = pid
        self.stage = stage
        self.task = task
        self.inputs = inputs
        self.started = started
        self.pidfd = -1
        self.ended: float | None = None
        self.code: int | None = None


class Logged:
    """Where processes that are tasks wrote into run.log, by their ids: each tells for itself.

    `catch_up` has all heard that one of them has sent.
    """

    def __init__(self, catch_up: Callable[[int], object]) -> None:
        self._catch_up = catch_up
        self._places: dict[int, array[int]] = {}

    def add(self, pid: int, places: list[int]) -> None:
        """A process wrote there."""
        self._places.setdefault(pid, array("q")).extend(places)

    def take(self, pid: int) -> array[int]:
        """All that a process wrote that has ended now."""
        self._catch_up(pid)
        return self._places.pop(pid, array("q"))


class Printed:
    """What processes that are tasks printed: each has a file of its own."""

    def __init__(self, folder: str) -> None:
        """`folder` is that of the run."""
        self._folder = folder
        self._known: dict[int, int] = {}
        """How much earlier processes with the same id printed."""

    def take(self, pid: int) -> array[int]:
        """All that a process printed that has ended now, as the column `prints` of its task."""
        end, begin = output.end(lane_file(self._folder, pid)) or 0, self._known.get(pid, 0)
        if end <= begin:
            return array("q")
        self._known[pid] = end
        return array("q", (0, 1, begin, end - begin))


class Recorder:
    """`begin` and `end` record a worker: a thread, or a process."""

    def __init__(
        self,
        pid: int,
        ledger: Ledger,
        selector: Selector,
        begin: Callable[[int, float, int | None], int],
        end: Callable[[int, float, int | None], object],
        logged: Logged,
        printed: Printed,
    ) -> None:
        self.pid = pid
        self.children: list[Child] = []
        self._ledger = ledger
        self._selector = selector
        self._begin = begin
        self._end = end
        self._logged = logged
        self._printed = printed
        self._stages: dict[int, int] = {}
        self._threads: dict[int, int] = {}

    def hear(self, kind: str, content: list[Any]) -> None:
        handlers: dict[str, Callable[..., object]] = {
            messages.STAGE: self._stage,
            messages.RAN: self._ran,
            messages.LEFT: self._left,
            messages.PROCESS: self._process,
            messages.EXITED: self._exited,
            messages.LOGGED: self._logged.add,
        }
        handlers[kind](*content)

    def _stage(self, key: int, name: str, file: str, line: int) -> None:
        self._stages[key] = self._ledger.stage(Call(name, file, line))

    # threads

    def _ran(
        self, thread: int, _name: str, key: int, failures: list[Any], inputs: bytes | str, *columns: Any
    ) -> None:
        row = Row(*columns)
        first = self._ledger.number(row.tasks)
        row = row._replace(first=first, longest_task=first + row.longest_task)
        if thread not in self._threads:
            self._threads[thread] = self._begin(self.pid, row.start, None)
        said = [(first + task, *rest) for task, *rest in failures]
        self._ledger.keep(self._threads[thread], self._stages[key], row, inputs, said)

    def _left(self, thread: int) -> None:
        number = self._threads.pop(thread, None)
        if number is not None:
            self._end(number, time.time(), None)

    # processes

    def _process(self, pid: int, _name: str, key: int, inputs: bytes, started: float) -> None:
        number = self._begin(pid, started, pid)
        child = Child(number, pid, self._stages[key], self._ledger.number(1), inputs, started)
        self.children.append(child)
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                child.pidfd = os.pidfd_open(pid)
                self._selector.add(child.pidfd, lambda: self._has_ended(child))

    def hands(self) -> Iterator[Hand]:
        """The processes that go on, each of which is a task."""
        ago = system.clock() - time.time()
        for child in self.children:
            if child.ended is None:
                yield Hand(child.number, child.task, child.started + ago)

    def _has_ended(self, child: Child) -> None:
        """Called by the selector, once."""
        self._forget(child)
        child.ended = time.time()
        child.code = _code_of(child.pid) if child.code is None else child.code
        if child.code is not None:
            self._bury(child)

    def _exited(self, pid: int, code: int) -> None:
        """Its parent reports how it ended."""
        for child in self.children:
            if child.pid == pid:
                child.code, child.ended = code, child.ended or time.time()
                self._bury(child)
                return

    def _bury(self, child: Child) -> None:
        self._forget(child)
        self.children.remove(child)
        ended = child.ended or time.time()
        span = child.started, max(child.started, ended)
        left = Left(self._logged.take(child.pid), self._printed.take(child.pid))
        self._ledger.exited(child.number, child.stage, child.task, child.code, child.inputs, span, left)
        self._end(child.number, ended, child.code)

    def _forget(self, child: Child) -> None:
        if child.pidfd >= 0:
            self._selector.remove(child.pidfd)
            os.close(child.pidfd)
            child.pidfd = -1

    def look(self) -> None:
        """Write off those whose parent does not report how they ended."""
        for child in list(self.children):
            if child.ended is None and not _is_there(child.pid):
                child.ended = time.time()
            if child.ended is not None and time.time() > child.ended + CODE_SECONDS:
                self._bury(child)

    def close(self) -> None:
        """The script has ended, and with it all that still runs."""
        for child in list(self.children):
            if child.ended is None:
                child.code = _code_of(child.pid)
                self._forget(child)
                if child.code is None:
                    self._ledger.cancelled(
                        child.number, child.task, "It was still running when the script ended."
                    )
                    self._end(child.number, time.time(), None)
                    self.children.remove(child)
                    continue
            self._bury(child)
        for thread in list(self._threads):
            self._left(thread)


def _code_of(pid: int) -> int | None:
    """The exit code of a zombie process, if the system reports it."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        if fields[0] not in (b"Z", b"X"):
            return None
        return os.waitstatus_to_exitcode(int(fields[EXIT_CODE]))
    except (OSError, IndexError, ValueError):
        return None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
