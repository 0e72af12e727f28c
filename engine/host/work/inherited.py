"""What a worker finds ready where it is a copy of a server that has loaded the user's function."""

from __future__ import annotations

import sys
from typing import Any, Callable, NamedTuple

from .logs import AppendHandler

ADDRESS = "POOLHOUSE_LOADS_FOR"
"""The variable that tells the server where the host listens."""


class Preloaded(NamedTuple):
    """The function, and where the process stood once it was loaded."""

    call: Callable[[Any], Any]
    log: AppendHandler
    folder: str
    path: list[str]
    argv: list[str]

    def take_over(self, current_task: Callable[[], int]) -> AppendHandler:
        """Be a process of its own: with its own random numbers, and a log that speaks of its own tasks."""
        numbers = sys.modules.get("numpy.random")
        if numbers is not None:
            numbers.seed()  # Python's own generator does that by itself
        self.log.current_task = current_task
        return self.log


found: Preloaded | None = None
"""Set in the server, and so in its copies."""
