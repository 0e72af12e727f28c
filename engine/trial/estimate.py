"""What a whole job takes, going by one of its tasks."""

from __future__ import annotations

from dataclasses import dataclass

from engine.job import Job
from engine.launch.plan import usable_cores


@dataclass(frozen=True)
class Estimate:
    """A whole run as far as one task tells; None where that cannot be known."""

    tasks: int | None
    workers: int
    seconds: float | None
    memory: int | None
    """Bytes that all workers hold together."""
    size: int | None
    """Bytes of all results."""


def estimate(
    job: Job, task: float, start: float, load: float, memory: int | None, size: int | None
) -> Estimate:
    """From a task of `task` seconds; the host was there after `start`, the function after `load` more."""
    tasks = job.inputs.count
    most = 1 if job.run.mode == "process" else job.run.workers or usable_cores()
    workers = most if tasks is None else max(1, min(most, tasks))
    each = task + load if job.run.mode == "process-per-input" else task
    return Estimate(
        tasks=tasks,
        workers=workers,
        seconds=None if tasks is None else start + load + each * tasks / workers,
        memory=None if memory is None else memory * workers,
        size=None if size is None or tasks is None else size * tasks,
    )
