"""What a worker finds ready where it is a copy of a server that has loaded the user's function."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Callable, NamedTuple

from .logs import AppendHandler

AtExit = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]
ADDRESS = "POOLHOUSE_LOADS_FOR"
"""The variable that tells the server where the host listens."""


class Preloaded(NamedTuple):
    """The function, and where the process stood once it was loaded."""

    call: Callable[[Any], Any]
    log: AppendHandler
    folder: str
    path: list[str]
    argv: list[str]
    at_exit: list[AtExit]
    """What the module had registered for its process' end. Newer versions of Python clear that in a copy."""

    def take_over(self, current_task: Callable[[], int]) -> AppendHandler:
        """Be a process of its own: with its own random numbers, and a log that speaks of its own tasks."""
        numbers = sys.modules.get("numpy.random")
        if numbers is not None:
            numbers.seed()  # Python's own generator does that by itself
        if vars(atexit)["_ncallbacks"]() < len(self.at_exit):
            for action, args, named in self.at_exit:
                atexit.register(action, *args, **named)
        self.log.current_task = current_task
        return self.log


found: Preloaded | None = None
"""Set in the server, and so in its copies."""


@contextmanager
def noting_exits() -> Generator[list[AtExit], None, None]:
    """Give what is registered with `atexit` in here, as it comes."""
    noted: list[AtExit] = []
    register = atexit.register

    def note(action: Callable[..., object], *args: Any, **named: Any) -> Callable[..., object]:
        noted.append((action, args, named))
        return register(action, *args, **named)

    setattr(atexit, "register", note)  # noqa: B010
    try:
        yield noted
    finally:
        setattr(atexit, "register", register)  # noqa: B010
