"""Asks workers for their Python stacks, and collects the answers without waiting."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from .. import system
from ..processes.worker import WorkerHandle
from ..system import Selector
from ..typed import Any, Callable

STACK_SECONDS = 1.0
"""Seconds that a worker has to answer,"""
QUIET_SECONDS = 0.05
"""and seconds of silence after which its answer is complete."""
THREADING = f'  File "{threading.__file__}"'
"""Beginning of a line that shows a frame of the worker's own threads."""


class StackRequest:
    """One look at the workers. `done` is called with the task of each, once their stacks are there."""

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
        }  # before the stacks, which take a while
        self._texts: dict[int, bytes] = {}
        """By the lane of the process,"""
        self._asked: dict[int, WorkerHandle] = {}
        """and one of its workers for each."""
        self._due = system.clock() + STACK_SECONDS
        self._heard_at = 0.0
        if with_stacks:
            for worker in self._workers:
                self._ask(worker)

    def _ask(self, worker: WorkerHandle) -> None:
        pipe, number = worker.home.stack_pipe, worker.home.lane
        mute = worker.shows_no_stack == worker.task != -1  # its task uses the signal itself
        if number in self._asked or pipe is None or not worker.pid or mute or not system.is_open(pipe):
            return
        self._texts[number] = b""
        self._asked[number] = worker
        self._selector.add(pipe, lambda: self._hear(worker))
        system.ask_for_stack(worker.pid)

    def _hear(self, worker: WorkerHandle) -> None:
        assert worker.home.stack_pipe is not None
        text = system.read_stack(worker.home.stack_pipe)
        if not text:
            self._leave(worker)
            return
        self._texts[worker.home.lane] += text
        self._heard_at = system.clock()

    def _leave(self, worker: WorkerHandle) -> None:
        if self._asked.pop(worker.home.lane, None) is not None:
            self._selector.remove(worker.home.stack_pipe)

    def forget(self, worker: WorkerHandle) -> None:
        """The worker has ended; if its process has too, the pipe will be closed."""
        if worker.home.process.exit_code is not None:
            self._leave(worker)

    def patience(self, now: float) -> float:
        """Seconds until the next look."""
        return max(0.0, min(self._due - now, QUIET_SECONDS))

    def look(self, now: float) -> bool:
        """Finish if there is nothing more to wait for; returns whether it is finished."""
        complete = all(self._texts[number] for number in self._asked)
        if not (complete and now >= self._heard_at + QUIET_SECONDS) and now < self._due:
            return False
        for worker in list(self._asked.values()):
            if not self._texts[worker.home.lane]:
                worker.shows_no_stack = self._tasks[worker.number]
            self._leave(worker)
        self._done([self._where(worker, now) for worker in self._workers])
        return True

    def _where(self, worker: WorkerHandle, now: float) -> dict[str, Any]:
        task = self._tasks[worker.number]
        stack = self._texts.get(worker.home.lane, b"").decode("utf-8", "replace")
        if worker.thread:
            stack = of_thread(stack, worker.thread)
        return {
            "number": worker.number,
            "pid": worker.pid,
            "task": task if task >= 0 else None,
            "seconds": now - worker.busy_since if worker.batches else 0.0,
            "stack": system.own_frames(stack),
            "input": worker.shown_input(task),
            "done": worker.taken - sum(len(batch.items) for batch in worker.batches),
        }


def of_thread(stacks: str, thread: int) -> str:
    """The stack of one thread out of those of a process, without the frames that Python puts below it."""
    for stack in re.split(r"\n(?=(?:Current t|T)hread 0x)", stacks):
        head, *frames = stack.splitlines()
        found = re.match(r"(?:Current t|T)hread 0x([0-9a-f]+)", head)
        if found and int(found[1], 16) == thread:
            return "\n".join([head, *(f for f in frames if f and not f.startswith(THREADING))])
    return ""
