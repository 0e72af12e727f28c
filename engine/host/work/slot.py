"""Memory that a worker and its host share, without a lock: the current task, and what it left so far."""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Sequence

from ..typed import Any

IDLE = -1
"""In the slot: no task is running."""

TASK, CALLED_BACK, PRINTING, PRINTED, THREAD, LOGGING, PLACES, FIRST_PLACE = range(8)
"""The meaning of the numbers: the current task; the batch up to which all are called back; the task from
which on it is unknown who printed, and where in the file that output begins; the thread, if the worker is
one of several in its process; the task that logged last, how many places it has, and these: an offset in
run.log and a length each."""
MOST_PLACES = 16
"""If a task has more, the last one extends over lines of others."""
SIZE = FIRST_PLACE + 2 * MOST_PLACES
"""Numbers of a slot, each an int64."""


def keeping(index: int) -> int:
    """In the slot: the result of this task is being stored, while later ones have already run."""
    return IDLE - 1 - index


def spoken_of(said: int) -> int:
    """The task that a slot means: its index, or IDLE."""
    return said if said >= IDLE else IDLE - 1 - said


def fresh() -> list[int]:
    """The initial numbers of a slot."""
    numbers = [0] * SIZE
    numbers[TASK] = numbers[PRINTING] = numbers[LOGGING] = IDLE
    return numbers


class Slot:
    """The worker's side.

    A worker first records that it is on a task, and then checks whether that was called back. So if the host
    has called batches back, and a while later sees the worker still on the same task, no other has begun.
    """

    def __init__(self, shared: Any) -> None:
        self.view = memoryview(shared).cast("B").cast("q")
        self._kept: int | None = None
        if sys.platform != "win32":
            os.register_at_fork(after_in_child=self._let_go)

    def current(self) -> int:
        """Index of the running task, also in a process that it forked; or IDLE."""
        return spoken_of(self.view[TASK] if self._kept is None else self._kept)

    def printing(self, task: int, begin: int) -> None:
        """Output from `begin` on is of `task` or a later one."""
        self.view[PRINTED] = begin
        self.view[PRINTING] = task

    def logged(self, task: int, begin: int, length: int) -> None:
        """A task wrote a line into run.log."""
        if self._kept is not None:
            return
        view = self.view
        if view[LOGGING] != task:
            view[PLACES] = 0
            view[LOGGING] = task
        count = view[PLACES]
        last = FIRST_PLACE + 2 * (count - 1)
        if count == MOST_PLACES or (count and view[last] + view[last + 1] == begin):
            view[last + 1] = begin + length - view[last]
        else:
            view[last + 2], view[last + 3] = begin, length
            view[PLACES] = count + 1

    def _let_go(self) -> None:
        """A process that user code forked must not write for this one: its next write fails."""
        if self._kept is None:
            self._kept = self.view[TASK]
            self.view.release()


def log_places(slot: Sequence[int], task: int) -> array[int]:
    """Where a task wrote into run.log, for the host: offset and length, one after the other."""
    count = min(slot[PLACES], MOST_PLACES) if slot[LOGGING] == task else 0
    return array("q", slot[FIRST_PLACE : FIRST_PLACE + 2 * count])


def printed_from(slot: Sequence[int], task: int) -> tuple[int, int] | None:
    """Where a task's output begins, and from which task on it may be another's; None if unknown."""
    return (slot[PRINTED], slot[PRINTING]) if 0 <= slot[PRINTING] <= task else None
