"""The other tools for running many tasks that Poolhouse is compared with."""

from __future__ import annotations

import logging
import multiprocessing
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Any

from tests.bench.loads import Load

# Not fork: the benchmark has threads by the time the second peer starts its workers.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CHUNKS = (1, 10, 100, 1000)

Task = Callable[[Any], Any]


class Peer(ABC):
    """One tool. Its workers exist before anything is measured, and stay between measurements."""

    name = ""
    chunks: tuple[int, ...] = (0,)
    """Message sizes to try; the best one counts, and 0 is the tool's own choice."""

    @abstractmethod
    def __init__(self, workers: int) -> None:
        """Start the workers."""

    @abstractmethod
    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        """The results of the first `count` tasks of a load, in any order."""

    @abstractmethod
    def close(self) -> None:
        """End the workers."""


class PoolMap(Peer):
    name = "Pool.map"

    def __init__(self, workers: int) -> None:
        self._pool = multiprocessing.get_context(METHOD).Pool(workers)

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        return self._pool.map(load.task, load.inputs(count))

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()


class PoolUnordered(PoolMap):
    name = "imap_unordered"
    chunks = CHUNKS

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        return self._pool.imap_unordered(load.task, load.inputs(count), chunk)


class Executor(Peer):
    name = "Executor.map"
    chunks = CHUNKS

    def __init__(self, workers: int) -> None:
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context(METHOD))

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        return self._pool.map(load.task, load.inputs(count), chunksize=chunk)

    def close(self) -> None:
        self._pool.shutdown()


class Joblib(Peer):
    name = "joblib"

    def __init__(self, workers: int) -> None:
        joblib = import_module("joblib")
        self._delayed = joblib.delayed
        self._pool = joblib.Parallel(n_jobs=workers, return_as="generator_unordered")
        self._pool.__enter__()

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        return self._pool(self._delayed(load.task)(item) for item in load.inputs(count))

    def close(self) -> None:
        self._pool.__exit__(None, None, None)
        import_module("joblib.externals.loky").get_reusable_executor().shutdown(wait=True)


class Mpire(Peer):
    name = "mpire"

    def __init__(self, workers: int) -> None:
        self._pool = import_module("mpire").WorkerPool(workers, start_method=METHOD, keep_alive=True)

    def results(self, load: Load, count: int, chunk: int) -> Iterator[Any]:
        return self._pool.imap_unordered(load.task, load.inputs(count), iterable_len=count)

    def close(self) -> None:
        self._pool.terminate()


class Pebble(Peer):
    name = "pebble"
    chunks = CHUNKS

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context(METHOD)
        self._pool = import_module("pebble").ProcessPool(workers, context=context)

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        return self._pool.map(load.task, load.inputs(count), chunksize=chunk).result()

    def close(self) -> None:
        self._pool.stop()
        self._pool.join()


class Dask(Peer):
    name = "Dask"

    def __init__(self, workers: int) -> None:
        distributed = import_module("distributed")
        self._cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=logging.ERROR,
        )
        self._client = distributed.Client(self._cluster)

    def results(self, load: Load, count: int, chunk: int) -> Iterable[Any]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            return self._client.gather(self._client.map(load.task, list(load.inputs(count)), pure=False))

    def close(self) -> None:
        self._client.close()
        self._cluster.close()


PEERS: list[type[Peer]] = [PoolMap, PoolUnordered, Executor, Joblib, Mpire, Pebble, Dask]
