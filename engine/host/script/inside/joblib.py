"""joblib's `Parallel` over our pools, which are backends under the names that it already knows."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import gc
from concurrent.futures import Future
from importlib import import_module
from multiprocessing import pool
from multiprocessing.context import SpawnContext, SpawnProcess, get_spawning_popen

from ...typed import Any, Callable, cast
from . import children, sites, state
from .executors import Crew
from .pickling import Pickling

LOKY = "joblib.externals.loky"
HANDING_OVER = ("submit", "apply_async", "wrap_future_result", "retrieve_result_callback")
"""Methods that hand over calls and take results; each version of joblib has some of them."""
WRAP = f"{LOKY}.process_executor"
"""The module whose way of wrapping exceptions a worker uses."""


def patch(module: Any) -> None:
    """Register our backends with `joblib.parallel`."""
    backends: Any = import_module("joblib._parallel_backends")
    if getattr(backends, "mp", None) is None:  # joblib was told not to use processes
        return
    for name, make in (("loky", _loky), ("multiprocessing", _multiprocessing)):
        module.register_parallel_backend(name, make(backends))


# how calls and results travel


class ByLoky(Pickling):
    """By cloudpickle, with large arrays in files that everybody maps."""

    def __init__(self, for_calls: Any, for_results: Any) -> None:
        self._for_calls = for_calls
        self._for_results = for_results

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (None, self._for_results)

    def calls(self, call: Any) -> bytes:
        return self._dumps(call, self._for_calls)

    def results(self, value: Any) -> bytes:
        return self._dumps(value, self._for_results)

    def _dumps(self, value: Any, reducers: Any) -> bytes:
        return bytes(import_module(f"{LOKY}.backend.reduction").dumps(value, reducers))

    def unsent(self, task: Any, error: Exception) -> Exception:
        del task
        import traceback
        from pickle import PicklingError

        raised = PicklingError("Could not pickle the task to send it to the workers.")
        trace = "".join(traceback.format_exception(type(error), error, None))
        raised.__cause__ = import_module(WRAP)._RemoteTraceback(trace)
        return raised


class ByPickle(ByLoky):
    """By pickle itself, with arrays likewise."""

    def _dumps(self, value: Any, reducers: Any) -> bytes:
        from io import BytesIO

        buffer = BytesIO()
        import_module("joblib.pool").CustomizablePickler(buffer, reducers).dump(value)
        return buffer.getvalue()

    def unsent(self, task: Any, error: Exception) -> Exception:
        del task
        return error.with_traceback(None)


# workers


class LokyProcess(SpawnProcess):
    """Begins like loky's workers: without importing main, and with limited threads of libraries."""

    environment: dict[str, str]

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - stock's name
        with children.bare(process_obj.environment):
            return SpawnProcess._Popen(process_obj)  # pyright: ignore


class LokyContext(SpawnContext):
    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__()
        self._environment = environment

    def Process(self, *args: Any, **kwds: Any) -> LokyProcess:  # pyright: ignore # noqa: N802
        made = LokyProcess(*args, **kwds)
        made.environment = self._environment
        return made


class Tracker:
    """Travels to a worker: loky's count of who still maps a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        tracker = import_module(f"{LOKY}.backend.resource_tracker")._resource_tracker
        tracker.ensure_running()
        spawning: Any = get_spawning_popen()
        return _share_tracker, (tracker._pid, spawning.duplicate_for_child(tracker._fd))


def _share_tracker(pid: int, fd: int) -> None:
    tracker = import_module(f"{LOKY}.backend.resource_tracker")._resource_tracker
    tracker._pid, tracker._fd = pid, fd


def _begin(depth: int, _tracker: Any, initializer: Callable[..., object] | None, *initargs: Any) -> None:
    """Be one of loky's workers, at this depth of nesting."""
    setattr(import_module(WRAP), "_CURRENT_DEPTH", depth)
    if initializer is not None:
        initializer(*initargs)


class ParallelPool(pool.Pool):
    """Workers of `Parallel`."""

    _poolhouse_name = "Parallel"
    _wrap_exception = WRAP

    def __init__(self, pickling: Pickling, *args: Any, **kwds: Any) -> None:
        self._poolhouse_pickling = pickling
        self._poolhouse_refusal = import_module(WRAP).TerminatedWorkerError
        super().__init__(*args, **kwds)


class Workers:
    """The workers of a backend, in the role of joblib's loky executor."""

    def __init__(self, size: int, manager: Any, pickling: Pickling, **kwds: Any) -> None:
        self._temp_folder_manager = manager
        self.pool = ParallelPool(pickling, size, **kwds)
        self.crew = Crew(self.pool)
        self.site: tuple[str, int] = "", 0
        """Where the current call was made."""

    @property
    def is_fit(self) -> bool:
        """Whether it can run something."""
        return not self.crew.broken and self.pool._state == pool.RUN  # pyright: ignore

    def submit(self, function: Any) -> Future[Any]:
        future: Any = cast("Any", Future())
        future.get = future.result  # the name in older versions
        if self.crew.broken:
            raise self.pool._poolhouse_refusal(self.crew.broken)  # pyright: ignore[reportPrivateUsage]
        self.crew.add(future, function, (), {}, self.site)
        return future

    def terminate(self, kill_workers: bool = True) -> None:
        del kill_workers
        self.pool.terminate()
        self.crew.shut(cancel_futures=True)
        _remove_files(self._temp_folder_manager)

    def begin(self, context: str) -> None:
        """Use files of this context, which the backend removes again."""
        self._temp_folder_manager.register_new_context(context)

    def close(self) -> None:
        """No more calls come."""
        self.crew.shut()


