"""Decides which tasks go to which worker next, and which are called back from behind a slow one.

Knows workers only through `WorkerHandle`; starts none, listens to none and waits for none.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from ..incoming.queue import InputQueue
from ..incoming.streamed import StreamedQueue
from ..processes.worker import WorkerHandle
from ..work.batch import Batch
from .control import Control
from .ledger import Ledger
from .losses import DOUBTFUL, MOST, Losses, parts
from .sizer import Sizer

MANY = 1 << 62
"""The number of inputs while it is unknown."""
MOST_BY_THEMSELVES = 8
"""Tasks that ran beside others when their process died run again, at most this many at a time."""


class Dispatch:
    """Hands out the tasks of `queue` to `workers`, the loop's list, oldest first."""

    def __init__(
        self,
        queue: InputQueue | StreamedQueue,
        workers: list[WorkerHandle],
        control: Control,
        ledger: Ledger,
        sizer: Sizer,
        tasks_per_worker: int,
    ) -> None:
        self._queue = queue
        self._workers = workers
        self._control = control
        self._ledger = ledger
        self._sizer = sizer
        self._tasks_per_worker = tasks_per_worker
        self.spares = 0
        """Workers beyond the size of the pool, loaded and idle, to replace one that dies."""
        self._doubtful: deque[Batch] = deque()
        """Tasks that may have ended their process: each runs in a separate one, to find the culprit."""
        self._losses = Losses()

    def waiting(self) -> int:
        """Tasks still to run that no worker holds; at least one per worker if more may come."""
        if self._control.stopping:
            return 0
        more = max(1, self._control.size) if self._queue.more else 0
        return self._queue.left + self._ledger.waiting + more + len(self._doubtful)

    def has_all(self) -> bool:
        """Whether every task has its outcome, so that waiting is pointless."""
        return not self.waiting() and not any(w.batches for w in self._workers)

    def is_short_of_workers(self) -> bool:
        """Whether another worker would have something to do."""
        return self.missing() > 0 or self.missing_by_themselves() > 0

    def missing(self) -> int:
        """Missing workers of the pool that would have something to do."""
        if self._control.paused:
            return 0
        pool = [w for w in self._workers if not w.by_itself and not w.home.retired]
        idle = sum(1 for w in pool if not w.leaving and not w.batches)
        wanted = self._control.size + self.spares
        # a cluster may grow when everything is handed out: other workers then give back waiting tasks
        behind = sum(w.holds_others and w.is_long_on_its_task() for w in pool) if self._sizer.far else 0
        return min(wanted - len(pool), self.waiting() - len(self._doubtful) + behind - idle)

    def missing_by_themselves(self) -> int:
        """Missing workers for tasks that must run in a separate process."""
        if self._control.paused or self._control.stopping:
            return 0
        there = [w for w in self._workers if w.by_itself and not w.leaving]
        idle = sum(1 for w in there if not w.batches)
        # Beside the process of the others, so that no lane is beyond the size of the pool.
        most = min(MOST_BY_THEMSELVES, max(1, self._control.size - 1))
        return min(most - len(there), len(self._doubtful) - idle)

    def doubt(self, batch: Batch) -> None:
        """A task may have ended its process, or a neighbour did: it must run in a separate process."""
        self._doubtful.append(batch)

    def feed(self, worker: WorkerHandle) -> None:
        """Give a worker as much as it can hold, or dismiss it if nothing is left for it."""
        if worker.by_itself:
            self._feed_by_itself(worker)
            return
        while worker.ready and not worker.leaving and not worker.channel.closed:
            ahead = self._sizer.ahead and not worker.is_long_on_its_task()
            if len(worker.batches) >= (2 if ahead else 1):
                return
            batch = self._next_batch(worker)
            if batch is None:
                if not worker.batches and not self._may_be_needed(worker):
                    worker.leave()
                return
            worker.give(batch)

    def _feed_by_itself(self, worker: WorkerHandle) -> None:
        if not worker.ready or worker.leaving or worker.channel.closed or worker.batches:
            return
        if self._doubtful and not self._control.stopping:
            if not self._control.paused:
                worker.give(self._doubtful.popleft())
        else:
            worker.leave()

    def _next_batch(self, worker: WorkerHandle) -> Batch | None:
        if self._control.stopping or self._control.paused or self._is_beyond(self._control.size, worker):
            return None
        size = self._sizer.next(MANY if self._queue.more else self._queue.left)
        if self._tasks_per_worker:
            size = min(size, self._tasks_per_worker - worker.taken)
        return self._queue.take(size) if size else None

    def _is_beyond(self, size: int, worker: WorkerHandle) -> bool:
        """Whether `size` workers before it stay: the pool is the first ones, then come spares.

        The rest may go. This is asked for each batch, so it examines only the last workers if that suffices.
        """
        most_beyond = len(self._workers) - size
        if most_beyond <= 0:
            return False
        stay = (w for w in reversed(self._workers) if not w.leaving and not w.by_itself)
        if worker not in islice(stay, most_beyond):
            return False
        return [w for w in self._workers if not w.leaving and not w.by_itself].index(worker) >= size

    def _may_be_needed(self, worker: WorkerHandle) -> bool:
        """Whether a worker that holds nothing should wait for work that may come."""
        worn_out = worker.taken == self._tasks_per_worker != 0
        if self._control.stopping or worn_out or self._is_beyond(self._control.size + self.spares, worker):
            return False
        return self.waiting() > 0 or any(w.batches for w in self._workers)

    def take_from(self, worker: WorkerHandle, task: int) -> Batch | None:
        """A worker has ended on `task`, or on none: the tasks that it had not begun are next.

        Returns the batch with the task.
        """
        found: Batch | None = None
        for batch in reversed(worker.batches):
            if batch.first <= task < batch.stop:
                found = batch
                for part in reversed(batch.around(task)):
                    self._queue.give_back(part)
            else:
                self._queue.give_back(batch)
        return found

    def take_from_lost(self, worker: WorkerHandle) -> list[Batch]:
        """A worker was lost with its machine: what it held runs elsewhere.

        Returns single tasks that were lost too often.
        """
        ended: list[Batch] = []
        for batch in reversed(worker.batches):
            times = self._losses.add(batch)
            if times < DOUBTFUL:
                self._queue.give_back(batch)
            elif times >= MOST and worker.by_itself and len(batch.items) == 1:
                ended.append(batch)
            else:
                self._doubtful.extend(parts(batch))
        return ended

    def give_back(self, batch: Batch) -> None:
        """Tasks that did not end: they are next."""
        self._queue.give_back(batch)

    def lacks_work(self) -> bool:
        """Whether a worker has nothing to do, while tasks wait behind others."""
        if self._queue.left or self._control.stopping or self._control.paused:
            return False
        idle = any(w.ready and not w.leaving and not w.batches for w in self._workers[: self._control.size])
        return idle and any(w.holds_others for w in self._workers)

    def call_back(self) -> None:
        """Call back tasks that wait behind a long one, or all waiting tasks if none may begin."""
        begin_none = self._control.stopping or self._control.paused
        lacks_work = self.lacks_work()
        for worker in self._workers:
            if not worker.holds_others:
                continue
            if begin_none or worker.home.retired or (lacks_work and worker.is_long_on_its_task()):
                for batch in reversed(worker.call_back()):
                    self._queue.give_back(batch)
