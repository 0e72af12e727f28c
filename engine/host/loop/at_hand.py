"""Records which tasks workers are on, for those who read the run folder during the run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice

from .. import system
from ..record.store import Store
from ..typed import TYPE_CHECKING, Callable, NamedTuple

if TYPE_CHECKING:
    from ..processes.worker import WorkerHandle

STEP = 0.5
"""Seconds between two checks, if no commit asks meanwhile,"""
FEW = 64
"""or if more workers are busy: to write down what they do takes too long for each commit."""
MOST_WORKERS = 4_096
"""The most workers that are recorded."""


class Hand(NamedTuple):
    """A worker and the task that it is on."""

    worker: int
    task: int
    since: float | None
    """On `system.clock`; None if the task was not the first of those that the worker was given."""


class AtHand:
    """Asks `hands` who is on which task. A commit takes along what is new, or one is begun for it."""

    def __init__(self, store: Store, hands: Callable[[], Iterable[Hand]]) -> None:
        self._store = store
        self._hands = hands
        self._known: dict[int, tuple[int, float]] = {}
        """Of each worker the task that was told, and since when: seconds since the epoch."""
        self.due = 0.0
        """When to check again, on `system.clock`."""
        self._looked_at = 0.0
        self._is_over = False
        store.before_commit.append(self._tell)

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

    def _seen(self) -> dict[tuple[int, int], float | None]:
        """Since when who is on which task, by number of worker and task."""
        if self._is_over:
            return {}
        return {(worker, task): since for worker, task, since in islice(self._hands(), MOST_WORKERS)}

    def _tell(self) -> None:
        now = system.clock()
        if len(self._known) > FEW and now < self._looked_at + STEP and not self._is_over:
            return
        self._looked_at = now
        seen = self._seen()
        if seen.keys() == self._told():
            return
        wall = time.time()
        self._known = {
            worker: (task, self._since(worker, task, wall if since is None else wall - (now - since), wall))
            for (worker, task), since in seen.items()
        }
        told = [(worker, task, since) for worker, (task, since) in self._known.items()]
        self._store.tasks_at_hand(told)

    def _since(self, worker: int, task: int, begun: float, wall: float) -> float:
        known, since = self._known.get(worker, (-1, wall))
        return since if known == task else begun


def hands_of(workers: Iterable[WorkerHandle]) -> Iterator[Hand]:
    """The tasks that workers are on or about to begin."""
    for worker in workers:
        if worker.given_up or not worker.batches:
            continue
        first = worker.batches[0].first
        task = max(worker.task, first)  # what it has answered it may still seem to be on
        yield Hand(worker.number, task, worker.busy_since if task == first else None)
