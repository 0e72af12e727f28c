"""The time limit of tasks: a worker that exceeds it is asked for its stack, then ended."""

from __future__ import annotations

from .. import system
from ..processes.worker import STILL_SECONDS, WorkerHandle
from ..record import schema
from ..typed import NamedTuple

SHOW_SECONDS = 1.0
"""A worker has this long to show its stack before it is ended."""
STEP_SECONDS = 0.02
"""Seconds between two checks whether it has."""
KEEPING_SECONDS = 10.0
"""Seconds that a task may exceed its limit by once its function has returned and its result is being kept."""


class _Asked(NamedTuple):
    """A worker that was asked for its stack."""

    task: int
    due: float
    shown: bytes


class TimeLimit:
    """Limits each task to `seconds`; 0 means no limit. `watch` is called for each worker again and again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._asked: dict[int, _Asked] = {}
        """By the number of the worker."""

    def patience(self) -> float | None:
        """Seconds until the next check; None if it need not be soon."""
        if self._asked:
            return STEP_SECONDS
        return self._seconds / 4 if self._seconds else None

    def watch(self, worker: WorkerHandle, now: float, may_ask: bool) -> bool:
        """End the worker if its time is up. True while its stack is awaited."""
        if not self._seconds:
            return False
        if worker.number in self._asked:
            return self._listen(worker, now)
        if worker.verdict is not None:
            return False
        over = worker.running_for(now) - self._seconds - (KEEPING_SECONDS if worker.is_keeping else 0.0)
        still = worker.home.still_for(now)
        if over < 0:
            return False
        if still > over:  # the process has stood still since before the limit
            if still >= STILL_SECONDS:
                worker.home.process.kill()  # any of its threads may hold the others up
            return False
        worker.condemn(schema.TIMEOUT, f"The time limit of {self._seconds:g} s for a task was reached")
        if not (may_ask and self._can_show(worker)):
            worker.end()
            return False
        self._asked[worker.number] = _Asked(worker.task, now + SHOW_SECONDS, b"")
        system.ask_for_stack(worker.pid)
        return True

    def _can_show(self, worker: WorkerHandle) -> bool:
        """Whether it can be asked for its stack. The threads of a process would all show theirs at once."""
        pipe = worker.home.stack_pipe
        if worker.home.is_shared or pipe is None or not worker.pid:
            return False
        return worker.shows_no_stack != worker.task and system.is_open(pipe)

    def _listen(self, worker: WorkerHandle, now: float) -> bool:
        asked = self._asked[worker.number]
        if worker.task != asked.task:  # it has ended by itself
            worker.verdict = None
            self.forget(worker)
            return False
        more = system.read_stack(worker.home.stack_pipe)
        if (more or not asked.shown) and now < asked.due:
            self._asked[worker.number] = asked._replace(shown=asked.shown + more)
            return True
        stack = (asked.shown + more).decode("utf-8", "replace")
        worker.last_stack = system.own_frames(stack)
        self.forget(worker)
        worker.end()
        return False

    def forget(self, worker: WorkerHandle) -> None:
        """The worker has ended."""
        self._asked.pop(worker.number, None)
