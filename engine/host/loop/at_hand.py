"""Records which tasks workers are on, for those who read the run folder during the run."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .. import system
from ..processes.worker import WorkerHandle
from ..record.store import Store

STEP = 0.5
"""Seconds between two checks, if no commit asks meanwhile,"""
FEW = 64
"""or if there are more workers: recording what they do takes too long for each commit."""
MOST_WORKERS = 4_096
"""The most workers that are recorded."""

Task = tuple[int, int, float]
"""Worker, task, and since when, in seconds since the epoch."""


class AtHand:
    """Watches `workers`, the loop's own list. A commit takes along what is new, or one is started for it."""

    def __init__(self, store: Store, workers: Sequence[WorkerHandle]) -> None:
        self._store = store
        self._workers = workers
        self._known: dict[int, tuple[int, float]] = {}
        """The recorded task of each worker, and since when."""
        self.due = 0.0
        """When to check again, on `system.clock`."""
        self._looked_at = 0.0
        self._is_over = False
        store.at_hand = self._news

    def look(self, now: float) -> None:
        """Start a commit for what is new, unless one has taken it along."""
        if now >= self._looked_at + STEP and self._seen().keys() != self._told():
            self._store.commits.begin()
        self.due = now + STEP

    def end(self) -> None:
        """No task runs any more."""
        self._is_over = True
        if self._known:
            self._store.commits.begin()

    def _told(self) -> set[tuple[int, int]]:
        return {(worker, task) for worker, (task, _) in self._known.items()}

    def _seen(self) -> dict[tuple[int, int], WorkerHandle]:
        """Who is on which task, by number of worker and task."""
        if self._is_over:
            return {}
        pairs = ((worker, _task_of(worker)) for worker in self._workers[:MOST_WORKERS])
        return {(worker.number, task): worker for worker, task in pairs if task >= 0}

    def _news(self) -> list[Task] | None:
        now = system.clock()
        is_early = len(self._workers) > FEW and now < self._looked_at + STEP
        if is_early and not self._is_over:
            return None
        self._looked_at = now
        seen = self._seen()
        if seen.keys() == self._told():
            return None
        wall = time.time()
        self._known = {
            number: (task, self._since(worker, task, now, wall)) for (number, task), worker in seen.items()
        }
        return [(worker, task, since) for worker, (task, since) in self._known.items()]

    def _since(self, worker: WorkerHandle, task: int, now: float, wall: float) -> float:
        known, since = self._known.get(worker.number, (-1, wall))
        if known == task:
            return since
        is_first = bool(worker.batches) and worker.batches[0].first == task
        return wall - (now - worker.busy_since) if is_first else wall


def _task_of(worker: WorkerHandle) -> int:
    """The task that a worker is on, or is about to begin; negative if it has none."""
    if worker.given_up or not worker.batches:
        return -1
    return max(worker.task, worker.batches[0].first)  # the slot may still show a task that has been answered
