"""A worker of a pool as the host sees it: connection, process id, shared memory, and its frames."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import mmap
import os
import signal
import struct
import time
from array import array
from collections import deque
from contextlib import suppress

from ... import system
from ...record import output
from ...record.wire import Messages
from ...system import Channel, Selector
from ...typed import Any, Callable
from ...work.slot import IDLE
from .. import messages
from ..slots import STACKS
from .unit import Frame

GRACE_SECONDS = 0.5
"""Seconds that a worker has to end after its connection,"""
CODE_SECONDS = 3.0
"""and that main has to report how it did."""
SURE_SECONDS = 0.01
"""Seconds after which a write to shared memory is visible to everybody."""
QUICK_SECONDS = 0.001
"""A frame that took less than this is followed by one with twice as many units,"""
SLOW_SECONDS = 0.004
"""and one that took more by one with half as many."""
MOST_UNITS = 256
INT = struct.Struct("q")


class Worker:
    """`heard` is called when it may have sent something, `changed` when its process may have ended."""

    def __init__(
        self,
        number: int,
        pid: int,
        most: int,
        slot: str,
        channel: Channel,
        selector: Selector,
        changed: Callable[[], object],
    ) -> None:
        self.number = number
        self.pid = pid
        self.channel = channel
        self.received = Messages()
        self.started_at = self.busy_since = system.clock()
        self.ready = False
        self.leaving = False
        self.failure = ""
        """Its last report before it ended: its initializer failed."""
        self.frames: deque[Frame] = deque()
        """Those that are not over, oldest first."""
        self.done = 0
        """The number of tasks that it has finished."""
        self.exit_code: int | None = None
        """Once main has reported it."""
        self.ended_at: float | None = None
        """When the end of the process, or of the connection, was noticed."""
        self.output = ""
        """The file with a copy of what it prints."""
        self._units_left = most or -1
        self._size = 1
        self._given = 0
        self._called_back = (IDLE, 0, 0.0)
        self._selector = selector
        self._changed = changed
        self._is_watched = False
        with open(slot, "w+b") as file:
            file.write(INT.pack(IDLE) + bytes(messages.SLOT_SIZE - INT.size))
            file.flush()
            self._slot = mmap.mmap(file.fileno(), messages.SLOT_SIZE)
        self.slot = slot
        """The file of the shared memory."""
        self._pidfd = -1
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._pidfd = os.pidfd_open(pid)
                selector.add(self._pidfd, self._process_ended)
                self._is_watched = True

    def _process_ended(self) -> None:
        """Called by the selector, once."""
        self._unwatch()
        self.ended_at = self.ended_at or system.clock()
        self._changed()

    def _unwatch(self) -> None:
        if self._is_watched:
            self._is_watched = False
            self._selector.remove(self._pidfd)

    def _said(self, place: int) -> int:
        return INT.unpack_from(self._slot, place * INT.size)[0]

    @property
    def task(self) -> int:
        """Its first current task, or IDLE."""
        return self._said(messages.TASK)

    @property
    def tasks(self) -> int:
        """How many tasks it may be on."""
        return max(1, self._said(messages.COUNT))

    @property
    def ended_on(self) -> tuple[int, int]:
        """What it did last, if it has ended: the first task, or IDLE, and how many there may be."""
        unsent = self._said(messages.UNSENT_COUNT)
        return (self._said(messages.UNSENT), unsent) if unsent > 0 else (self.task, self.tasks)

    def last_print(self, task: int) -> array[int]:
        """What it printed after its last report, before it ended on a task: a column `prints`."""
        since, known = self._said(messages.PRINTING), self._said(messages.PRINTED)
        end = output.end(self.output) or 0
        if end <= known or since > task:
            return array("q")
        return array("q", (since - task, task - since + 1, known, end - known))

    @property
    def is_there(self) -> bool:
        """Whether its process has not ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return not self._has_ended()

    def _has_ended(self) -> bool:
        """Whether it is a zombie."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as file:
                return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
        except (OSError, IndexError):
            return os.path.isdir("/proc/self")

    # units for it

    @property
    def room(self) -> int:
        """How many units it can take now."""
        if not self.ready or self.leaving or self.channel.closed or self.ended_at is not None:
            return 0
        most = 2 if self._size > 1 and not self.is_long_on_its_task() else 1
        if len(self.frames) >= most or self._units_left == 0:
            return 0
        return 1 if self._units_left > 0 else self._size

    def give(self, frame: Frame) -> None:
        self._given += 1
        frame.number = self._given
        if self._units_left > 0:
            self._units_left -= 1
        if not self.frames:
            self.busy_since = system.clock()
        self.frames.append(frame)
        self.channel.send(frame.message())

    def is_over(self, frame: Frame) -> None:
        """Its oldest frame is over."""
        now = system.clock()
        took, self.busy_since = now - self.busy_since, now
        self.frames.popleft()
        if took < QUICK_SECONDS and len(frame.units) >= self._size:
            self._size = min(2 * self._size, MOST_UNITS)
        elif took > SLOW_SECONDS:
            self._size = max(1, self._size // 2)

    def is_long_on_its_task(self) -> bool:
        return system.clock() - self.busy_since > 5 * SLOW_SECONDS

    @property
    def holds_others(self) -> bool:
        """Whether units wait in it behind the current one."""
        return len(self.frames) > 1 or any(len(frame.left) > 1 for frame in self.frames)

    def call_back(self) -> bool:
        """Tell it to begin none of its units. Returns whether it certainly will not: call again."""
        on, given, at = self._called_back
        task = self.task
        if task < 0:
            return False
        if (on, given) != (task, self._given):
            self._called_back = task, self._given, system.clock()
            INT.pack_into(self._slot, messages.CALLED_BACK * INT.size, self._given)
            return False
        return system.clock() - at >= SURE_SECONDS

    def leave(self) -> None:
        if not self.leaving:
            self.leaving = True
            self.channel.send(messages.frames((messages.LEAVE,)))

    def kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "linux" and self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)

    def look(self) -> bool:
        """Whether it has ended, and all is known about that."""
        now = system.clock()
        if self.ended_at is None and (not self.is_there or self.channel.closed):
            self.ended_at = now
        if self.ended_at is None:
            return False
        if self.is_there:
            if now > self.ended_at + GRACE_SECONDS:
                self.kill()
            return False
        return self.exit_code is not None or self.leaving or now > self.ended_at + CODE_SECONDS

    def receive(self) -> list[list[Any]]:
        """Its messages. If anything else has been written into the connection, that ends it."""
        found: list[list[Any]] = []
        try:
            while frames := self.channel.receive():
                found += self.received.take(frames)
        except (ValueError, EOFError, TypeError):
            self.kill()
        return found

    def close(self) -> None:
        self.channel.close()
        self._unwatch()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        self._slot.close()
        for path in (self.slot, self.slot + STACKS):
            with suppress(OSError):
                os.unlink(path)

    @property
    def started(self) -> float:
        return time.time() - (system.clock() - self.started_at)
