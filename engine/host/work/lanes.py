"""The lanes of a worker process, each with its own pipe and tasks: one, or one per thread."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar

from .. import system
from ..typed import Any, Callable, NamedTuple
from .kept import own_modules
from .logs import AppendHandler
from .slot import IDLE, SIZE, THREAD, Slot

BEAT_SECONDS = 0.05
"""Seconds between heartbeats of a process with several lanes."""
NAME = "POOLHOUSE_LANE"
"""The variable that tells user code the number of its worker, from 0."""


class Place(NamedTuple):
    """The place of a lane in the memory that its process shares with the host."""

    number: int
    """The number of the worker in the record."""
    slot: Slot


_place: ContextVar[Place | None] = ContextVar("poolhouse_lane", default=None)
"""The lane of the running code. asyncio passes it on to the tasks that a coroutine starts."""


def is_asked_for(source: str) -> bool:
    """Whether the user's code, including typed `source`, mentions the variable."""
    if NAME in source:
        return True
    for _, path in own_modules():
        with suppress(OSError), open(path, "rb") as file:
            if NAME.encode() in file.read():
                return True
    return False


def places(numbers: Sequence[int], shared: Any) -> tuple[list[Place], memoryview]:
    """The lanes of these workers, and the heartbeat after them, in memory shared with the host."""
    view = memoryview(shared).cast("B").cast("q")
    found = [Place(number, Slot(view[SIZE * at : SIZE * (at + 1)])) for at, number in enumerate(numbers)]
    return found, view[SIZE * len(found) :]


def current_task() -> int:
    """The task of the calling lane; IDLE in a thread that belongs to none."""
    place = _place.get()
    return IDLE if place is None else place.slot.current()


def logged(task: int, begin: int, length: int) -> None:
    """A task of the calling lane wrote a line into run.log."""
    place = _place.get()
    if place is not None:
        place.slot.logged(task, begin, length)


def tell_apart(log: AppendHandler) -> None:
    """Let the log know which lane a record belongs to."""
    log.current_lane = lambda: place.number if (place := _place.get()) is not None else IDLE


class LockWatch:
    """How often the interpreter's lock was held when another thread than those of tasks wanted it.

    A thread that gets the lock at once has only slept for its own pause: then it has stopped once. This holds
    under any load, where times do not.
    """

    def __init__(self, at_work: Callable[[], int]) -> None:
        """`at_work` tells how many lanes are on a task."""
        self._at_work = at_work
        self.looks = 0
        self.held = 0

    def pause(self, thread: threading.Thread, seconds: float) -> None:
        """Wait for a thread to end, for some seconds at most, and see whether the lock was free then."""
        busy, before = self._at_work(), system.stops()
        thread.join(seconds)
        after = system.stops()
        if before is None or after is None or not thread.is_alive():
            return
        if busy > 1 and self._at_work() > 1:
            self.looks += 1
            self.held += after - before > 1


def run_in_threads(
    lanes: Sequence[tuple[Place, Callable[[], object]]], beat: memoryview, watch: LockWatch
) -> None:
    """Live each lane's life in a thread, and return when all have ended."""
    threads = [
        threading.Thread(target=_live, args=lane, name=f"Worker-{lane[0].number}", daemon=True)
        for lane in lanes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            with suppress(BaseException):  # a signal handler of the user runs here
                beat[0] += 1
                watch.pause(thread, BEAT_SECONDS)


def _live(place: Place, life: Callable[[], object]) -> None:
    _place.set(place)
    place.slot.view[THREAD] = threading.get_ident()
    try:
        life()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # otherwise the host would wait for this lane
