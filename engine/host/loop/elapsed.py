"""How long a run has run, without pauses and the time between its hosts."""

from __future__ import annotations

import time
from typing import Callable

from .. import system

KEEP_SECONDS = 10.0
"""The time is written down this often: a host that is killed loses no more of it."""


class Elapsed:
    """Seconds that the run has run, with those `before` this host. `note` writes facts of the run down."""

    def __init__(self, before: float, note: Callable[..., None]) -> None:
        self._before = before
        self._note = note
        self._since: float | None = system.clock()
        """When it began to run, unless it is paused."""
        self.keep()

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._since is None else system.clock() - self._since)

    def turn(self, paused: bool) -> bool:
        """It is paused, or continues; returns whether that is new."""
        if paused == (self._since is None):
            return False
        self._before, self._since = self.seconds, None if paused else system.clock()
        self.keep()
        return True

    def look(self, now: float) -> None:
        """Store it if that is due."""
        if self._since is not None and now >= self._kept_at + KEEP_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Store it."""
        self._kept_at = system.clock()
        self._note(ran=round(self.seconds, 3), ran_at=time.time())
