"""What a worker finds ready if it is a copy of a server that has loaded the user's function."""

from __future__ import annotations

import atexit
import multiprocessing
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from ..typed import Any, Callable, NamedTuple
from .function import Loaded
from .logs import AppendHandler

AtExit = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]
ADDRESS = "POOLHOUSE_LOADS_FOR"
"""The variable with the address at which the host listens."""


class Preloaded(NamedTuple):
    """The function, and the state of the process once it was loaded."""

    loaded: Loaded
    log: AppendHandler
    folder: str
    path: list[str]
    argv: list[str]
    main: ModuleType
    """What is `__main__` for the user's code."""
    start_method: str | None
    """The start method that the user's module has set for its own pools."""
    at_exit: list[AtExit]
    """What the module had registered for the process's end. Newer versions of Python clear that in a copy."""

    def stand_in(self) -> None:
        """Restore the state of the process when the function was loaded."""
        sys.path, sys.argv = self.path, self.argv
        sys.modules["__main__"] = sys.modules["__mp_main__"] = self.main
        if self.start_method is not None:
            multiprocessing.set_start_method(self.start_method, force=True)

    def take_over(self, current_task: Callable[[], int]) -> AppendHandler:
        """Become a separate process: with its own random numbers, and a log with its own tasks."""
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
    """Yield what is registered with `atexit` in here, as it happens."""
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
