"""Where is it now? Asks workers for their Python stacks, and takes in what comes without waiting for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from .. import system
from ..processes.worker import WorkerHandle
from ..system import Selector

STACK_SECONDS = 1.0
"""A worker that is asked for its stack has so long to answer,"""
QUIET_SECONDS = 0.05
"""and has said all when it was silent for this long."""


class StackRequest:
    """One look at the workers. `done` is called with what each is on, once their stacks are there."""

    def __init__(
        self,
        workers: Sequence[WorkerHandle],
        with_stacks: bool,
        selector: Selector,
        done: Callable[[list[dict[str, Any]]], object],
    ) -> None:
        self._workers = list(workers)
        self._selector = selector
        self._done = done
        self._tasks = {
            worker.number: worker.task for worker in workers
        }  # before the stacks: they take a while
        self._texts: dict[int, bytes] = {}
        self._asked: dict[int, WorkerHandle] = {}
        self._due = system.clock() + STACK_SECONDS
        self._heard_at = 0.0
        if with_stacks:
            for worker in self._workers:
                self._ask(worker)

    def _ask(self, worker: WorkerHandle) -> None:
        pipe, number = worker.stack_pipe, worker.number
        mute = worker.shows_no_stack == worker.task != -1  # its task has taken the signal for itself
        if pipe is None or not worker.pid or mute or not system.is_open(pipe):
            return
        self._texts[number] = b""
        self._asked[number] = worker
        self._selector.add(pipe, lambda: self._hear(worker))
        system.ask_for_stack(worker.pid)

    def _hear(self, worker: WorkerHandle) -> None:
        assert worker.stack_pipe is not None
        text = system.read_stack(worker.stack_pipe)
        if not text:
            self._leave(worker)
            return
        self._texts[worker.number] += text
        self._heard_at = system.clock()

    def _leave(self, worker: WorkerHandle) -> None:
        if self._asked.pop(worker.number, None) is not None:
            self._selector.remove(worker.stack_pipe)

    def forget(self, worker: WorkerHandle) -> None:
        """The worker has ended, and its pipe will be closed."""
        self._leave(worker)

    def patience(self, now: float) -> float:
        """Seconds until it must be looked at again."""
        return max(0.0, min(self._due - now, QUIET_SECONDS))

    def look(self, now: float) -> bool:
        """Finish it if there is nothing more to wait for; gives whether it is finished."""
        complete = all(self._texts[number] for number in self._asked)
        if not (complete and now >= self._heard_at + QUIET_SECONDS) and now < self._due:
            return False
        for worker in list(self._asked.values()):
            if not self._texts[worker.number]:
                worker.shows_no_stack = self._tasks[worker.number]
            self._leave(worker)
        self._done([self._where(worker, now) for worker in self._workers])
        return True

    def _where(self, worker: WorkerHandle, now: float) -> dict[str, Any]:
        task = self._tasks[worker.number]
        stack = self._texts.get(worker.number, b"").decode("utf-8", "replace")
        return {
            "number": worker.number,
            "pid": worker.pid,
            "task": task if task >= 0 else None,
            "seconds": now - worker.busy_since if worker.batches else 0.0,
            "stack": system.own_frames(stack),
            "input": worker.shown_input(task),
            "done": worker.taken - sum(len(batch.items) for batch in worker.batches),
        }
