"""What workers are started from: nothing to wait for, but under forkserver (`preload.py`)."""

from __future__ import annotations

from typing import Any

from ..work.logs import AppendHandler


class NoTemplate:
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
