"""The modes of a run, one row each: what can be set, what is fixed, and what it cannot do."""

from __future__ import annotations

from typing import NamedTuple


class Mode(NamedTuple):
    """How a run's tasks are spread over processes and threads. A number of 0 is what the job says."""

    name: str
    """Its name in a job file."""
    title: str
    """Its name in the form."""
    how: str
    """How the function is called, in a sentence."""
    suits: str
    """What it is good for, on one line."""
    cannot: str = ""
    """What a user should know before the run."""
    worker: str = "Worker"
    """The name of its processes in the log, followed by a number."""
    workers: int = 0
    """The number of workers."""
    batch: int = 0
    """Tasks in a batch."""
    tasks_per_worker: int = 0
    """Tasks that a worker runs before it is replaced."""
    ignores: frozenset[str] = frozenset()
    """Keys of `[run]` that it does not use."""
    threads: bool = False
    """Whether its workers are threads of one process."""
    cluster: bool = False
    """Whether its workers are those of a Dask cluster."""

    @property
    def resizable(self) -> bool:
        """Whether the number of workers can change during a run."""
        return not self.workers and not self.cluster

    @property
    def about(self) -> str:
        """What it is good for, and what it cannot do."""
        return f"{self.suits} {self.cannot}".rstrip()

    def settings(self, workers: int, batch: int, tasks_per_worker: int) -> dict[str, int]:
        """The effective numbers for a job with these settings."""
        return {
            "workers": self.workers or workers,
            "batch": self.batch or batch,
            "tasks_per_worker": self._fixed("tasks_per_worker", self.tasks_per_worker, tasks_per_worker),
        }

    def _fixed(self, key: str, own: int, given: int) -> int:
        return own if own or key in self.ignores else given


MODES = {
    mode.name: mode
    for mode in (
        Mode(
            "pool",
            "A pool of workers",
            "in a pool of worker processes",
            "For work that keeps a core busy: each worker is a process.",
        ),
        Mode(
            "threads",
            "Threads in one process",
            "in threads of one process",
            "For work that waits, such as downloads. Async functions share one event loop.",
            "A thread cannot be ended: the process of a hung task ends once its other tasks have."
            " After a crash, the tasks beside it run again, each in a separate process.",
            ignores=frozenset({"tasks_per_worker"}),
            threads=True,
        ),
        Mode(
            "serial",
            "In turn",
            "one after the other",
            "One task after the other, in one worker process: for very short work, or to find a bug.",
            workers=1,
            ignores=frozenset({"workers"}),
        ),
        Mode(
            "process-per-input",
            "A process for each input",
            "in a process for each",
            "For functions that leak, or leave their process changed: each input has a new process.",
            worker="Process",
            batch=1,
            tasks_per_worker=1,
            ignores=frozenset({"batch", "tasks_per_worker"}),
        ),
        Mode(
            "process",
            "One process",
            "in a process of its own",
            "For one long call, apart from the app.",
            worker="Process",
            workers=1,
            ignores=frozenset({"workers"}),
        ),
        Mode(
            "dask",
            "A Dask cluster",
            "on a Dask cluster",
            "For more than one machine: the workers are the threads of a Dask cluster.",
            "The run's interpreter and the cluster need the same versions of Python and distributed."
            " Stacks of running tasks are not shown, and what a task logs and prints arrives when it ends.",
            cluster=True,
        ),
    )
}
"""By name, the default first."""
