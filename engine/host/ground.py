"""What workers are started from: nothing to wait for, but under forkserver (`preload.py`)."""

from __future__ import annotations

from typing import Any

from .logs import AppendHandler


class BrokenRun(Exception):
    """The run cannot go on. `key` is the field of the job at fault, `details` a traceback or empty."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.key = key
        self.details = details


class Ground:
    """Ready at once."""

    ready = True
    """Whether workers can be started without waiting."""

    @property
    def sources(self) -> list[Any]:
        """What to listen to until it is ready."""
        return []

    def hear(self, log: AppendHandler) -> None:
        """One of the sources has something to say. Raises `BrokenRun`."""

    def look(self) -> None:
        """See whether it is still there, where it is not ready."""

    def close(self) -> None:
        """No worker is there any more, and none is wanted."""
