"""Exceptions of tasks on their way to main, with the traceback that the library itself would have made."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from functools import partial
from importlib import import_module

from ...typed import Any, Callable, cast
from ..messages import MAP, ONE, STAR
from .traces import without_ours

FUTURES = "concurrent.futures.process"
"""Tells a worker that it belongs to a `ProcessPoolExecutor`: the module whose way it uses."""


class _Queue:
    """Both queues of a worker with a single call."""

    def __init__(self, call: Any) -> None:
        self._calls = [call, None]
        self.said: list[Any] = []

    def get(self, *_args: Any, **_kwds: Any) -> Any:
        return self._calls.pop(0)

    def put(self, said: Any) -> None:
        self.said.append(said)


def wrapped(way: bool | str, error: BaseException, kind: str) -> Any:
    """An exception of a call of this kind; `way` is `Pool`'s setting for wrapping, or a module."""
    error.__traceback__ = without_ours(error.__traceback__)
    if not way:
        return error
    if way is True:
        return _by_pool(error, kind)
    if way == FUTURES:
        return _by_futures(error, kind)
    made: Any = import_module(str(way))
    return made._ExceptionWithTraceback(error)


def initialize(
    way: bool | str, initializer: Callable[..., object], arguments: tuple[Any, ...]
) -> BaseException | None:
    """Call a worker's initializer; an executor calls it in its own way, which logs an exception.

    Returns an exception that was logged, and passes others on.
    """
    if way != FUTURES:
        initializer(*arguments)
        return None
    failed: list[BaseException] = []

    def call() -> None:
        try:
            initializer(*arguments)
        except BaseException as error:
            failed.append(error)
            raise

    process: Any = import_module(FUTURES)
    queue = _Queue(None)
    process._process_worker(queue, queue, call, ())
    return failed[0] if failed else None


def unpicklable(way: bool | str, error: Exception, value: Any, raised: BaseException | None) -> Any:
    """What main gets for a value that cannot be pickled, or for a task that has `raised` such an error."""
    if way == FUTURES:
        return _by_sending(error, value, raised)
    if isinstance(way, str):
        return wrapped(way, error, ONE)
    pool: Any = import_module("multiprocessing.pool")
    return pool.MaybeEncodingError(error, value)


def _by_sending(error: Exception, value: Any, raised: BaseException | None) -> Any:
    """Let an executor's own worker fail to send it; `error` is from our attempt."""
    from multiprocessing.queues import SimpleQueue

    class Queue(_Queue):
        def put(self, said: Any) -> None:
            cast("Any", SimpleQueue).put(self, said)
            self.said.append(said)

    class Nowhere:
        send_bytes = bytes

    process: Any = import_module(FUTURES)
    queue: Any = Queue(process._CallItem(0, _again(raised) if raised else lambda: value, (), {}))
    queue._wlock, queue._writer = None, Nowhere
    process._process_worker(queue, queue, None, ())
    failed = queue.said[0].exception
    return wrapped(FUTURES, error, ONE) if failed is None else failed


def _again(error: BaseException) -> Callable[..., Any]:
    """A function that raises an error again."""
    trace = error.__traceback__

    def again(*_args: Any) -> None:
        raise error.with_traceback(trace)

    return again


def _by_pool(error: BaseException, kind: str) -> Any:
    """Let the standard library's own worker fail with it, so that the traceback has its frames."""
    pool: Any = import_module("multiprocessing.pool")
    again = _again(error)
    calls: dict[str, tuple[Any, ...]] = {
        ONE: (again, ()),
        MAP: (pool.mapstar, ((again, [None]),)),
        STAR: (pool.starmapstar, ((again, [()]),)),
    }
    queue = _Queue((0, 0, *calls[kind], {}))
    pool.worker(queue, queue, None, (), None, True)
    return queue.said[0][2][1]


def _by_futures(error: BaseException, kind: str) -> Any:
    """The same, with an executor's worker."""
    process: Any = import_module(FUTURES)
    again = _again(error)
    call = (partial(process._process_chunk, again), ([()],)) if kind == STAR else (again, ())
    queue = _Queue(process._CallItem(0, *call, {}))
    process._process_worker(queue, queue, None, ())
    return queue.said[0].exception
