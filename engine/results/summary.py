"""The summary of a run: counts, times, speed-up, the longest tasks, failures by group."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from engine.results.answers import LongTask, Summary
from engine.results.called import called
from engine.results.failed import cancelled_tasks
from engine.results.groups import FailureGroups
from engine.results.histogram import histogram
from engine.results.names import CANCELLED, STATUSES, UNENDED
from engine.results.slices import Slice, checked_times, refs_of, slice_of, slices
from engine.results.stored import Ended
from engine.results.texts import text_of
from engine.runs import RunReader, stand
from engine.runs.unended import counts_of

LONGEST = 5
"""The number of longest tasks that are listed."""


class _Totals:
    """What the tasks of some slices add up to."""

    def __init__(self) -> None:
        self.counts = np.zeros(len(STATUSES), np.int64)
        self.busy, self.first_start, self.last_end = 0.0, np.inf, -np.inf
        self.cpu = self.cpu_of = 0.0
        """Processor seconds, and the seconds of the tasks of which they are known."""
        self.longest: list[tuple[float, int]] = []
        self._parts: list[NDArray[np.float32]] = []

    @property
    def seconds(self) -> NDArray[np.float32]:
        """The duration of each task."""
        return np.concatenate(self._parts) if self._parts else np.empty(0, np.float32)

    def add(self, tasks: Slice) -> None:
        """Add a slice."""
        seconds, started = checked_times(tasks)
        self.counts += np.bincount(tasks.status, minlength=len(STATUSES))
        self.busy += float(seconds.sum())
        self.first_start = min(self.first_start, float(started.min()))
        self.last_end = max(self.last_end, float((started + seconds).max()))
        if isinstance(tasks, Ended):
            known = ~np.isnan(told := tasks.cpu)
            self.cpu += float(told[known].sum())
            self.cpu_of += float(seconds[np.repeat(known, tasks.counts)].sum())
        self._parts.append(seconds.astype(np.float32))
        top = np.argsort(-seconds, kind="stable")[:LONGEST]
        self.longest += zip((-seconds[top]).tolist(), tasks.index[top].tolist(), strict=True)
        self.longest = sorted(self.longest)[:LONGEST]


def summary(run: RunReader) -> Generator[None, None, Summary]:
    """The current summary of the run."""
    found = _Totals()
    cancelled = cancelled_tasks(run)
    for tasks in slices(run):
        found.add(tasks)
        cancelled = cancelled[~np.isin(cancelled, tasks.index)]
        yield
    groups = FailureGroups(run)
    yield from groups.build()
    counts = found.counts
    facts = run.facts((int(counts[0]), int(counts[1:].sum())))
    unended = counts_of(run, int(counts.sum()), facts.total, len(cancelled))
    counts[CANCELLED:] = [unended.get(status, 0) for status in UNENDED]
    seconds = found.seconds
    wall = stand(run, facts).seconds
    if wall is None and len(seconds):
        wall = found.last_end - found.first_start
    speed_up = found.busy / wall if wall else None
    begin = min((time for time in (facts.started, facts.launched) if time), default=None)
    median, p95 = _quantiles(seconds)
    yield
    return Summary(
        facts,
        tuple((name, count) for name, count in zip(STATUSES, counts.tolist(), strict=True) if count),
        wall,
        found.busy,
        speed_up,
        speed_up / facts.workers if speed_up is not None and facts.workers else None,
        found.cpu if found.cpu_of else None,
        found.cpu / found.cpu_of if found.cpu_of else None,
        max(0.0, found.first_start - begin) if begin is not None and len(seconds) else None,
        found.busy / len(seconds) if len(seconds) else None,
        median,
        p95,
        _named(run, found.longest),
        tuple(groups.groups()),
        histogram(seconds),
        called(run),
    )


def _quantiles(seconds: NDArray[np.float32]) -> tuple[float | None, float | None]:
    """The median and the 95th percentile, each the value of one task: the lower one of two."""
    if not len(seconds):
        return None, None
    places = [(len(seconds) - 1) // 2, -(-95 * len(seconds) // 100) - 1]
    found = np.partition(seconds, places)
    return float(found[places[0]]), float(found[places[1]])


def _named(run: RunReader, longest: list[tuple[float, int]]) -> tuple[LongTask, ...]:
    found: list[LongTask] = []
    wanted = {task for _, task in longest}
    inputs: dict[int, str] = {}
    for ref in refs_of(run) if wanted else ():
        for task in [task for task in wanted if ref.first <= task < ref.first + ref.count]:
            (row,) = slice_of(run, [ref]).stored
            kept = run.inputs_of(row, task - ref.first, task - ref.first + 1)
            inputs[task] = text_of(kept[0])
    for seconds, task in longest:
        found.append(LongTask(task, -seconds, inputs[task]))
    return tuple(found)
