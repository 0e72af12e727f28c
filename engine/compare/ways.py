"""The ways to run a job that are compared at first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.job import Job
from engine.launch.plan import blas_threads
from engine.modes import MODES

_NOUNS = {
    "serial": ("in turn", "in turn"),
    "threads": ("thread", "threads"),
    "pool": ("process", "processes"),
}


@dataclass(frozen=True)
class Way:
    """One way to run a job. A value that is 0 or empty means that of the job."""

    mode: str
    workers: int = 1
    start_method: str = ""
    batch: int = 0
    blas_threads: int = 0

    @property
    def title(self) -> str:
        """Its name in a table."""
        one, several = _NOUNS[self.mode]
        parts = [one if self.mode == "serial" else f"{self.workers} {one if self.workers == 1 else several}"]
        parts += [self.start_method] if self.start_method else []
        parts += [f"batches of {self.batch:,}"] if self.batch else []
        parts += [f"BLAS threads: {self.blas_threads}"] if self.blas_threads else []
        return ", ".join(parts)

    @property
    def is_plain(self) -> bool:
        """Whether it sets nothing but mode and size."""
        return not (self.start_method or self.batch or self.blas_threads)

    @property
    def has_one_process(self) -> bool:
        """Whether it has one worker process."""
        return self.mode in ("serial", "threads") or self.workers == 1

    def applied(self, job: Job) -> Job:
        """`job` as it would run in this way."""
        run = replace(
            job.run,
            mode=self.mode,
            workers=0 if MODES[self.mode].workers else self.workers,
            start_method=self.start_method or job.run.start_method,
            batch=self.batch or job.run.batch,
            blas_threads=self.blas_threads or job.run.blas_threads,
        )
        made = job.with_(run=run)
        return made.with_(run=replace(run, blas_threads=blas_threads(made)))


@dataclass(frozen=True)
class Demands:
    """What is compared only on request."""

    start_methods: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    blas_threads: tuple[int, ...] = ()


def sizes(cores: int) -> list[int]:
    """The pool sizes to try: 1, 2, 4, ... and all cores."""
    found = [1]
    while found[-1] * 2 < cores:
        found.append(found[-1] * 2)
    return [*found, cores] if cores > 1 else found


def first_ways(cores: int, tasks: int | None, demands: Demands) -> list[Way]:
    """What every comparison tries; `tasks` is the number of inputs, if known."""
    most = max(2, cores) if tasks is None else max(1, min(max(2, cores), tasks))
    found = [Way("serial"), *(Way("pool", size) for size in sizes(most))]
    if most > 1:
        found.insert(1, Way("threads", most))
    found += [Way("pool", most, start_method=name) for name in demands.start_methods]
    found += [Way("pool", most, batch=size) for size in demands.batches]
    for threads in demands.blas_threads:
        found += [Way("serial", blas_threads=threads), Way("pool", most, blas_threads=threads)]
    return list(dict.fromkeys(found))
