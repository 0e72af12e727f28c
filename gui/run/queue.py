"""The order in which runs begin: one after the other, unless the user wants them side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engine.job import Job

SECOND_PRESS = 1.0
"""Seconds within which a second Run of the same unchanged job counts as a slip of the finger."""


def new_id() -> str:
    """A new id that no run or page of any app instance has."""
    return os.urandom(16).hex()


@dataclass(frozen=True)
class Waiting:
    """A run that was requested and has not begun."""

    id: str
    name: str
    """Its name in the runs list."""
    job: Job
    """The job as it was when Run was pressed."""
    origin: str = ""
    """What it was started from, such as the job file: that page shows the run."""
    held: bool = False
    """It was left over when the app ended, and waits until the user continues the queue."""


class Queue:
    """Runs that wait, the next one first, and the number of live ones.

    Nothing here takes time or touches a disk. A run is live from `due` or `beside` until `ended`. A run that
    was never queued, such as a resumed one, is live from `began`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: list[Waiting] = []
        self._live: set[str] = set()
        self._pressed: list[tuple[float, str, Job]] = []
        """When and where Run was last pressed, and for which job."""

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The waiting runs, in the order in which they begin."""
        return tuple(self._waiting)

    @property
    def live(self) -> frozenset[str]:
        """The number of live runs."""
        return frozenset(self._live)

    @property
    def paused(self) -> bool:
        """Whether some runs are held until the user continues the queue."""
        return any(one.held for one in self._waiting)

    def add(self, job: Job, name: str, origin: str = "") -> Waiting | None:
        """Queue a run at the end. None, without queueing, if this is the second press of a double press."""
        now = self._clock()
        self._pressed = [press for press in self._pressed if now - press[0] < SECOND_PRESS]
        if any((where, what) == (origin, job) for _, where, what in self._pressed):
            return None
        self._pressed.append((now, origin, job))
        made = Waiting(new_id(), name, job, origin)
        self._waiting.append(made)
        return made

    def restore(self, left_over: Iterable[Waiting]) -> None:
        """Put back, in front, what an earlier app instance left. It is held."""
        self._waiting[:0] = [replace(one, held=True) for one in left_over]

    def due(self) -> Waiting | None:
        """The run that begins now, which is live from here on; None if there is none."""
        ready = next((one for one in self._waiting if not one.held), None)
        if ready is None or self._live:
            return None
        return self.beside(ready.id)

    def beside(self, id_: str) -> Waiting | None:
        """Begin this one now, beside others; None if it no longer waits."""
        found = self.find(id_)
        if found is not None:
            self._waiting.remove(found)
            self._live.add(id_)
        return found

    def began(self, id_: str) -> None:
        """A run that was never queued is live."""
        self._live.add(id_)

    def ended(self, id_: str) -> None:
        """A run is over, or never began."""
        self._live.discard(id_)

    def go_on(self) -> None:
        """Release all held runs."""
        self._waiting = [replace(one, held=False) for one in self._waiting]

    def move(self, id_: str, place: int) -> bool:
        """Move a run to this position, counted from 0; False if it no longer waits."""
        found = self.find(id_)
        if found is None:
            return False
        self._waiting.remove(found)
        self._waiting.insert(max(0, place), found)
        return True

    def take_out(self, id_: str) -> Waiting | None:
        """Remove it from the queue; None if it no longer waits."""
        found = self.find(id_)
        if found is not None:
            self._waiting.remove(found)
        return found

    def find(self, id_: str) -> Waiting | None:
        """The run with this id, if it waits."""
        return next((one for one in self._waiting if one.id == id_), None)
