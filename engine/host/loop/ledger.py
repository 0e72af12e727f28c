"""Keeps the outcomes of tasks: what is stored and counted, and what is retried."""

from __future__ import annotations

import heapq
import logging
import time

from .. import system
from ..inputs import STREAMED
from ..plan import Plan
from ..processes.worker import WorkerHandle
from ..record import packs, schema, wire
from ..record.display import short
from ..record.past import Past
from ..record.rows import NOTHING, Left, Row, without_result
from ..record.store import Failure, Store
from ..typed import Any
from ..work.batch import Batch
from .sizer import Sizer

FIRST_BACKOFF = 0.1
"""Seconds before a failed task is retried; doubled with each attempt,"""
MAX_BACKOFF = 10.0
"""up to this."""


class Ledger:
    """The outcomes of one run. `ok` and `failed` count what the store got; `commit` makes it durable."""

    def __init__(self, plan: Plan, store: Store, sizer: Sizer) -> None:
        self._plan = plan
        self._store = store
        self._sizer = sizer
        self._past = Past(store)
        self._tries: dict[int, tuple[int, int]] = {}
        """Of retried tasks: failures since the last retry request, and the number of the last attempt."""
        self._retries: list[tuple[float, int, Batch]] = []
        self.memory: int | None = None
        """The most bytes that a worker held, as far as known."""
        self.packages: dict[str, str] = {}
        """Versions of the packages that workers had loaded."""
        self.cpu = 0.0
        """CPU seconds of the tasks of workers that left normally,"""
        self.own_cpu = 0.0
        """of the workers' own threads, without those started by libraries,"""
        self.waited: float | None = 0.0
        """and for which these waited for a core; None if the system does not say."""
        self.intake = 0.0
        """Seconds of the tasks' time in which their inputs were unpickled."""
        self._looks = self._held = 0

    @property
    def ok(self) -> int:
        """Tasks with a result."""
        return self._store.ok

    @property
    def failed(self) -> int:
        return self._store.failed

    @property
    def lock_held(self) -> float | None:
        """How often a thread of a task held the interpreter's lock, 0 to 1; None if nobody could look."""
        return self._held / self._looks if self._looks else None

    def left(
        self,
        memory: int | None,
        packages: dict[str, str],
        cpu: float,
        own: float,
        waited: float | None,
        intake: float,
        looks: int,
        held: int,
    ) -> None:
        """A worker leaves, and reports what it held, had loaded, used and waited for."""
        self.intake += intake
        self._looks += looks
        self._held += held
        self.cpu += cpu
        self.own_cpu += own
        self.waited = None if waited is None or self.waited is None else self.waited + waited
        self.memory = max(self.memory or 0, memory or 0) or None
        self.packages.update(packages)

    def close(self) -> None:
        """No task runs any more."""
        self._past.close()

    @property
    def ended(self) -> int:
        """Tasks with an outcome."""
        return self.ok + self.failed

    @property
    def waiting(self) -> int:
        """Failed tasks that will be retried."""
        return len(self._retries)

    @property
    def next_retry(self) -> float | None:
        """When the first of them is due, on `system.clock`."""
        return self._retries[0][0] if self._retries else None

    def due(self, now: float) -> list[Batch]:
        """The tasks whose next attempt is due; they leave the waiting list."""
        batches: list[Batch] = []
        while self._retries and self._retries[0][0] <= now:
            batches.append(heapq.heappop(self._retries)[2])
        return batches

    @property
    def too_many_failures(self) -> bool:
        """Whether the job should stop because of its failures."""
        return 0 < self._plan.stop_after_failures <= self.failed

    def forget_failed(self, only: list[tuple[int, int]] | None) -> list[tuple[int, int]]:
        """Failed tasks lose their outcome if their inputs are available again; returns them as spans.

        With `only`, ordered spans, the others keep it. Their attempts stay, and are counted on.
        """
        return self._past.forget_failed(live=True, only=only)

    def keep(self, worker: WorkerHandle, row: Row, failed: list[wire.Failed]) -> None:
        """Store what a worker sends. A failed task that will be retried comes alone, without its row."""
        batch = worker.batches[0]
        worker.answered(row.first + row.tasks)
        size = len(row.vals or b"") + len(row.objects or b"")
        self._sizer.learn(row.tasks, row.end - row.start, size)
        again = row.tasks == 1 and bool(failed) and self._has_another_try(row.first)
        left = Left.told_of(row) if again else NOTHING
        for f in failed:
            status = schema.STATUSES[f.status]
            self._record(f.task, status, f.message, worker, f.time, trace=f.traceback, left=left)
        if again:
            self._try_again(row.first, batch.items[row.first - batch.first])
            return
        if row.tasks == 1:
            self._tries.pop(row.first, None)
        self._store.results(worker.number, row, self._inputs(batch, row.first, row.tasks))

    def died(
        self, worker: WorkerHandle, task: int, item: Any, code: int | None, how: str, signal_name: str | None
    ) -> None:
        """A worker ended on `task`; the status is in `how`, or is the host's verdict."""
        now = time.time()
        status, cause = worker.verdict or (schema.DIED, f"The worker {how}")
        message = f"{cause} while on input {short(item)} (task {task})."
        logging.getLogger().error("Task %d failed: %s", task, message)
        left, again = worker.left_by(task), self._has_another_try(task)
        self._record(
            task,
            schema.STATUSES[status],
            message,
            worker,
            now,
            worker.last_stack,
            exit_code=code,
            signal=signal_name,
            left=left if again else NOTHING,
        )
        if again:
            self._try_again(task, item)
            return
        self._tries.pop(task, None)
        row = without_result(task, status, now - (system.clock() - worker.busy_since), now, left)
        self._store.results(worker.number, row, self._inputs(Batch(task, [item]), task, 1))

    def cancelled(self, worker: WorkerHandle, task: int) -> None:
        """The run was stopped while `task` ran: it has no outcome."""
        message = "The run was stopped while this task ran."
        self._record(task, schema.CANCELLED, message, worker, time.time(), left=worker.left_by(task))

    def _inputs(self, batch: Batch, first: int, tasks: int) -> bytes | str | None:
        """The inputs of tasks, unless the job file contains them."""
        if self._plan.inputs["kind"] not in STREAMED:
            return None
        items = batch.items[first - batch.first :][:tasks]
        return items.kept if isinstance(items, packs.Pack) else packs.column(items)

    def _record(
        self,
        task: int,
        kind: str,
        message: str,
        worker: WorkerHandle,
        at: float,
        trace: str = "",
        exit_code: int | None = None,
        signal: str | None = None,
        left: Left = NOTHING,
    ) -> None:
        attempt = self._attempts(task)[1] + 1
        self._store.failure(
            Failure(task, attempt, kind, message, trace, worker.number, exit_code, signal, at, left)
        )

    def _attempts(self, task: int) -> tuple[int, int]:
        """Failures of a task since the last retry request, and all its failed attempts."""
        return self._tries.get(task) or (0, self._past.attempts(task))

    def _has_another_try(self, task: int) -> bool:
        """Whether a task that fails now will be retried."""
        return self._attempts(task)[0] < self._plan.retries

    def _try_again(self, task: int, item: Any) -> None:
        """Schedule another attempt at a task whose failure was recorded."""
        tries, attempts = self._attempts(task)
        self._tries[task] = tries + 1, attempts + 1
        due = system.clock() + min(FIRST_BACKOFF * 2**tries, MAX_BACKOFF)
        heapq.heappush(self._retries, (due, task, Batch(task, [item])))
