"""One measurement: a real run of a sample, in one way, in a folder that is removed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median

from engine.compare.sample import Sample
from engine.compare.ways import Way
from engine.cores import usable_cores
from engine.host.errors import FieldError
from engine.job import Job
from engine.launch import Ended, HostHandle, LaunchError, LinkLost, Started
from engine.runs import RunReader, Stored, create, open_run

HEED_SECONDS = 0.1
"""Seconds within which a cancellation is noticed."""
WARM_TIMES = 5.0
WARM_SECONDS = 0.05
"""A worker's first task counts as start-up if it takes this much longer than the others."""

HARDLY_ANY_SECONDS = 5e-6
"""A task this short takes about as long as handing it out."""
LIBRARY_THREADS = 1.25
"""A function that uses more cores than this by itself has a library that starts threads."""
MOST_WAITED = 0.9
"""Under more load than this, nothing can be concluded."""


class CannotCompare(FieldError):
    """There is nothing to compare."""


class GivenUp(Exception):
    """The user has stopped the comparison."""


@dataclass(frozen=True)
class Measured:
    """A sample that was run in one way."""

    way: Way
    tasks: int
    failed: int
    start_up: float
    """Seconds from the start of the run until its workers were busy."""
    per_task: float
    """Seconds of the run per task, after that: workers share it. Without waits for a core, if known."""
    under_load: float
    """The same including waits."""
    mean: float
    """Seconds that a task took in its worker,"""
    longest: float
    """and that the longest took. Both without waits for a core, and without the unpickling of inputs."""
    waited: float = 0.0
    """The share of a task's time during which other programs had its core."""
    cpu: float | None = None
    """CPU seconds per task; None if unknown."""
    elsewhere: float = 0.0
    """The part of it that threads of libraries took."""
    lock_held: float | None = None
    """How often threads held the interpreter's lock when another wanted it; None if that is not known."""
    memory: int | None = None
    """The most bytes that a worker held."""
    error: str = ""
    """Why the first failed task failed."""
    complete: bool = True
    """Whether the whole sample ran."""


@dataclass
class Lane:
    """The tasks of one worker, as far as a measurement needs them."""

    first_start: float
    first_seconds: float
    seconds: list[float]
    end: float


def measure(
    job: Job, way: Way, chosen: Sample, given_up: Callable[[], object] = bool, most_seconds: float = 0.0
) -> Measured:
    """Run a sample of `job` in one way. After `most_seconds`, no further task begins.

    Raises `CannotCompare` and `GivenUp`.
    """
    alone = _alone(way.applied(job))
    with tempfile.TemporaryDirectory(prefix="poolhouse-compare-", ignore_cleanup_errors=True) as place:
        folder = create(alone, Path(place))
        began = time.time()
        limit = 0 if chosen.is_spread else chosen.count
        try:
            host = HostHandle.start(alone, folder, limit=limit, only=chosen.spans, given_up=given_up)
        except LaunchError as error:
            if given_up():
                raise GivenUp from None
            raise CannotCompare(error.reason, error.key, error.details) from None
        with host:
            ended = _follow(host, given_up, most_seconds)
        if given_up():
            raise GivenUp
        if not folder.is_dir():
            raise CannotCompare(ended.reason, ended.key, ended.details)
        with open_run(folder) as run:
            if ended.state == "finished" or (most_seconds and ended.state == "stopped"):
                return _read(run, way, began, complete=ended.state == "finished")
    raise CannotCompare(ended.reason or "A measurement was cut short.", ended.key, ended.details)


def _alone(job: Job) -> Job:
    """`job` without anything that a run would write elsewhere, or repeat."""
    run = replace(job.run, retries=0, stop_after_failures=0, tasks_per_worker=0)
    return job.with_(run=run, log=replace(job.log, file="", result=False))


def _follow(host: HostHandle, given_up: Callable[[], object], most_seconds: float) -> Ended:
    due: float | None = None
    killed = False
    while True:
        message = host.receive(HEED_SECONDS)
        if isinstance(message, Ended):
            return message
        if isinstance(message, LinkLost):
            return Ended("interrupted", message.reason, ran=True)
        if isinstance(message, Started) and most_seconds:
            due = time.monotonic() + most_seconds
        if due is not None and time.monotonic() >= due:
            host.finish()
            due = None
        if given_up() and not killed:
            host.kill()
            killed = True


