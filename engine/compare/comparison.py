"""A comparison: plans the measurements, makes them in turn, and reaches a verdict."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.compare.fit import Curve, fitted
from engine.compare.further import more_ways
from engine.compare.lines import Line, lines
from engine.compare.machine import this_machine
from engine.compare.measure import CannotCompare, GivenUp, Measured, measure
from engine.compare.sample import Sample, sample
from engine.compare.verdict import Verdict, verdict
from engine.compare.ways import Demands, Way, first_ways
from engine.job import Job
from engine.trial.estimate import count

__all__ = ["CannotCompare", "Comparison", "GivenUp", "Options", "Plan", "announced", "compare"]

PROBE_CALLS = 1_000
"""The first calls, which show how long one takes: at most this many,"""
PROBE_SECONDS = 0.5
"""begun within this many seconds."""
MOST_CALLS = 100_000
"""The most inputs of one measurement."""
MOST_FURTHER = 4
"""The most further ways to try after the first round."""
ROUNDS = 3
"""Measurements of each way, if the budget allows."""
MOST_SECONDS = 0.8
LEAST_SECONDS = 0.2
"""The calls of a serial measurement take between these times, unless a single one takes longer,"""
START_UP_PART = 0.3
"""and at least this part of the start-up, which would hide them."""
BUDGET = 20.0
"""The default duration of a comparison in seconds."""


@dataclass(frozen=True)
class Options:
    """The user's options."""

    sample: int = 0
    """Inputs of each measurement; 0 means as many as the budget allows."""
    budget: float = BUDGET
    """Seconds in total. Each mode is measured once, however long that takes."""
    demands: Demands = field(default_factory=Demands)


@dataclass(frozen=True)
class Plan:
    """What will be called, announced beforehand."""

    function: str
    tasks: int | None
    """The number of all inputs, if known."""
    ways: tuple[Way, ...]
    calls: int
    """The most calls."""
    sample: int = 0
    """Inputs of a measurement; 0 until the first calls show how long one takes."""
    is_spread: bool = False
    rounds: int = ROUNDS

    def words(self) -> str:
        """The plan in words, before anything is called."""
        what = f"its {self.tasks:,} inputs" if self.tasks is not None else "its inputs"
        if self.tasks == 1:
            what = "its one input"
        if not self.sample:
            return (
                f"Calls {self.function} on {what}: first some in turn, to see how long a call takes, then a"
                f" sample in {len(self.ways)} ways or more. At most about"
                f" {self.calls:,} calls in all. Each call really writes and sends what the function does."
            )
        taken = f"{self.sample:,} of {what}" if self.sample != self.tasks else what
        spread = ", spread evenly" if self.is_spread else ""
        times = "once" if self.rounds == 1 else f"up to {self.rounds} times"
        return f"Each of {len(self.ways)} ways is measured {times} on {taken}{spread}."


@dataclass(frozen=True)
class Comparison:
    """The progress, or the outcome: `verdict` is None until the end."""

    plan: Plan
    measured: tuple[Measured, ...] = ()
    lines: tuple[Line, ...] = ()
    share: float = 0.0
    """The finished share, 0 to 1, as far as it can be told."""
    curve: Curve | None = None
    verdict: Verdict | None = None
    calls: int = 0
    """Calls so far."""
    cores: int = 1
    seconds: float = 0.0
    """Seconds so far."""


def announced(job: Job, options: Options = Options()) -> Plan:
    """What `compare` would call, without calling anything."""
    return _Course(job, options, lambda _: None, bool).plan


def compare(
    job: Job,
    options: Options = Options(),
    tell: Callable[[Comparison], object] = lambda _: None,
    given_up: Callable[[], object] = bool,
) -> Comparison:
    """Compare the ways to run `job`, and report progress through `tell`; first what will be called.

    Raises `CannotCompare`, `GivenUp` and `OSError`.
    """
    return _Course(job, options, tell, given_up).run()


