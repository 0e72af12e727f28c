"""The ways to run many tasks that are compared; each runs the same function over the same range."""

from __future__ import annotations

import multiprocessing
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

from engine.job import Function, Inputs, Job, Run
from engine.launch import Ended, Host, LinkLost, Progress, Started
from engine.runs import create

# Not fork: the bench has threads by the time the second peer starts its workers.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

Task = Callable[[int], int]


class Peer(ABC):
    """One way. Whatever it can keep between two measurements, it keeps warm."""

    name: str

    @abstractmethod
    def measure(self, task: Task, count: int) -> float:
        """Seconds for `task` over `range(count)`, from the first one to the last result at hand."""

    @abstractmethod
    def close(self) -> None:
        """End what is kept warm."""


class PoolMap(Peer):
    name = "Pool.map"

    def __init__(self, workers: int) -> None:
        self._pool = multiprocessing.get_context(METHOD).Pool(workers)

    def measure(self, task: Task, count: int) -> float:
        began = perf_counter()
        results = self._pool.map(task, range(count))
        took = perf_counter() - began
        assert len(results) == count
        return took

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()


class ExecutorMap(Peer):
    """With the chunks that `Pool.map` makes: its own default of one task a message is far slower."""

    name = "ProcessPoolExecutor.map"

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context(METHOD))

    def measure(self, task: Task, count: int) -> float:
        chunk = -(-count // (4 * self._workers))
        began = perf_counter()
        results = list(self._pool.map(task, range(count), chunksize=chunk))
        took = perf_counter() - began
        assert len(results) == count
        return took

    def close(self) -> None:
        self._pool.shutdown()


class Poolhouse(Peer):
    """A run of its own each time: from the first worker being ready until the last result is on disk."""

    name = "Poolhouse"

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def measure(self, task: Task, count: int) -> float:
        with tempfile.TemporaryDirectory() as root:
            job = job_for(task, count, self._workers, METHOD)
            with Host.start(job, create(job, Path(root))) as host:
                began = wait_for(host, Started)
                while not isinstance(message := host.receive(), Progress) or message.ok < count:
                    assert not isinstance(message, (Ended, LinkLost)), message
                took = perf_counter() - began
                wait_for(host, Ended)
        return took

    def close(self) -> None:
        """Each run has ended by itself."""


def job_for(task: Task, count: int, workers: int, method: str) -> Job:
    file = str(Path(task.__code__.co_filename).absolute())
    return Job(
        Function(file=file, name=task.__name__),
        Inputs(kind="range", stop=count),
        Run(workers=workers, start_method=method),
    )


def wait_for(host: Host, kind: type[Started | Progress | Ended]) -> float:
    """When the next message of this kind came."""
    while not isinstance(message := host.receive(), kind):
        assert message is not None
        assert not isinstance(message, (Ended, LinkLost)), message
    return perf_counter()


PEERS: list[Callable[[int], Peer]] = [Poolhouse, PoolMap, ExecutorMap]
"""Poolhouse first: the others are what it is compared with."""
