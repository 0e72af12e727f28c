"""How long a run has been active, without pauses and the time between its hosts."""

from __future__ import annotations

import time

from .. import system
from ..typed import Callable

KEEP_SECONDS = 10.0
"""The interval between two records of the time: a killed host loses no more than this."""


class Elapsed:
    """Seconds that the run has been active, including `before` this host. `note` records facts of the run."""

    def __init__(self, before: float, note: Callable[..., None]) -> None:
        self._before = before
        self._note = note
        self._since: float | None = system.clock()
        """When it became active, unless it is paused."""
        self.keep()

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._since is None else system.clock() - self._since)

    def turn(self, paused: bool) -> bool:
        """Pause or continue; returns whether that is a change."""
        if paused == (self._since is None):
            return False
        self._before, self._since = self.seconds, None if paused else system.clock()
        self.keep()
        return True

    def look(self, now: float) -> None:
        """Record it if that is due."""
        if self._since is not None and now >= self._kept_at + KEEP_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Record it."""
        self._kept_at = system.clock()
        self._note(ran=round(self.seconds, 3), ran_at=time.time())
