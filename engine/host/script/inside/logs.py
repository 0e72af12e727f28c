"""Copies what the script logs to run.log; its own logging stays as it is."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from types import ModuleType

from ...typed import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ...work.logs import AppendHandler

FORMAT = "%(asctime)s - %(processName)s - %(name)s - %(levelname)s - %(message)s"
NO_TASK = -1

_handlers: list[AppendHandler] = []
_task: list[Callable[[], int]] = [lambda: NO_TASK]
"""Tells the task that this process is on."""
_tell: list[Callable[[int, int, int], object] | None] = [None]
"""Is told of each line that this process writes: the task, an offset and a length."""


def patch(module: ModuleType) -> None:
    """Patch `logging`: each record that passes its logger is ours too, whatever handlers there are."""
    logger: Any = module.Logger
    stock = logger.callHandlers

    def call_handlers(self: Any, record: Any) -> None:
        handler().handle(record)
        stock(self, record)

    logger.callHandlers = call_handlers


def handler() -> AppendHandler:
    """The handler for run.log, created with the first record."""
    if not _handlers:
        import logging
        import os

        from ...record import schema
        from ...work.logs import AppendHandler
        from . import state

        made = AppendHandler(os.path.join(state.host().folder, schema.LOG), "", _current)
        made.setFormatter(logging.Formatter(FORMAT))
        made.tell = _tell[0]
        _handlers.append(made)
    return _handlers[0]


def _current() -> int:
    return _task[0]()


def is_in_use() -> bool:
    """Whether anything was logged in this process or the one it was forked from."""
    return bool(_handlers)


def tell_task(current: Callable[[], int]) -> None:
    """From now on, `current` returns the task of this process."""
    _task[0] = current


def be_told(tell: Callable[[int, int, int], object] | None) -> None:
    """From now on, `tell` is told of each line that this process writes while it is on a task."""
    _tell[0] = tell
    for made in _handlers:
        made.tell = tell
