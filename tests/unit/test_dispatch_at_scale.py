"""The scheduling core with fake workers: the cost of a batch does not grow with their number."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

import pytest

from engine.host.incoming.queue import InputQueue
from engine.host.loop.control import Control
from engine.host.loop.dispatch import Dispatch
from engine.host.loop.sizer import Sizer
from engine.host.work.batch import Batch

SECONDS = 1e-4
"""The duration of a task."""
MOST_LOOKS = 30
"""Looks at workers for each batch that is given out."""


class _Home:
    retired = False


class _Channel:
    closed = False


class Worker:
    """Does what it is given at once. Counts how often anybody looks at any worker."""

    looks: ClassVar[int] = 0

    def __init__(self) -> None:
        self.home = _Home()
        self.channel = _Channel()
        self.batches: deque[Batch] = deque()
        self.ready, self.by_itself, self.taken, self.done = True, False, 0, 0
        self.is_leaving = False

    @property
    def leaving(self) -> bool:
        Worker.looks += 1
        return self.is_leaving

    def is_long_on_its_task(self) -> bool:
        return False

    def give(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.taken += len(batch.items)

    def leave(self) -> None:
        self.is_leaving = True

    def answer(self, sizer: Sizer) -> None:
        """Its oldest batch is done."""
        tasks = len(self.batches.popleft().items)
        self.done += tasks
        sizer.learn(tasks, tasks * SECONDS, tasks * 8)


class _Ledger:
    waiting = 0


def run(workers: int, tasks: int, spares: int = 0) -> list[Worker]:
    """The workers once everything is done. To give a batch to one, few others are looked at."""
    pool = [Worker() for _ in range(workers + spares)]
    handles: Any = pool
    ledger: Any = _Ledger()
    sizer = Sizer(0, workers)
    queue = InputQueue(range(tasks), [(0, tasks)])
    control = Control(handles, workers, lambda: None, lambda: None, lambda: None)
    dispatch = Dispatch(queue, handles, control, ledger, sizer, tasks_per_worker=0)
    dispatch.spares = spares
    rounds = 0
    while rounds == 0 or any(worker.batches for worker in pool):
        rounds += 1
        for worker, handle in zip(pool, handles, strict=True):
            if worker.batches:
                worker.answer(sizer)
            Worker.looks, taken = 0, worker.taken
            dispatch.feed(handle)
            assert worker.taken == taken or Worker.looks <= MOST_LOOKS
    return pool


@pytest.mark.parametrize("workers", [2, 1_000])
@pytest.mark.parametrize("spares", [0, 1])
def test_a_batch_costs_as_much_beside_a_thousand_workers(workers: int, spares: int) -> None:
    tasks = workers * 20_000
    done = [worker.done for worker in run(workers, tasks, spares)]
    assert sum(done) == tasks
    assert done[workers:] == [0] * spares
    assert max(done) < 1.5 * tasks / workers
