"""How many tasks took how long: of all tasks, or of those within some range of durations."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from engine.results.answers import Histogram
from engine.results.slices import checked_times, slices
from engine.runs import RunReader

BUCKETS = 40
_WIDE = 50
"""The ratio of longest to shortest above which the scale is logarithmic."""


def histogram(seconds: NDArray[np.float32]) -> Histogram | None:
    """The histogram of these durations; None if there are none."""
    if not len(seconds):
        return None
    known = seconds.astype(np.float64)
    least, greatest = float(known.min()), float(known.max())
    if least == greatest:
        return Histogram((least, greatest), (len(known),), False)
    edges, is_log = _edges(least, greatest)
    counts, _ = np.histogram(known, edges)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), is_log)


def part(run: RunReader, least: float, greatest: float) -> Generator[None, None, Histogram | None]:
    """The histogram of a run's tasks with durations in this range; None if the range is invalid."""
    if not 0 <= least < greatest < np.inf:
        return None
    edges, is_log = _edges(least, greatest)
    counts = np.zeros(len(edges) - 1, np.int64)
    for tasks in slices(run):
        seconds, _ = checked_times(tasks)
        counts += np.histogram(seconds, edges)[0]
        yield
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), is_log)


def _edges(least: float, greatest: float) -> tuple[NDArray[np.float64], bool]:
    is_log = least > 0 and greatest > _WIDE * least
    edges = (np.geomspace if is_log else np.linspace)(least, greatest, BUCKETS + 1)
    edges[0], edges[-1] = least, greatest
    return edges, is_log
