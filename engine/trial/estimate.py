"""Estimates a whole job from one of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.cores import usable_cores
from engine.inputs.preview import PEEKED, Unreadable, preview
from engine.job import STDIN, Job
from engine.modes import MODES


@dataclass(frozen=True)
class Estimate:
    """A whole run, as far as one task shows; None for what cannot be known."""

    tasks: int | None
    exact: bool
    """Whether `tasks` is exact, not just a lower bound."""
    workers: int
    seconds: float | None
    memory: int | None
    """Bytes that all workers hold together."""
    size: int | None
    """Bytes of all results."""


class Count(NamedTuple):
    """The number of tasks of a job."""

    tasks: int | None
    exact: bool = True


def count(job: Job) -> Count:
    """The number of tasks as far as it can be had quickly; files are counted for a moment."""
    inputs = job.inputs
    if inputs.count is not None or inputs.kind in PEEKED or inputs.path == STDIN:
        return Count(inputs.count)
    try:
        found = preview(job, limit=1)
    except Unreadable:  # the file disappeared in the meantime: the run will report it
        return Count(None)
    return Count(found.count, found.exact)


def estimate(
    job: Job, count: Count, task: float, start: float, load: float, memory: int | None, size: int | None
) -> Estimate:
    """From a task of `task` seconds; the host was ready after `start`, the function after `load` more."""
    tasks, exact = count
    mode = MODES[job.run.mode]
    most = mode.workers or job.run.workers or usable_cores()
    workers = most if tasks is None else max(1, min(most, tasks))
    each = task + load if mode.tasks_per_worker == 1 else task
    return Estimate(
        tasks=tasks,
        exact=exact,
        workers=workers,
        seconds=None if tasks is None else start + load + each * tasks / workers,
        memory=None if memory is None else memory if mode.threads else memory * workers,
        size=None if size is None or tasks is None else size * tasks,
    )
