"""The measurements of one way, over all rounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from engine.compare.measure import HARDLY_ANY_SECONDS, LIBRARY_THREADS, Measured
from engine.compare.ways import Way

ALIKE_SECONDS = 0.25
"""Start-ups that differ by less count as equal,"""
ALIKE_UNDER_LOAD = 1.0
"""or by less than this on a loaded machine, where they vary that much."""
LOADED = 0.15
"""A machine is loaded if other programs took this share of the tasks' time."""
ELSEWHERE = 0.2
"""A library has threads that count if they take this part of the CPU time."""
TRANSPORT = 0.6
"""Most of the time goes into inputs and results on their way, if workers spend this part of it on them,"""
MOVING_SECONDS = 500e-6
"""and if that is more than a busy machine adds to the handing out of tiny tasks."""
LIBRARY_SECONDS = 50e-6
"""In shorter calls no library starts threads, and clocks are too coarse."""


@dataclass(frozen=True)
class Line:
    """The measurements of one way, one per round. Noise only adds to a time, so the best one counts."""

    way: Way
    rounds: tuple[Measured, ...]
    least_start_up: float = 0.0
    """The shortest start-up of all ways,"""
    usual_start_up: float | None = None
    """and that of all ways with one process, if this is one of them: they start alike."""

    @property
    def per_task(self) -> float:
        """Seconds of the run per task."""
        return min(found.per_task for found in self.rounds)

    @property
    def slowest(self) -> float:
        """The same in the slowest round, under the load at that time."""
        return max(found.under_load for found in self.rounds)

    @property
    def start_up(self) -> float:
        """Start-up in seconds; equal to that of other ways if it is hardly longer."""
        own = min(found.start_up for found in self.rounds)
        own = own if self.usual_start_up is None else self.usual_start_up
        alike = ALIKE_UNDER_LOAD if self.waited > LOADED else ALIKE_SECONDS
        return self.least_start_up if own - self.least_start_up < alike else own

    @property
    def mean(self) -> float:
        """Seconds that a task takes in its worker."""
        return min(found.mean for found in self.rounds)

    @property
    def longest(self) -> float:
        return min(found.longest for found in self.rounds)

    @property
    def cpu(self) -> float | None:
        """CPU seconds per task."""
        known = [found.cpu for found in self.rounds if found.cpu is not None]
        return min(known, default=None)

    @property
    def share(self) -> float | None:
        """CPU time divided by the time of a task: the number of cores that it keeps busy."""
        known = [found.cpu / found.mean for found in self.rounds if found.cpu is not None and found.mean > 0]
        return max(known, default=None)

    @property
    def has_library_threads(self) -> bool:
        """Whether a library computes in threads of its own."""
        if self.mean < LIBRARY_SECONDS:
            return False
        elsewhere = min(found.elsewhere for found in self.rounds)
        return elsewhere > ELSEWHERE or (self.share or 0.0) > LIBRARY_THREADS

    @property
    def waited(self) -> float:
        """The share of its tasks' time during which other programs had their core."""
        return fmean(found.waited for found in self.rounds)

    @property
    def lock_held(self) -> float | None:
        """How often its threads held the interpreter's lock when another wanted it."""
        known = [found.lock_held for found in self.rounds if found.lock_held is not None]
        return fmean(known) if known else None

    @property
    def memory(self) -> int | None:
        return max((found.memory for found in self.rounds if found.memory is not None), default=None)

    @property
    def tasks(self) -> int:
        """Calls in all rounds."""
        return sum(found.tasks for found in self.rounds)

    @property
    def failed(self) -> int:
        return sum(found.failed for found in self.rounds)

    @property
    def overhead(self) -> float:
        """The share of a worker's time in which it runs no task."""
        return max(0.0, 1 - self.mean / (self.per_task * self.way.workers))

    @property
    def is_tiny(self) -> bool:
        return self.mean < HARDLY_ANY_SECONDS and not self.is_moving

    @property
    def is_moving(self) -> bool:
        """Whether most of its time goes into inputs and results on their way."""
        return self.overhead > TRANSPORT and self.per_task - self.mean > MOVING_SECONDS

    def speed_up(self, other: Line) -> float:
        """How many times as fast as `other`."""
        return other.per_task / self.per_task

    def totals(self, tasks: int | None) -> list[float]:
        """Seconds for a whole run of this many tasks, by round; for one task if the number is unknown."""
        if tasks is None:
            return [found.per_task for found in self.rounds]
        return [self._total(found, tasks) for found in self.rounds]

    def total(self, tasks: int | None) -> float:
        """The best of them."""
        return min(self.totals(tasks))

    def middle(self, tasks: int | None) -> float:
        """The median."""
        return median(self.totals(tasks))

    def gain(self, other: Line, tasks: int | None) -> float:
        """How many times as fast as `other` a run is, by both the best and the typical rounds."""
        best = other.total(tasks) / self.total(tasks)
        usual = other.middle(tasks) / self.middle(tasks)
        return min(best, usual)

    def _total(self, found: Measured, tasks: int) -> float:
        at_work = min(self.way.workers, max(tasks, 1))
        tail = found.longest * (1 - 1 / at_work) / 2
        return self.start_up + max(found.per_task * tasks + tail, found.mean)


def lines(found: Iterable[Measured]) -> list[Line]:
    """A line for each way, in the order in which they were first tried."""
    by_way: dict[Way, list[Measured]] = {}
    for one in found:
        by_way.setdefault(one.way, []).append(one)
    least = min((one.start_up for rounds in by_way.values() for one in rounds), default=0.0)
    usual = {way.start_method: math.inf for way in by_way}
    for way, rounds in by_way.items():
        if way.has_one_process:
            usual[way.start_method] = min(usual[way.start_method], *(one.start_up for one in rounds))
    return [
        Line(way, tuple(rounds), least, usual[way.start_method] if way.has_one_process else None)
        for way, rounds in by_way.items()
    ]


def spread(line: Line) -> float:
    """How far single rounds are from their mean, as a share of it."""
    values = [found.per_task for found in line.rounds]
    return (max(values) - min(values)) / 2 / fmean(values)
