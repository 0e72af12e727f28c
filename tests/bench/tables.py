"""The table: Poolhouse against every other installed tool, in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from tests.bench import logs, measures, ours
from tests.bench.gui import gui
from tests.bench.loads import LOADS, WORKERS, Load
from tests.bench.peers import PEERS, Peer
from tests.bench.results import results
from tests.bench.scripts import scripts
from tests.bench.start import frozen_start

TIMES = 5
SECONDS = 0.5
"""A load is reduced to what takes a peer about this long;"""
ENOUGH_SECONDS = 0.15
"""more and more tasks are tried until they take this,"""
GROWTH = 4
GAIN = 1.3
"""and more of them no longer speed it up much: some peers are slow to get going."""

Row = list[str]
Measure = Callable[[int], float]
"""Seconds for this many tasks of a load."""


def engine(wanted: list[str]) -> Iterator[Row]:
    """Tasks a second (or what the row says), results of Poolhouse on disk; 2 workers, median of 5"""
    yield ["load", "limit", "Poolhouse", *(kind.name for kind in PEERS), "ours/best", "target"]
    loads = [load for load in LOADS if _is_wanted(load.name, wanted)]
    peers = [kind(WORKERS) for kind in PEERS] if loads else []
    try:
        for load in loads:
            yield _compared(load, peers)
    finally:
        for peer in peers:
            peer.close()
    for name, measure in measures.ROWS.items():
        if _is_wanted(name, wanted):
            found = measure(TIMES)
            blank = [""] * (len(PEERS) - 1)
            yield [name, "", found.ours, found.other, *blank, found.ratio, found.target]


def _is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(text in name for text in wanted)


def _compared(load: Load, peers: list[Peer]) -> Row:
    def measure_ours(count: int) -> float:
        return ours.measure(load, count, WORKERS)

    found = [(measure_ours, load.count), *(_best_chunk(load, peer) for peer in peers)]
    taken: list[list[float]] = [[] for _ in found]
    for _ in range(TIMES):  # in turn, so that other load on the machine affects all alike
        for (measure, count), rates in zip(found, taken, strict=True):
            rates.append(count / measure(count))
    mine, *others = (median(rates) for rates in taken)
    limit = WORKERS / load.seconds if load.seconds else 0.0
    rates = [f"{rate:,.0f}" for rate in (mine, *others)]
    ratio, target = f"{mine / max(others):.2f}", f">= {load.target:.1f}"
    if load.whole:  # what matters is how close it is to the best schedule of these tasks
        ratio, target = f"{mine / limit:.2f} of the limit", f">= {load.target:.2f}"
    return [load.name, f"{limit:,.0f}" if limit else "", *rates, ratio, target]


def _best_chunk(load: Load, peer: Peer) -> tuple[Measure, int]:
    """The peer at its best, warmed up, and the number of tasks of the load that it gets."""
    fair = [chunk for chunk in peer.chunks if chunk <= max(1, load.count // (4 * WORKERS))]
    tried = [_tried(load, peer, chunk) for chunk in fair]
    rate, count, measure = max(tried, key=lambda found: found[0])
    return measure, min(load.count, max(count, int(rate * SECONDS)))


def _tried(load: Load, peer: Peer, chunk: int) -> tuple[float, int, Measure]:
    def measure(count: int) -> float:
        began = perf_counter()
        assert sum(1 for _ in peer.results(load, count, chunk)) == count
        return perf_counter() - began

    count = load.count if load.whole else min(load.count, WORKERS * max(chunk, 1))
    best = 0.0
    while True:
        seconds = measure(count)
        rate, enough = count / seconds, seconds >= ENOUGH_SECONDS
        if count == load.count or (enough and rate < GAIN * best):
            return max(rate, best), count, measure
        best = max(rate, best)
        count = min(count * GROWTH, load.count)


def log(wanted: list[str]) -> Iterator[Row]:
    """Seconds for a log of 1 GiB, with what the system's tools take for theirs; median of 3"""
    return logs.rows(lambda name: _is_wanted(name, wanted))


def dask(wanted: list[str]) -> Iterator[Row]:
    """Tasks a second on a cluster of 2 workers, results of Poolhouse on disk; median of 5"""
    from tests.bench import cluster  # Dask may be missing

    return cluster.rows(lambda name: _is_wanted(name, wanted))


TABLES: dict[str, Callable[[list[str]], Iterator[Row]]] = {
    "dask": dask,
    "engine": engine,
    "frozen-start": frozen_start,
    "gui": gui,
    "log": log,
    "results": results,
    "scripts": scripts,
}
