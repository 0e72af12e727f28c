"""The size of the next batch, from how long the last ones took."""

from __future__ import annotations

import math

TARGET_SECONDS = 0.04
"""How long a batch should take: long enough for cheap messages, short enough for a live display."""
FAR_TARGET_SECONDS = 0.5
"""The same, if workers are on other machines."""
TARGET_BYTES = 4 << 20
"""A batch's inputs or results should stay below this."""
SHORTEST_SECONDS = 0.0005
"""Towards the end batches shrink, but not below this: workers that finish this far apart finish together."""
FAR_SHORTEST_SECONDS = 0.1
"""The same, if workers are on other machines: a message takes longer than a shorter batch."""
GROWTH = 16
"""A batch has at most this many times the tasks of the longest one before."""


class Sizer:
    """The size of the next batch, from how long the last ones took."""

    def __init__(self, fixed: int, workers: int, far: bool = False) -> None:
        """With `far`, workers are on other machines: a message takes longer."""
        self._fixed = fixed
        self.workers = workers
        self.far = far
        self._target = FAR_TARGET_SECONDS if far else TARGET_SECONDS
        self._shortest = FAR_SHORTEST_SECONDS if far else SHORTEST_SECONDS
        self._last = 0
        self._seconds = 0.0
        self._bytes = 0.0

    def learn(self, tasks: int, seconds: float, size: int) -> None:
        """Record a batch that took `seconds` in its worker and `size` bytes in messages."""
        each, each_bytes = seconds / tasks, size / tasks
        if self._seconds:
            # A slowdown counts immediately, a speed-up gradually: rather too short a batch than too long.
            weight = 0.5 if each < self._seconds else 1.0
            self._seconds += weight * (each - self._seconds)
            self._bytes = max(each_bytes, self._bytes * 0.5)
        else:
            self._seconds, self._bytes = max(each, 1e-9), each_bytes
        self._last = max(self._last, tasks)

    def next(self, left: int) -> int:
        """The number of tasks of the next batch, when `left` are not handed out."""
        if self._fixed:
            return self._fixed
        if not self._last:
            return 1
        size = min(self._target / self._seconds, TARGET_BYTES / max(self._bytes, 1.0))
        fair = max(math.ceil(left / (4 * max(1, self.workers))), int(self._shortest / self._seconds))
        return max(1, min(int(size), self._last * GROWTH, fair))

    @property
    def ahead(self) -> bool:
        """Whether a worker should hold a second batch: if tasks are too short to wait for the host."""
        return bool(self._last) and (self.far or self._seconds < self._target)
