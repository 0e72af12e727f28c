"""The resources of a run's workers over time: memory, and processor use."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

from engine.host.record.rows import LATEST
from engine.runs import RunReader

MOST_SAMPLES = 50_000
"""The most samples that are read; a host keeps fewer."""
MOST_SERIES = 64
_QUERY = f"SELECT moment, worker, memory, cpu FROM usage ORDER BY moment, worker LIMIT {MOST_SAMPLES}"


@dataclass(frozen=True)
class Series:
    """One lane of workers, no two of which ran at the same time."""

    name: str
    times: bytes
    """float64: seconds since the run began,"""
    memory: bytes
    """float64: bytes in use,"""
    cpu: bytes
    """float64: the share of one processor used since the previous sample."""


@dataclass(frozen=True)
class Usage:
    """The resources of workers."""

    series: tuple[Series, ...]
    left_out: int
    """The number of lanes that are left out, because there are too many."""


def usage(run: RunReader) -> Usage:
    """The samples of a run; None if its host recorded none."""
    if not run.select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'usage'"):
        return Usage((), 0)
    started = {worker.number: worker.started for worker in run.workers.after()}
    lanes: dict[int, int] = {}
    for worker, lane in run.select("SELECT id, lane FROM worker"):
        lanes[worker] = lane if isinstance(lane, int) else worker
    begin = run.facts((0, 0)).started or 0.0
    found: dict[int, list[tuple[float, float, float]]] = {}
    last: dict[int, tuple[float, float]] = {}
    for row in run.select(_QUERY):
        if not _is_sample(row):
            continue
        moment, worker, memory, cpu = row
        before, taken = last.get(worker, (started.get(worker, moment), 0.0))
        last[worker] = moment, cpu
        rate = (cpu - taken) / (moment - before) if moment > before and cpu >= taken else 0.0
        lane = lanes[worker] if worker in lanes else int(worker)
        found.setdefault(lane, []).append((max(moment - begin, 0.0), memory, rate))
    named = sorted(found)
    return Usage(tuple([_series(at, found[at]) for at in named[:MOST_SERIES]]), len(named[MOST_SERIES:]))


def _is_sample(row: tuple[Any, ...]) -> bool:
    """Whether these numbers are possible: a run.db may come from anybody."""
    return all(isinstance(number, (int, float)) and 0 <= number < 2**60 for number in row) and row[0] < LATEST


def _series(lane: int, samples: list[tuple[float, float, float]]) -> Series:
    columns = [array("d", column).tobytes() for column in zip(*samples, strict=True)]
    return Series(f"Lane {lane + 1}", *columns)
