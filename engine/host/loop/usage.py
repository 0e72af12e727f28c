"""Samples the memory and processor time of worker processes during the run."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .. import system
from ..processes.worker import WorkerHandle
from ..record.store import Store

MOST_SAMPLES = 20_000
"""Are kept of a run. If there are more, every second moment is taken out, and it is looked half as often."""
MOST_PROCESSES = 64
"""Are looked at: to look at one takes some 20 us of the loop."""
LONGEST_WAIT = 10.0
"""A sample waits this long, at most, for a commit that has something else to bring."""


class UsageWatch:
    """Samples `workers`, the loop's list, when the loop is idle."""

    def __init__(self, store: Store, workers: Sequence[WorkerHandle]) -> None:
        self._store = store
        self._workers = workers
        self._step = 1
        """Seconds between two moments."""
        self.due = 0.0
        """When to look again, on `system.clock`."""
        self._committed_at = system.clock()
        self._samples = store.db.execute("SELECT count(*) FROM usage").fetchone()[0]
        while self._samples > MOST_SAMPLES:
            self._thin_out()

    def look(self, now: float) -> None:
        """Note what each process takes."""
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
