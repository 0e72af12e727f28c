"""`ThreadPool` and `ThreadPoolExecutor` stay the standard library's, and each of their calls is recorded."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import functools
import queue
import threading
import weakref
from types import ModuleType

from ...typed import Any
from . import recorded, sites
from .chunk import is_batch
from .parts import settled
from .traces import strip

SITE = "_poolhouse_site"
"""A result of a `ThreadPool` knows about its call: whether it is one of many, and where it was made;"""
STAGE = "_poolhouse_stage"
"""and its stage, once the first of its chunks runs."""

_staging = threading.Lock()


class Inqueue(queue.SimpleQueue[Any]):
    """Passes each call to a thread in a form that records it."""

    pool: Any
    stages: dict[int, int]

    def put(self, item: Any, *args: Any, **kwds: Any) -> None:
        super().put(settled(item), *args, **kwds)

    def get(self, *args: Any, **kwds: Any) -> Any:
        task = super().get(*args, **kwds)
        if task is None:
            recorded.left()
        return task if task is None else self._recorded(*task)

    def _recorded(self, job: int, place: int, function: Any, args: tuple[Any, ...], kwds: Any) -> Any:
        from multiprocessing import pool

        owner = self.pool()
        result = None if owner is None else owner._cache.get(job)
        shared, *site = getattr(result, SITE, (True, "", 0))
        where = str(site[0]), int(site[1])
        if function in (pool.mapstar, pool.starmapstar):  # pyright: ignore
            inner, batch = args[0]
            with _staging:
                stage = getattr(result, STAGE, None)
                if stage is None:
                    stage = recorded.recorder().stage(inner, where, shared)
                    setattr(result, STAGE, stage)
            calls = recorded.items(inner, stage, len(batch), function is pool.starmapstar)  # pyright: ignore
            return job, place, function, ((calls, batch),), kwds
        if function is pool._helper_reraises_exception:  # pyright: ignore
            return job, place, function, args, kwds
        return job, place, wrapped(function, where), args, kwds


class Outqueue(queue.SimpleQueue[Any]):
    """Takes results, and removes our frames from tracebacks of errors."""

    def put(self, item: Any, *args: Any, **kwds: Any) -> None:
        if item is not None and not item[2][0]:
            strip(item[2][1])
        super().put(item, *args, **kwds)


def wrapped(function: Any, site: tuple[str, int]) -> Any:
    """A call in a form that records it; for a batch of joblib's, each call in it."""
    batch = getattr(function, "func", function)
    if is_batch(batch):
        batch.items = [(recorded.call(inner, site), args, kwds) for inner, args, kwds in batch.items]
        return function
    return recorded.call(function, site)


def patch_pool(module: ModuleType) -> None:
    """Patch `ThreadPool` of `multiprocessing.pool`."""
    kind: Any = getattr(module, "ThreadPool")
    stock = kind._setup_queues

    def setup_queues(self: Any) -> None:
        stock(self)
        self._inqueue, self._outqueue = Inqueue(), Outqueue()
        self._inqueue.pool = weakref.ref(self)
        self._quick_put, self._quick_get = self._inqueue.put, self._outqueue.get

    kind._setup_queues = setup_queues


def note(result: Any, shared: bool) -> None:
    """A call of a `ThreadPool` was made."""
    setattr(result, SITE, (shared, *sites.caller(3)))


def patch_executor(module: ModuleType) -> None:
    """Patch `concurrent.futures.thread`."""
    kind: Any = getattr(module, "ThreadPoolExecutor")
    future: Any = getattr(module, "_base").Future
    stock_submit, stock_worker = kind.submit, getattr(module, "_worker")
    stock_set_exception = future.set_exception

    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        return stock_submit(self, wrapped(fn, sites.caller()), *args, **kwargs)

    def worker(*args: Any) -> None:
        try:
            stock_worker(*args)
        finally:
            recorded.left()

    def set_exception(self: Any, exception: Any) -> None:
        strip(exception)
        stock_set_exception(self, exception)

    kind.submit = functools.wraps(stock_submit)(submit)
    future.set_exception = functools.wraps(stock_set_exception)(set_exception)
    setattr(module, "_worker", worker)
