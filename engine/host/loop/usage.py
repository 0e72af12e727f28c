"""Samples the memory and processor time of worker processes during the run."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .. import system
from ..processes.worker import WorkerHandle
from ..record.store import Store

MOST_SAMPLES = 20_000
"""The most samples of a run. Beyond that, every second moment is removed, and the interval doubles."""
MOST_PROCESSES = 64
"""The most processes that are sampled: each takes about 20 us of the loop."""
LONGEST_WAIT = 10.0
"""Seconds that a sample waits for a commit with other content."""


class UsageWatch:
    """Samples `workers`, the loop's list, when the loop is idle."""

    def __init__(self, store: Store, workers: Sequence[WorkerHandle]) -> None:
        self._store = store
        self._workers = workers
        self._step = 1
        """Seconds between two samples."""
        self.due = 0.0
        """When to sample again, on `system.clock`."""
        self._committed_at = system.clock()
        self._samples = store.db.execute("SELECT count(*) FROM usage").fetchone()[0]
        while self._samples > MOST_SAMPLES:
            self._thin_out()

    def look(self, now: float) -> None:
        """Record what each process uses."""
        wall = time.time()
        self.due = now + self._step - wall % self._step
        samples: list[tuple[int, int, float]] = []
        seen: set[int] = set()
        for worker in self._workers:
            if worker.pid in seen or not worker.ready or worker.home.is_remote:
                continue
            if len(seen) == MOST_PROCESSES:
                break
            seen.add(worker.pid)
            if taken := system.usage(worker.pid):
                samples.append((worker.home.workers[0].number, *taken))
        if not seen:  # as soon as there is one, unless they are on other machines
            self.due = self.due if any(worker.home.is_remote for worker in self._workers) else now
            return
        self._store.usage(int(wall) // self._step * self._step, samples)
        self._samples += len(samples)
        if not self._store.usage_waiting:
            self._committed_at = now
        elif now >= self._committed_at + LONGEST_WAIT:
            self._committed_at = now
            self._store.commits.begin()
        if self._samples > MOST_SAMPLES:
            self._thin_out()

    def _thin_out(self) -> None:
        self._step *= 2
        self._store.change("DELETE FROM usage WHERE moment % ? <> 0", (self._step,))
        self._samples //= 2