# backends

_reusable: list[tuple[Any, Workers]] = []
"""Loky keeps its workers for the next call: their settings, and the workers."""


def _reducers(manager: Any, **kwds: Any) -> Any:
    module = import_module("joblib._memmapping_reducer")
    return module.get_memmapping_reducers(temp_folder_resolver=manager.resolve_temp_folder_name, **kwds)


def _manager(temp_folder: Any) -> Any:
    return import_module("joblib._memmapping_reducer").TemporaryResourcesManager(temp_folder)


def _remove_files(manager: Any) -> None:
    """Remove the files of arrays: nobody maps them any more."""
    if hasattr(manager, "_clean_temporary_resources"):
        manager._clean_temporary_resources(force=True, allow_non_empty=True)
    else:  # joblib 1.2
        manager._unregister_temporary_resources()
        manager._try_delete_folder(allow_non_empty=True)


def _loky_workers(
    size: int,
    environment: dict[str, str],
    temp_folder: Any = None,
    initializer: Any = None,
    initargs: tuple[Any, ...] = (),
    **kwds: Any,
) -> Workers:
    """The existing workers if they have the right settings, or new ones."""
    wanted = size, environment, initializer, initargs, kwds
    for made_with, workers in _reusable:
        if made_with == wanted and workers.is_fit:
            return workers
        workers.close()
    manager = _manager(temp_folder)
    depth = import_module(WRAP)._CURRENT_DEPTH + 1
    workers = Workers(
        size,
        manager,
        ByLoky(*_reducers(manager, unlink_on_gc_collect=True, **kwds)),
        initializer=_begin,
        initargs=(depth, Tracker(), initializer, *initargs),
        context=LokyContext(environment),
    )
    _reusable[:] = [(wanted, workers)]
    return workers


def _loky(backends: Any) -> Any:
    stock: Any = backends.LokyBackend

    class LokyBackend(stock):
        def configure(
            self,
            n_jobs: int = 1,
            parallel: Any = None,
            prefer: Any = None,
            require: Any = None,
            idle_worker_timeout: Any = None,
            **kwds: Any,
        ) -> int:
            del prefer, require, idle_worker_timeout
            n_jobs = _size(self, backends, n_jobs)
            kwds = {**getattr(self, "backend_kwargs", {}), **kwds}
            kwds.pop("idle_worker_timeout", None)
            if "timeout" in kwds:
                raise ValueError(
                    "The 'timeout' parameter is not supported by the LokyBackend. "
                    "Please use the `idle_worker_timeout` parameter instead."
                )
            environment = self._prepare_worker_env(n_jobs=n_jobs)
            self._workers = _loky_workers(n_jobs, environment, **kwds)
            self._workers.begin(parallel._id)
            self.parallel = parallel
            return n_jobs

        def start_call(self) -> None:
            _begin_call(self._workers)

    return LokyBackend


def _multiprocessing(backends: Any) -> Any:
    stock: Any = backends.MultiprocessingBackend

    class MultiprocessingBackend(stock):
        def configure(
            self,
            n_jobs: int = 1,
            parallel: Any = None,
            prefer: Any = None,
            require: Any = None,
            temp_folder: Any = None,
            context: Any = None,
            initializer: Any = None,
            initargs: tuple[Any, ...] = (),
            maxtasksperchild: int | None = None,
            **kwds: Any,
        ) -> int:
            del prefer, require
            n_jobs = _size(self, backends, n_jobs)
            gc.collect()
            manager = _manager(temp_folder)
            kwds = {**getattr(self, "backend_kwargs", {}), **kwds}
            pickling = ByPickle(*_reducers(manager, unlink_on_gc_collect=False, **kwds))
            setup = {
                "initializer": initializer,
                "initargs": initargs,
                "maxtasksperchild": maxtasksperchild,
                "context": context,
            }
            self._workers = self._pool = Workers(n_jobs, manager, pickling, **setup)
            self.parallel = parallel
            return n_jobs

        def start_call(self) -> None:
            _begin_call(self._workers)

    for name in HANDING_OVER:
        if name in vars(backends.LokyBackend):
            setattr(MultiprocessingBackend, name, vars(backends.LokyBackend)[name])
    return MultiprocessingBackend


def _size(backend: Any, backends: Any, n_jobs: int) -> int:
    """How many workers a call gets; falls back to none for one, as in the standard library."""
    n_jobs = backend.effective_n_jobs(n_jobs)
    if n_jobs == 1:
        raise backends.FallbackToBackend(backends.SequentialBackend(nesting_level=backend.nesting_level))
    return state.host().workers or n_jobs


def _begin_call(workers: Workers) -> None:
    workers.crew.link.begin_stage()
    workers.site = sites.caller(3)
