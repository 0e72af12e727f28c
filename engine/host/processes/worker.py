"""The worker processes as the host sees them: started, fed, ended, and what they died of."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, cast

from .. import system
from ..record import wire
from ..record.values import display
from ..work import worker
from ..work.batch import Batch
from ..work.tasks import IDLE, spoken_of

INPUT_SHOWN = 400
"""Characters of an input that are worth telling while its task runs."""
GRACE_SECONDS = 0.5
"""A worker whose pipe is closed has so long to end."""
AHEAD_BYTES = 8 << 10
"""A batch longer than this waits here until its worker has answered the one before: the pipe may not hold it,
and a host that waits for its worker while that waits for the host would wait for ever."""
LONG_SECONDS = 0.05
"""A worker that has been on one task for so long is to give up others, where these can go elsewhere."""
SURE_SECONDS = 0.01
"""After so long, one memory shows to all who look what was written into it."""


class Worker:
    """One worker process, its pipe, its slot and the batches it holds."""

    def __init__(
        self, number: int, setup: worker.Setup, method: str, name: str, strangers: Iterable[Connection]
    ) -> None:
        context: Any = get_context(method)
        self.number = number
        self.conn, theirs = context.Pipe()
        self.stack_pipe, stack_end = system.stack_pipe()
        self._slot = context.RawArray("q", [IDLE, 0])
        copied = [*self.ends, *strangers] if method == "fork" else []
        self.process = context.Process(
            target=worker.main, args=(number, theirs, self._slot, stack_end, setup, copied), name=name
        )
        self.process.start()
        theirs.close()
        if stack_end is not None:
            stack_end.close()
        self.started = time.time()
        self.ready = False
        self.leaving = False
        self.batches: deque[Batch] = deque()
        """What it was given and has not answered whole, oldest first."""
        self._held: list[bytes] = []
        """The last of them, where it is too long to be sent before the worker reads."""
        self._given = 0
        """Batches it was given, ever."""
        self._called_back = (IDLE, 0)
        """The task that it was on when its batches were called back, the last of them,"""
        self._called_back_at = 0.0
        """and when that was, on the monotonic clock."""
        self.taken = 0
        """Tasks it was given, ever, but for those it gave back."""
        self.verdict: tuple[int, str] | None = None
        """Status and cause, where the host itself ends it for what its task did."""
        self.busy_since = self.started
        """When it began its oldest batch or sent its last results, as near as the host can tell."""
        self._seen = (IDLE, self.started)

    @property
    def ends(self) -> list[Connection]:
        """The host's ends of its pipes, which no other process should hold."""
        return [self.conn] if self.stack_pipe is None else [self.conn, self.stack_pipe]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def task(self) -> int:
        """Index of the task it is on, or IDLE."""
        return spoken_of(self._slot[0])

    def shown_input(self, task: int) -> str:
        """The input of a task that it holds, as display text; empty where it holds it no more."""
        batch = next((b for b in self.batches if b.first <= task < b.stop), None)
        return display(batch.items[task - batch.first])[:INPUT_SHOWN] if batch else ""

    def running_for(self, now: float) -> float:
        """Seconds, at least, that it has been on its task. Ask often: it is as exact as the asking."""
        task = self.task
        if task == IDLE or task != self._seen[0]:
            self._seen = (task, now)
        return now - self._seen[1]

    def give(self, batch: Batch) -> None:
        """Give it a batch, which it has at most one ahead."""
        self._given += 1
        batch = batch._replace(number=self._given)
        messages = wire.pack_batch(*batch)
        self.taken += len(batch.items)
        if self.batches and sum(map(len, messages)) > AHEAD_BYTES:
            self._held = messages
        else:
            self._send(messages)
        if not self.batches:
            self.busy_since = time.time()
            self._seen = (IDLE, self.busy_since)
        self.batches.append(batch)

    def _send(self, messages: list[bytes]) -> None:
        with suppress(OSError):  # it is gone, or does not read: its pipe says so next
            for message in messages:
                self.conn.send_bytes(message)

    def answered(self, stop: int) -> None:
        """Take note that the tasks of its oldest batch before index `stop` ended."""
        self.busy_since = time.time()
        rest = self.batches[0].rest(stop)
        if rest is None:
            self.batches.popleft()
            held, self._held = self._held, []
            self._send(held)
        else:
            self.batches[0] = rest

    def is_long_on_its_task(self) -> bool:
        """Whether it has been on one task for so long that others should not wait for it."""
        return self.task >= 0 and self.running_for(time.time()) >= LONG_SECONDS

    @property
    def holds_others(self) -> bool:
        """Whether tasks wait in it for the end of the one that it is on."""
        return len(self.batches) > 1 or any(
            batch.first <= self.task < batch.stop - 1 for batch in self.batches
        )

    def call_back(self) -> list[Batch]:
        """Have it begin none of the tasks that it holds. Gives those that it is sure not to: ask again.

        What it has not begun when it learns of that it gives back by itself.
        """
        asked = self._slot[0], self._given - bool(self._held)
        if asked[0] < 0:
            return []
        if self._called_back != asked:
            self._called_back, self._called_back_at = asked, time.monotonic()
            self._slot[1] = asked[1]
        elif time.monotonic() - self._called_back_at >= SURE_SECONDS:
            return self._give_up_behind(asked[0])
        return []

    def _give_up_behind(self, task: int) -> list[Batch]:
        """What it holds behind the task that it is on."""
        if not self.batches or not self.batches[0].first <= task < self.batches[0].stop:
            return []
        first, *others = self.batches
        if rest := first.rest(task + 1):
            others.insert(0, rest)
        self.batches = deque([first.up_to(task + 1)])
        self._held = []
        self.taken -= sum(len(batch.items) for batch in others)
        return others

    def returned(self, number: int) -> Batch | None:
        """It does not run what is left of a batch. Gives that, where it has not gone elsewhere already."""
        if not self.batches or self.batches[0].number != number:
            return None
        batch = self.batches[0]
        self.taken -= len(batch.items)
        self.answered(batch.stop)
        return batch

    def end_for(self, status: int, cause: str) -> None:
        """End it for what its task did: the task gets this status, and the words that say why."""
        self.verdict = (status, cause)
        self.process.kill()

    def leave(self) -> None:
        """Ask it to go once it has answered what it holds."""
        self.leaving = True
        self._send([b""])

    def close(self) -> int:
        """Wait for its end, close everything, and give its exit code."""
        self.process.join(GRACE_SECONDS)
        if self.process.exitcode is None:  # it closed its pipe, and lives on
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        system.end_group(self.pid)
        for end in self.ends:
            end.close()
        self.process.close()
        return cast(int, code)


def where_now(workers: list[Worker], with_stacks: bool) -> list[dict[str, Any]]:
    """What each worker is on at this moment, with the Python stacks of its threads where asked for."""
    tasks = {worker.number: worker.task for worker in workers}  # before the stacks: they take a while
    asked = workers if with_stacks else []
    stacks = system.stacks({w.pid: w.stack_pipe for w in asked if w.stack_pipe is not None})
    now = time.time()
    return [
        {
            "number": worker.number,
            "pid": worker.pid,
            "task": tasks[worker.number] if tasks[worker.number] >= 0 else None,
            "seconds": now - worker.busy_since if worker.batches else 0.0,
            "stack": stacks.get(worker.pid, ""),
            "input": worker.shown_input(tasks[worker.number]),
            "done": worker.taken - sum(len(batch.items) for batch in worker.batches),
        }
        for worker in workers
    ]
