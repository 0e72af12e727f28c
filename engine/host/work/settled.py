"""Finishes the result of a call: a coroutine is awaited, a generator becomes a list of what it yields."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import suppress
from contextvars import ContextVar

from ..typed import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # importing it takes longer than the start of a worker
    from asyncio import AbstractEventLoop, Task


class Settler:
    """Has one event loop for all tasks of a worker: what they keep open in it outlives a task."""

    def __init__(self) -> None:
        self._loop: AbstractEventLoop | None = None

    def settled(self, value: Any) -> Any:
        """The final value of `value`, which a call has just returned."""
        kind = cast("type[Any]", type(value))
        if kind is str or kind is bytes or kind is list or kind is tuple or kind is dict:
            return value
        if _is_a(kind, Coroutine):
            return self.settled(self.run(value))
        if _is_a(kind, AsyncGenerator):
            return self.run(_listed(value))
        if _is_a(kind, Generator):
            return list(value)
        return value

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine; tasks that it leaves running are cancelled, as by asyncio.run.

        Otherwise they would continue during the next call, which would be blamed for them.
        """
        loop = self._usable_loop()
        try:
            return loop.run_until_complete(coroutine)
        except Exception:
            raise
        except BaseException:  # it may have left the loop in the middle of a step
            self._loop = None
            raise
        finally:
            if self._loop is not None and not loop.is_closed():
                _cancel_left(loop)

    def _usable_loop(self) -> AbstractEventLoop:
        """The worker's loop; a new one if user code has closed it or left it running."""
        import asyncio

        loop = self._loop
        if loop is None or loop.is_closed() or loop.is_running():
            loop = self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        return loop


class SharedSettler(Settler):
    """Has one event loop for the tasks of all threads, in a separate thread, created when needed."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine beside those of other threads, and wait for it."""
        import asyncio

        return asyncio.run_coroutine_threadsafe(_alone(coroutine), self._running_loop()).result()

    def _running_loop(self) -> AbstractEventLoop:
        import asyncio

        with self._lock:
            loop = self._loop
            if loop is None or loop.is_closed():
                loop = self._loop = asyncio.new_event_loop()
                loop.set_task_factory(_started)
                ready = threading.Event()
                loop.call_soon(ready.set)
                threading.Thread(target=_serve, args=(loop,), name="Event loop", daemon=True).start()
                ready.wait()
            return loop


_begun: ContextVar[set[Task[Any]] | None] = ContextVar("poolhouse_begun", default=None)
"""The asyncio tasks that the running coroutine has started, and those that they have started."""


def _serve(loop: AbstractEventLoop) -> None:
    import asyncio

    asyncio.set_event_loop(loop)
    while not loop.is_closed():
        with suppress(BaseException):  # SystemExit of one task may leave or stop the loop
            loop.run_forever()


def _started(loop: AbstractEventLoop, coroutine: Any, **options: Any) -> Task[Any]:
    """An asyncio task, recorded where it was started."""
    import asyncio

    task: Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    begun = _begun.get()
    if begun is not None:
        begun.add(task)
        task.add_done_callback(begun.discard)
    return task


async def _alone(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine. Tasks that it leaves running are cancelled, as by asyncio.run."""
    import asyncio

    begun: set[Task[Any]] = set()
    _begun.set(begun)
    try:
        return await coroutine
    finally:
        left = list(begun)
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)


def _is_a(kind: type[Any], known: type[Any]) -> bool:
    try:
        return issubclass(kind, known)
    except Exception:  # a metaclass that makes classes unhashable or not comparable
        return False


async def _listed(values: AsyncGenerator[Any, None]) -> list[Any]:
    return [value async for value in values]


def _cancel_left(loop: AbstractEventLoop) -> None:
    import asyncio

    tasks = asyncio.all_tasks(loop)
    if tasks:
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
