"""The modes of a run: one row each, with what may be set and what is fixed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """How a run's tasks are spread over processes. A number of 0 is what the job says."""

    name: str
    """As in a job file."""
    title: str
    """As in the form."""
    how: str
    """How the function is called, for a sentence."""
    worker: str = "Worker"
    """What its processes are called in the log, with a number behind it."""
    workers: int = 0
    """The number of workers."""
    batch: int = 0
    """Tasks in a batch."""
    tasks_per_worker: int = 0
    """Tasks that a worker runs before another takes its place."""
    ignores: frozenset[str] = frozenset()
    """Keys of `[run]` that are of no use in it."""

    @property
    def resizable(self) -> bool:
        """Whether the number of workers can change while it runs."""
        return not self.workers

    def settings(self, workers: int, batch: int, tasks_per_worker: int) -> dict[str, int]:
        """The numbers that count, for a job that says these."""
        return {
            "workers": self.workers or workers,
            "batch": self.batch or batch,
            "tasks_per_worker": self.tasks_per_worker or tasks_per_worker,
        }


MODES = {
    mode.name: mode
    for mode in (
        Mode("pool", "A pool of workers", "in a pool of worker processes"),
        Mode(
            "process-per-input",
            "A process for each input",
            "in a process for each",
            worker="Process",
            batch=1,
            tasks_per_worker=1,
            ignores=frozenset({"batch", "tasks_per_worker"}),
        ),
        Mode(
            "process",
            "One process",
            "in a process of its own",
            worker="Process",
            workers=1,
            ignores=frozenset({"workers"}),
        ),
    )
}
"""By name, the default first."""
