"""Keeps the outcomes of tasks: what is stored and counted, and what is tried again."""

from __future__ import annotations

import heapq
import logging
import struct
import time
from typing import Any

from .. import system
from ..inputs import STREAMED
from ..plan import Plan
from ..processes.worker import WorkerHandle
from ..record import packs, schema, wire
from ..record.store import Failure, Store, without_result
from ..record.values import short
from ..work.batch import Batch
from .sizer import Sizer

FIRST_BACKOFF = 0.1
"""Wait before a failed task is tried again, in seconds; it doubles with each attempt,"""
MAX_BACKOFF = 10.0
"""up to this."""


class Ledger:
    """The outcomes of one run. `ok` and `failed` count what the store was given; `commit` makes it last."""

    def __init__(self, plan: Plan, store: Store, sizer: Sizer) -> None:
        self._plan = plan
        self._store = store
        self._sizer = sizer
        self._earlier = store.attempts()
        """Failed attempts by task from before this host, of tasks without a result."""
        self._tries: dict[int, int] = {}
        """Failed attempts by task that this host has seen, of tasks that are tried again."""
        self._retries: list[tuple[float, int, Batch]] = []
        self.ok, self.failed = store.counts()
        self.memory: int | None = None
        """Bytes that a worker held at most, as far as any could say."""

    @property
    def ended(self) -> int:
        """Tasks that have an outcome."""
        return self.ok + self.failed

    @property
    def waiting(self) -> int:
        """Failed tasks that are to be tried again."""
        return len(self._retries)

    @property
    def next_retry(self) -> float | None:
        """When the first of them is due, on `system.clock`."""
        return self._retries[0][0] if self._retries else None

    def due(self, now: float) -> list[Batch]:
        """The tasks whose next attempt is due; they are waited for no more."""
        batches: list[Batch] = []
        while self._retries and self._retries[0][0] <= now:
            batches.append(heapq.heappop(self._retries)[2])
        return batches

    @property
    def too_many_failures(self) -> bool:
        """Whether the job is to stop for its failures."""
        return 0 < self._plan.stop_after_failures <= self.failed

    def forget_failed(self) -> list[tuple[int, int]]:
        """Failed tasks lose their outcome, where their inputs can be had again; gives them as spans.

        Their attempts stay, and are counted on.
        """
        spans = self._store.forget_failed(live=True)
        attempts = self._store.attempts()
        for first, stop in spans:
            self._earlier.update((task, attempts[task]) for task in range(first, stop))
            self.failed -= stop - first
        return spans

    def keep(self, worker: WorkerHandle, row: wire.Results, failed: list[wire.Failed]) -> None:
        """Keep what a worker sends. A failed task to be tried again comes alone, and its row is left out."""
        for f in failed:
            self._record(f.task, schema.STATUSES[f.status], f.message, worker, f.time, trace=f.traceback)
        batch = worker.batches[0]
        worker.answered(row.first + row.tasks)
        (start,), (end,) = struct.unpack("<d", row.starts[:8]), struct.unpack("<d", row.ends[-8:])
        self._sizer.learn(row.tasks, end - start, len(row.vals) + len(row.objects or b""))
        if row.tasks == 1 and failed and self._try_again(row.first, batch.items[row.first - batch.first]):
            return
        inputs = self._inputs(batch, row.first, row.tasks)
        self._store.results(worker.number, row, inputs)
        self.ok += row.tasks - len(failed)
        self.failed += len(failed)

    def died(
        self, worker: WorkerHandle, task: int, item: Any, code: int, how: str, signal_name: str | None
    ) -> None:
        """A worker ended on `task`, in the way that `how` says or for the host's own verdict."""
        now = time.time()
        status, cause = worker.verdict or (schema.DIED, f"The worker {how}")
        message = f"{cause} while on input {short(item)} (task {task})."
        logging.getLogger().error("Task %d failed: %s", task, message)
        self._record(task, schema.STATUSES[status], message, worker, now, exit_code=code, signal=signal_name)
        if not self._try_again(task, item):
            row = without_result(task, status, now - (system.clock() - worker.busy_since), now)
            self._store.results(worker.number, row, self._inputs(Batch(task, [item]), task, 1))
            self.failed += 1

    def cancelled(self, worker: WorkerHandle, task: int) -> None:
        """The run was stopped while `task` ran: it has no outcome."""
        message = "The run was stopped while this task ran."
        self._record(task, schema.CANCELLED, message, worker, time.time())

    def _inputs(self, batch: Batch, first: int, tasks: int) -> bytes | str | None:
        """The inputs of tasks, where the job does not tell them."""
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
    ) -> None:
        attempt = self._earlier.get(task, 0) + self._tries.get(task, 0) + 1
        self._store.failure(
            Failure(task, attempt, kind, message, trace, worker.number, exit_code, signal, at)
        )

    def _try_again(self, task: int, item: Any) -> bool:
        """Plan another attempt at a task that failed, if it has one left."""
        tries = self._tries.get(task, 0) + 1
        if tries > self._plan.retries:
            self._tries.pop(task, None)
            return False
        self._tries[task] = tries
        due = system.clock() + min(FIRST_BACKOFF * 2 ** (tries - 1), MAX_BACKOFF)
        heapq.heappush(self._retries, (due, task, Batch(task, [item])))
        return True
