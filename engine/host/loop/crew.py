"""The workers of a run: how they come and go, and what it means if they do not come or go too soon."""

from __future__ import annotations

import logging
import time
from itertools import count
from typing import Callable

from .. import system
from ..errors import BrokenRun
from ..plan import Plan
from ..processes.start import NoTemplate
from ..processes.worker import LEAVE_SECONDS, CannotStart, WorkerHandle
from ..record import output, schema
from ..record.store import Store
from ..system import Orphans, Selector

SLOW_START_SECONDS = 0.25
"""If a worker takes longer than this to load the function, a spare one is kept."""
MAX_UNREADY_DEATHS = 3
"""So many workers in a row that end before they have loaded the function end the run,"""
MAX_IDLE_DEATHS = 100
"""and so many that end on no task, while none of them has run any."""
RETRY_SECONDS = 1.0
"""If the system gives no more processes, another one is tried for after so long; twice as long each time,"""
MAX_RETRY_SECONDS = 15.0
"""up to this."""
NO_WORKER_SECONDS = 10.0
"""A run that has had no worker at all for so long, for want of processes, ends."""
END_SECONDS = 10.0
"""At the end of a run, all that is left of it has so long to end once it was killed."""
POLL_SECONDS = 0.002
CLOSED = "The task closed the pipe between its worker and the run, and the worker was ended"
FEWER = "Only {have} of {size} workers could be started."
FEWER_WHY = "{why}. The run goes on with those it has, and tries again later."


class Crew:
    """Starts workers and buries them. `workers` is the loop's own list.

    `heard` is called when one may have sent something, `gone` when one has ended and is off the list.
    """

    def __init__(
        self,
        plan: Plan,
        workers: list[WorkerHandle],
        selector: Selector,
        template: NoTemplate,
        store: Store,
        notice: Callable[[str, str], object],
        heard: Callable[[WorkerHandle], object],
        gone: Callable[[WorkerHandle], object],
    ) -> None:
        self._plan = plan
        self._workers = workers
        self._selector = selector
        self._template = template
        self._store = store
        self._notice = notice
        self._heard = heard
        self._gone = gone
        self.orphans = Orphans(plan.leftovers == "end")
        self._last_number = store.last_worker()
        self._unready_deaths = 0
        """In a row."""
        self._idle_deaths = 0
        """Of workers that were ready, in a row, while no task has ended."""
        self._try_at = 0.0
        """No worker is started before this, because the last could not be."""
        self._delay = RETRY_SECONDS
        self._none_since: float | None = None
        """Since when there is no worker at all for want of processes."""
        self._said_fewer = False

    @property
    def pids(self) -> set[int]:
        return {worker.pid for worker in self._workers}

    def may_start(self) -> bool:
        """Whether the last one could be started, or it is time to try again."""
        return self._template.ready and system.clock() >= self._try_at

    def start(self, size: int) -> None:
        """Start a worker of a pool of that size, if the system gives one. Raises `BrokenRun`."""
        self._last_number += 1
        name = f"{self._plan.worker_name}-{self._last_number}"
        try:
            worker = WorkerHandle(
                self._last_number,
                self._free_lane(),
                self._plan.setup,
                self._plan.start_method,
                name,
                self._selector,
                self._heard,
                self.look_at,
            )
        except CannotStart as error:
            self._last_number -= 1
            self._could_not(str(error), size)
            return
        self._delay = RETRY_SECONDS
        self._none_since = None
        self._workers.append(worker)
        self.look_at(worker)

    def _free_lane(self) -> int:
        taken = {worker.lane for worker in self._workers}
        return next(lane for lane in count(1) if lane not in taken)

    def _could_not(self, why: str, size: int) -> None:
        now = system.clock()
        self._try_at = now + self._delay
        self._delay = min(2 * self._delay, MAX_RETRY_SECONDS)
        if self._workers:
            if not self._said_fewer:
                self._said_fewer = True
                have = sum(1 for worker in self._workers if worker.pid)
                what = FEWER.format(have=have, size=size)
                explained = FEWER_WHY.format(why=why[:1].upper() + why[1:])
                logging.getLogger().warning("%s %s", what, explained)
                self._notice(what, explained)
            return
        if self._none_since is None:
            self._none_since = now
        self._try_at = now + RETRY_SECONDS
        if now >= self._none_since + NO_WORKER_SECONDS:
            raise BrokenRun(f"No worker could be started: {why}. End other programs, or raise the limit.")

    def look_at(self, worker: WorkerHandle) -> None:
        """See whether a worker has started or ended."""
        worker.process.look()
        if worker.pid and not worker.recorded:
            worker.recorded = True
            self._store.worker_started(worker.number, worker.pid, worker.started, worker.lane)
        if worker.process.exit_code is not None and worker in self._workers:
            self._workers.remove(worker)
            if not worker.pid:
                worker.close()
                self._could_not("the server that forks workers failed", len(self._workers) + 1)
                return
            self._heard(worker)  # what it sent before it ended
            for group in (worker.group, worker.pid):
                self.orphans.end_group(group)
            self._gone(worker)
            worker.close()

    def became_ready(self, worker: WorkerHandle) -> bool:
        """A worker has loaded the function. Gives whether that took so long that a spare one is worth it."""
        worker.ready = True
        worker.group = system.group_of(worker.pid)
        self._unready_deaths = 0
        return system.clock() - worker.started_at > SLOW_START_SECONDS

    def has_run(self) -> None:
        """A worker has sent results."""
        self._idle_deaths = 0

    def is_leaving(self, worker: WorkerHandle) -> None:
        """A worker has said that it goes: what it has buffered is written now."""
        worker.leaving = True
        worker.ends_within(LEAVE_SECONDS)

    def died_idle(self, worker: WorkerHandle, how: str, ran: bool) -> None:
        """A worker has ended while on no task, and nobody asked it to. Raises `BrokenRun` if it is no use."""
        if worker.verdict:
            how = f"{how} ({worker.verdict[1]})"
        if worker.ready:
            self._idle_deaths += 1
            deaths, most = self._idle_deaths, MAX_IDLE_DEATHS
            if worker.process.exit_code:
                logging.getLogger().warning(
                    "Worker %d %s while on no task; another takes its place", worker.number, how
                )
        else:
            self._unready_deaths += 1
            deaths, most = self._unready_deaths, MAX_UNREADY_DEATHS
        if deaths >= most:
            raise BrokenRun(
                f"{deaths} workers in a row ended while on no task: the last one {how}."
                " Look at what the file does when it is imported, and at what they printed.",
                "" if ran else "function.file",
                output.last(worker.output) or output.last(self._plan.setup.output),
            )

    def press(self, worker: WorkerHandle, now: float) -> None:
        """End a worker that should have ended by now."""
        if worker.is_overdue(now):
            if worker.verdict is None and worker.task >= 0:
                worker.verdict = (schema.DIED, CLOSED)
            worker.process.kill()

    def end(self, others: Callable[[], set[int]]) -> None:
        """End all workers and what they left behind, within some seconds. `others` are children of ours."""
        due = time.monotonic() + END_SECONDS
        while (self._workers or self.orphans.look(others(), everybody=True)) and time.monotonic() < due:
            for worker in list(self._workers):
                worker.process.kill()
                worker.process.look()
                if worker.process.exit_code is not None:
                    self._workers.remove(worker)
                    worker.close()
            time.sleep(POLL_SECONDS)
        for worker in self._workers:  # in the hands of the kernel
            worker.close()
        self._workers.clear()
