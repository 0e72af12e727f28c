"""`ProcessPoolExecutor` over a pool of ours: futures stay the standard library's, workers are the pool's."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import functools
import os
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from types import ModuleType

from ...typed import Any, cast
from . import sites, state
from .raised import FUTURES

AHEAD = 1
"""How many more futures than workers are submitted, as in the standard library; others can be cancelled."""


def patch(module: ModuleType) -> None:
    """Patch `concurrent.futures.process`."""
    executor: Any = module.ProcessPoolExecutor
    stock_shutdown, stock_map = executor.shutdown, executor.map
    crews: weakref.WeakSet[Crew] = weakref.WeakSet()
    executors: weakref.WeakSet[Any] = weakref.WeakSet()

    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        with self._shutdown_lock:
            crew = _crew_of(self)
            if broken := self._broken or (crew is not None and crew.broken):
                raise module.BrokenProcessPool(broken)
            if self._shutdown_thread:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if module._global_shutdown:
                raise RuntimeError("cannot schedule new futures after interpreter shutdown")
            if crew is None:
                crew = self._poolhouse_crew = _crew_for(self, module)
                self._processes = Processes(crew.pool)
                crews.add(crew)
                executors.add(self)
                weakref.finalize(self, crew.shut).atexit = False
            future = module._base.Future()
            crew.add(future, fn, args, kwargs, sites.caller())
            return future

    def shutdown(self: Any, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._shutdown_lock:
            self._shutdown_thread = True
            crew = _crew_of(self)
        if crew is not None:
            crew.shut(cancel_futures)
            if wait:
                crew.join()
        stock_shutdown(self, wait, cancel_futures=cancel_futures)

    def drain() -> None:
        for used in list(executors):
            used._shutdown_thread = True
        for crew in list(crews):
            crew.shut()
            crew.join()

    def call_map(self: Any, fn: Any, *iterables: Any, **kwargs: Any) -> Any:
        crew = _crew_of(self)
        if crew is not None:
            crew.link.begin_stage()
        return stock_map(self, fn, *iterables, **kwargs)

    executor.submit = functools.wraps(executor.submit)(submit)
    executor.shutdown = functools.wraps(stock_shutdown)(shutdown)
    executor.map = functools.wraps(stock_map)(call_map)
    os.register_at_fork(after_in_child=crews.clear)  # a child waits for none of its parent's futures
    register: Any = getattr(threading, "_register_atexit")
    register(drain)


def _crew_of(executor: object) -> Crew | None:
    return cast("Crew | None", vars(executor).get("_poolhouse_crew"))


def _crew_for(executor: Any, module: ModuleType) -> Crew:
    """The crew that runs the futures of an executor."""
    from multiprocessing import pool

    class ExecutorPool(pool.Pool):
        _poolhouse_name = "ProcessPoolExecutor"
        _poolhouse_refusal = module.BrokenProcessPool
        _wrap_exception = FUTURES

    most = state.host().workers or executor._max_workers
    forks = executor._mp_context.get_start_method() == "fork"
    is_on_demand = getattr(executor, "_safe_to_dynamically_spawn_children", not forks)
    workers = ExecutorPool(
        1 if is_on_demand else most,
        executor._initializer,
        executor._initargs,
        getattr(executor, "_max_tasks_per_child", None),
        executor._mp_context,
    )
    _take_back_two_numbers()
    return ExecutorCrew(workers, most)


def _take_back_two_numbers() -> None:
    """A pool has three numbered threads, an executor one; threads of the script are named by the next."""
    threads: Any = threading
    threads._counter = count(threads._counter() - 2).__next__


class Processes(Mapping[int, Any]):
    """The private `_processes` of an executor, through which scripts end its workers."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def copy(self) -> dict[int, Any]:
        return {worker.pid: worker for worker in self._pool._pool if worker.pid is not None}

    def __getitem__(self, pid: int) -> Any:
        return self.copy()[pid]

    def __iter__(self) -> Iterator[int]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self.copy())


class Crew:
    """The workers of an executor, which are one of our pools, and the futures that wait for them."""

    def __init__(self, pool: Any) -> None:
        from multiprocessing.pool import ApplyResult

        self.pool = pool
        self.link: Any = pool._inqueue.link
        self._result: Any = ApplyResult
        self._putting = threading.RLock()
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Any, ...]] = deque()
        """The future of each, its function, arguments, and where it was submitted."""
        self._out = 0
        self._is_shut = False

    @property
    def broken(self) -> str:
        """Why no worker can run anything, if that is so."""
        return self.link.broken

    def add(
        self, future: Any, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], site: tuple[str, int]
    ) -> None:
        with self._changed:
            self._waiting.append((future, fn, args, kwargs, site))
        self._feed()

    def _feed(self) -> None:
        """Submit as many futures as allowed."""
        while True:
            with self._changed:
                if self._out >= self.pool._processes + AHEAD or not self._waiting:
                    self._changed.notify_all()
                    if self._is_shut and not self._out and not self._waiting:
                        self.pool.close()
                    return
                future, fn, args, kwargs, site = self._waiting.popleft()
                if not future.set_running_or_notify_cancel():
                    continue
                self._out += 1
            with self._putting:  # without the pool's feeder: one thread less for each call
                self.link.site = site
                result = self._result(self.pool, *self._callbacks(future))
                self._put(result, fn, args, kwargs)

    def _put(self, result: Any, *call: Any) -> None:
        try:
            self.link.put((result._job, 0, *call))
        except Exception as error:
            result._set(0, (False, error))

    def _callbacks(self, future: Any) -> tuple[Any, Any]:
        def done(value: Any) -> None:
            self._is_back()
            future.set_result(value)

        def failed(error: BaseException) -> None:
            self._is_back()
            future.set_exception(error)

        return done, failed

    def _is_back(self) -> None:
        with self._changed:
            self._out -= 1
        self._feed()

    def shut(self, cancel_futures: bool = False) -> None:
        """No more futures come; with `cancel_futures`, those not yet submitted are cancelled."""
        with self._changed:
            self._is_shut = True
            if cancel_futures:
                while self._waiting:
                    self._waiting.popleft()[0].cancel()
        self._feed()

    def join(self) -> None:
        """Wait until all futures are done, and the workers are gone."""
        with self._changed:
            while self._waiting or self._out:
                self._changed.wait()
        self.pool.close()
        if threading.current_thread() is not self.pool._result_handler:
            self.pool.join()


class ExecutorCrew(Crew):
    """That of a `ProcessPoolExecutor`, which starts workers as they are needed, unless it forks them."""

    def __init__(self, pool: Any, most: int) -> None:
        super().__init__(pool)
        self._most = most

    def add(
        self, future: Any, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], site: tuple[str, int]
    ) -> None:
        with self._changed:
            needed = min(self._most, self._out + len(self._waiting) + 1)
        if needed > self.pool._processes:
            self.link.grow(needed)
        super().add(future, fn, args, kwargs, site)

    def _put(self, result: Any, *call: Any) -> None:
        try:
            self.link.put((result._job, 0, *call))
        except Exception as error:
            from .unsent import by_feeder

            by_feeder(cast("Any", call), error, lambda raised: result._set(0, (False, raised)))