def _read(run: RunReader, way: Way, began: float, complete: bool) -> Measured:
    facts = run.facts()
    lanes: dict[int, Lane] = {}
    error = ""
    for row in run.rows():
        if facts.failed and not error and row.statuses and any(row.statuses):
            error = _first_error(run, row)
        starts, seconds = run.times_of(row, 0, row.count)
        end = starts[-1] + seconds[-1]
        lane = lanes.get(row.worker)
        if lane is None:
            lanes[row.worker] = Lane(starts[0], seconds[0], list(seconds), end)
            continue
        lane.seconds.extend(seconds)
        lane.end = max(lane.end, end)
        if starts[0] < lane.first_start:
            lane.first_start, lane.first_seconds = starts[0], seconds[0]
    if not lanes:
        raise CannotCompare("The inputs are empty, so there is nothing to compare: give at least one.")
    return measured(
        way,
        list(lanes.values()),
        began,
        failed=facts.failed,
        cpu=facts.cpu,
        own=facts.own_cpu,
        task_cpu=run.task_cpu(),
        waited=facts.waited,
        intake=facts.intake or 0.0,
        lock_held=facts.lock_held,
        memory=facts.memory,
        error=error,
        complete=complete,
    )


def _first_error(run: RunReader, row: Stored) -> str:
    found = run.failures_between(row.first, row.first + row.count)
    return found[min(found)][-1].message if found else ""


def measured(
    way: Way,
    lanes: list[Lane],
    began: float,
    failed: int = 0,
    cpu: float | None = None,
    own: float | None = None,
    task_cpu: float | None = None,
    waited: float | None = None,
    intake: float = 0.0,
    lock_held: float | None = None,
    memory: int | None = None,
    error: str = "",
    complete: bool = True,
    cores: int = 0,
) -> Measured:
    """Evaluate the tasks of some workers.

    `cpu` is that of their batches, with what it takes to send results; `task_cpu` is without, if known.
    If the first task of each is a slow one, that is start-up. Waiting for a long last one does not count.
    """
    tasks = sum(len(lane.seconds) for lane in lanes)
    warm = _warming(lanes)
    rest = [seconds for lane in lanes for seconds in lane.seconds]
    if warm:
        rest = [seconds for lane in lanes for seconds in _without_first(lane)] or rest
    mean, longest = fmean(rest), max(rest)
    start, end = _span(way, lanes, warm, longest)
    under_load = max(end - start, 1e-9) / tasks
    used = cpu if task_cpu is None else task_cpu
    used = None if used is None else (min(used, mean * tasks) if warm else used) / tasks
    elsewhere = 0.0 if not cpu or own is None or way.mode == "threads" else max(0.0, 1 - own / cpu)
    lost = _waited(waited, tasks, mean, None if used is None else used * (1 - elsewhere))
    part = lost if way.workers <= (cores or usable_cores()) else 0.0  # otherwise they wait for each other
    without = under_load - (waited or 0.0) / tasks / way.workers if part else under_load
    per_task = max(without, mean * (1 - part) / way.workers, under_load * (1 - MOST_WAITED))
    if part and lock_held and used is not None:
        # A thread that waits for the lock now and then waits for a core, too, and loses nothing by it.
        per_task = max(per_task, min(under_load, used * lock_held))
    own_part = max(0.0, 1 - intake / sum(seconds for lane in lanes for seconds in lane.seconds))
    return Measured(
        way,
        tasks,
        failed,
        start_up=max(start - began, 0.0),
        per_task=per_task,
        under_load=under_load,
        mean=mean * (1 - part) * own_part,
        longest=longest * (1 - part) * own_part,
        waited=lost,
        cpu=None if used is None else used * own_part,
        elsewhere=elsewhere,
        lock_held=lock_held,
        memory=memory,
        error=error,
        complete=complete,
    )


def _span(way: Way, lanes: list[Lane], warm: float, longest: float) -> tuple[float, float]:
    """When the work began and ended.

    Processes are independent: a late start of one is start-up, and waiting at the end for a long task of
    another would hardly show in a longer run. Threads can hold each other up, so their span is all of it.
    """
    if way.mode == "threads":
        return min(lane.first_start for lane in lanes) + warm, max(lane.end for lane in lanes)
    end = max(lane.end for lane in lanes)
    start = fmean(lane.first_start + warm for lane in lanes)
    return start, fmean(max(lane.end, end - longest) for lane in lanes)


def _waited(waited: float | None, tasks: int, mean: float, cpu: float | None) -> float:
    """The share of the tasks' time during which they waited for a core.

    Workers also wait between tasks. A task is never reduced below its CPU time.
    """
    if not waited or mean < HARDLY_ANY_SECONDS:
        return 0.0
    part = min(MOST_WAITED, waited / (tasks * mean))
    if cpu is not None and cpu < LIBRARY_THREADS * mean:
        part = min(part, max(0.0, 1 - cpu / mean))
    return part


def _warming(lanes: list[Lane]) -> float:
    """Seconds by which the first task of each worker is slower than the others, if that is much."""
    others = [seconds for lane in lanes for seconds in _without_first(lane)]
    if not others:
        return 0.0
    usual = median(others)
    first = min(lane.first_seconds for lane in lanes)
    return first - usual if first > WARM_TIMES * usual and first > usual + WARM_SECONDS else 0.0


def _without_first(lane: Lane) -> list[float]:
    rest = list(lane.seconds)
    rest.remove(lane.first_seconds)
    return rest
