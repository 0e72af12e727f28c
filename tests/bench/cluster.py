"""Poolhouse on a Dask cluster against Dask's own `Client.map`, on the same workers in the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from tests.bench import ours, payloads, tasks
from tests.bench.loads import WORKERS, Load
from tests.clusters import Cluster

TIMES = 5
CHUNKS = (1, 10, 50, 100, 200, 500)
"""Tasks per message of `Client.map`; the best one counts."""
TRIED = 4
"""A chunk size is tried with this share of all tasks,"""
TRIED_MESSAGES = 400
"""and with no more messages than this: rates are compared."""
LOADS = [
    Load("100 us", tasks.us_100, 60_000, seconds=100e-6),
    Load("1 ms", tasks.ms_1, 8_000, seconds=1e-3),
    Load("10 ms", tasks.ms_10, 800, seconds=10e-3),
    Load("results of 10 MB", partial(payloads.give, kind="bytes", size=10_000_000), 40),
]


def rows(is_wanted: Callable[[str], bool]) -> Iterator[list[str]]:
    """The rows of the table."""
    yield ["load", "limit", "Poolhouse", "Client.map", "tasks in a message", "ours/its", "target"]
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder), WORKERS, ours.ROOT)
        client = import_module("distributed").Client(cluster.address)
        try:
            for load in LOADS:
                if is_wanted(load.name):
                    yield _compared(load, cluster.address, client, Path(folder))
        finally:
            client.close()
            cluster.close()


def _compared(load: Load, scheduler: str, client: Any, folder: Path) -> list[str]:
    job = ours.job_for(load, load.count, 0, mode="dask")
    job = job.with_(run=replace(job.run, scheduler=scheduler), folder=folder)
    part = max(WORKERS, load.count // TRIED)
    fair = [chunk for chunk in CHUNKS if chunk <= max(CHUNKS[0], part // (4 * WORKERS))]
    tried = {chunk: min(part, chunk * TRIED_MESSAGES) for chunk in fair}
    best = min(fair, key=lambda chunk: _seconds_of_map(client, load, tried[chunk], chunk) / tried[chunk])
    taken = [  # in turn, so that other load on the machine affects both alike
        (ours.seconds(job, load.count), _seconds_of_map(client, load, load.count, best)) for _ in range(TIMES)
    ]
    mine, its = (load.count / median(times) for times in zip(*taken, strict=True))
    limit = f"{WORKERS / load.seconds:,.0f}" if load.seconds else ""
    return [load.name, limit, f"{mine:,.0f}", f"{its:,.0f}", str(best), f"{mine / its:.2f}", ">= 1.0"]


def _seconds_of_map(client: Any, load: Load, count: int, chunk: int) -> float:
    began = perf_counter()
    inputs = list(load.inputs(count))
    chunks = [inputs[at : at + chunk] for at in range(0, count, chunk)]
    futures = client.map(partial(_each, load.task), chunks, pure=False)
    assert sum(1 for _ in chain.from_iterable(client.gather(futures))) == count
    return perf_counter() - began


def _each(task: Callable[[Any], Any], inputs: Iterable[Any]) -> list[Any]:
    return [task(item) for item in inputs]
