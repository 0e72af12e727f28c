"""Calls that cannot be pickled: the standard library's own code fails with them, so its frames are there."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import traceback
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.queues import Queue

from ...typed import Any, Callable, cast


class _Nowhere:
    """A connection, as far as its `send` is concerned."""

    def _check_closed(self) -> None:
        """It is open."""

    _check_writable = _check_closed

    def _send_bytes(self, _data: object) -> None:
        """Nobody listens."""


def by_connection(task: Any, error: Exception) -> Exception:
    """The error of a task of `multiprocessing.pool`; `error` is that of our own attempt."""
    try:
        Connection.send(cast("Any", _Nowhere()), task)
    except Exception as raised:
        return raised
    return error


class _Feeder(Queue):  # pyright: ignore[reportMissingTypeArgument]
    """The queue of calls of an executor, which reports how the thread that feeds it fails."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        super().__init__(ctx=get_context("fork"))
        self._failed = failed

    def _on_queue_feeder_error(self, e: Exception, _obj: object) -> None:
        self._failed(e)


def by_feeder(
    call: tuple[Any, tuple[Any, ...], dict[str, Any]], error: Exception, failed: Callable[[Exception], None]
) -> None:
    """Call `failed` with the error of an executor's call, soon and in another thread."""
    process: Any = import_module("concurrent.futures.process")

    def report(raised: Exception) -> None:
        text = "".join(traceback.format_exception(type(raised), raised, raised.__traceback__))
        raised.__cause__ = process._RemoteTraceback(f'\n"""\n{text}"""')
        failed(raised)

    def sent(_data: object) -> None:
        failed(error)  # this time it could be pickled

    queue: Any = _Feeder(report)
    queue._send_bytes = sent
    queue.put(process._CallItem(0, *call))
    queue.close()