class _Course:
    """A comparison in progress."""

    def __init__(
        self,
        job: Job,
        options: Options,
        tell: Callable[[Comparison], object],
        given_up: Callable[[], object],
    ) -> None:
        self._job = job
        self._options = options
        self._tell = tell
        self._given_up = given_up
        self._began = time.monotonic()
        self._machine = this_machine()
        self._cores = self._machine.cores
        counted = count(job)
        self._tasks = counted.tasks if counted.exact else None
        self._found: list[Measured] = []
        self._calls = 0
        self._done = 0
        ways = first_ways(self._cores, self._tasks, options.demands)
        self.plan = Plan(_name(job), self._tasks, tuple(ways), self._most_calls(len(ways)))
        self._probe: Measured | None = None

    def _most_calls(self, ways: int) -> int:
        each = min(self._options.sample or MOST_CALLS, self._tasks or MOST_CALLS)
        return min(self._tasks or PROBE_CALLS, PROBE_CALLS) + each * (ways + MOST_FURTHER) * ROUNDS

    def run(self) -> Comparison:
        if self._tasks == 0:
            raise CannotCompare(
                "The inputs are empty, so there is nothing to compare: give at least one.", "inputs"
            )
        self._say()
        probe = self._probe = self._measure(
            Way("serial"), Sample(min(self._tasks or PROBE_CALLS, PROBE_CALLS)), PROBE_SECONDS
        )
        if probe.failed == probe.tasks:
            raise CannotCompare(f"Each call fails, so there is nothing to compare: {probe.error}", "", "")
        if self._tasks is None and probe.complete and probe.tasks < PROBE_CALLS:
            self._tasks = probe.tasks
        self._draw_up(probe)
        self._go_round(self.plan.ways)
        if further := more_ways(lines(self._found), self._cores, self._tasks):
            self.plan = replace(self.plan, ways=(*self.plan.ways, *further))
            self._go_round(further)
        for _ in range(1, ROUNDS):
            self._go_round(self.plan.ways, only_in_time=True)
        return self._end()

    def _draw_up(self, probe: Measured) -> None:
        """Choose the number of inputs of a measurement, now that the time of one is known."""
        ways = first_ways(self._cores, self._tasks, self._options.demands)
        left = self._options.budget - self._passed()
        seconds = left / (ROUNDS * len(ways)) - probe.start_up
        least_seconds = max(LEAST_SECONDS, probe.start_up * START_UP_PART)
        seconds = max(least_seconds, min(MOST_SECONDS, seconds))
        least = self._cores if probe.mean > LEAST_SECONDS else 4 * self._cores
        self._count = max(2, least, math.ceil(seconds / max(probe.per_task, 1e-9)))
        self._count = self._fitting(self._options.sample or self._count)
        chosen = self._sample(Way("serial"))
        self.plan = replace(
            self.plan,
            tasks=self._tasks,
            ways=tuple(ways),
            sample=chosen.count,
            is_spread=chosen.is_spread,
            calls=self._calls + sum(self._sample(way).count for way in ways) * ROUNDS,
        )
        self._say()

    def _fitting(self, tasks: int) -> int:
        return max(1, min(tasks, MOST_CALLS, self._tasks or MOST_CALLS))

    def _sample(self, way: Way) -> Sample:
        """Many workers need more inputs, so that each gets more than one."""
        assert self._probe is not None
        tasks = self._count
        if not self._options.sample:
            tasks = self._fitting(-(-max(tasks, 2 * way.workers) // way.workers) * way.workers)
        return sample(self._job, self._tasks, tasks, self._probe.mean)

    def _go_round(self, ways: tuple[Way, ...] | list[Way], only_in_time: bool = False) -> None:
        for way in ways:
            if only_in_time and self._passed() + self._cost(way) > self._options.budget:
                continue
            chosen = self._sample(way)
            self._found.append(self._measure(way, chosen))
            if self._tasks is None and self._found[-1].tasks < chosen.count:
                self._tasks = self._found[-1].tasks  # there are no more
                self.plan = replace(self.plan, tasks=self._tasks)
            self._say()

    def _cost(self, way: Way) -> float:
        """Seconds that one more measurement of a way takes."""
        known = next((line for line in lines(self._found) if line.way == way), None)
        if known is None:
            return 0.0
        last = known.rounds[-1]
        return last.start_up + last.per_task * last.tasks + 0.2

    def _measure(self, way: Way, chosen: Sample, most_seconds: float = 0.0) -> Measured:
        if self._given_up():
            raise GivenUp
        found = measure(self._job, way, chosen, self._given_up, most_seconds)
        self._calls += found.tasks
        return found

    def _passed(self) -> float:
        return time.monotonic() - self._began

    def _say(self) -> None:
        self._tell(self._now())

    def _now(self) -> Comparison:
        found = tuple(lines(self._found))
        rounds = len(self.plan.ways) * ROUNDS
        in_time = self._passed() / max(self._options.budget, 0.1)
        return Comparison(
            self.plan,
            tuple(self._found),
            found,
            share=min(0.99, max(len(self._found) / rounds, in_time)) if self._found else 0.0,
            curve=_curve(found),
            calls=self._calls,
            cores=self._cores,
            seconds=self._passed(),
        )

    def _end(self) -> Comparison:
        now = self._now()
        failed = sum(found.failed for found in self._found)
        reached = verdict(now.lines, self._tasks, self._machine)
        if failed:
            more = f" {failed:,} of {self._calls:,} calls failed, which may be quicker or slower than others."
            reached = replace(reached, reason=reached.reason + more)
        ended = replace(now, share=1.0, verdict=reached)
        self._tell(ended)
        return ended


def _curve(found: tuple[Line, ...]) -> Curve | None:
    serial = next((line for line in found if line.way == Way("serial")), None)
    if serial is None:
        return None
    return fitted(
        [
            (line.way.workers, line.speed_up(serial))
            for line in found
            if line.way.mode == "pool" and line.way.is_plain
        ]
    )


def _name(job: Job) -> str:
    from engine.job import display_name

    return display_name(job) or Path(job.function.file).stem
