"""The source of workers: nothing to wait for, except under forkserver (`template.py`)."""

from __future__ import annotations

from multiprocessing import resource_tracker

from ..system import Selector
from ..typed import cast
from ..work.logs import AppendHandler


class NoTemplate:
    """Always ready."""

    ready = True
    """Whether workers can be started without waiting."""

    @property
    def pids(self) -> set[int]:
        """Processes that it has started."""
        tracker = vars(resource_tracker)["_resource_tracker"]
        pid = cast("int | None", vars(tracker)["_pid"])
        return set() if pid is None else {pid}

    def listen(self, selector: Selector, log: AppendHandler) -> None:
        """From now on, read its messages; calls may raise `BrokenRun`."""

    def look(self) -> None:
        """Check what has become of it."""

    def close(self) -> None:
        """Close it."""
