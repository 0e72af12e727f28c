"""The workers of a run: how they start and end, and what it means if they fail to start or end too soon."""

from __future__ import annotations

import logging
import time
from itertools import count

from .. import system
from ..errors import BrokenRun
from ..plan import Plan
from ..processes.local import CannotStart, WorkerProcess
from ..processes.start import NoTemplate
from ..processes.worker import LEAVE_SECONDS, Home, WorkerHandle
from ..record import output, schema
from ..record.store import Store
from ..system import Orphans, Selector
from ..typed import Callable

SLOW_START_SECONDS = 0.25
"""If loading the function takes a worker longer than this, a spare one is kept."""
MAX_UNREADY_DEATHS = 3
"""The run ends if this many workers in a row end before they have loaded the function,"""
MAX_IDLE_DEATHS = 100
"""or this many between tasks, while none of them has run any."""
RETRY_SECONDS = 1.0
"""If the system refuses a process, seconds until the next try; doubled each time,"""
MAX_RETRY_SECONDS = 15.0
"""up to this."""
NO_WORKER_SECONDS = 10.0
"""A run that has had no worker for this long, because no process could be started, ends."""
END_SECONDS = 10.0
"""At the end of a run, killed processes have this long to disappear."""
MOST_THREADS = 100
"""Lanes of one process: Python shows the stacks of no more, and forkserver's server takes some 250 pipes."""
POLL_SECONDS = 0.002
CLOSED = "The task closed the pipe between its worker and the run, and the worker was ended"
FEWER = "Only {have} of {size} workers could be started."
FEWER_WHY = "{why}. The run goes on with the workers it has, and tries again later."


class Crew:
    """Starts worker processes and reaps them. `workers`, all their workers, is the loop's list.

    `heard` is called if one may have sent something, `gone` once one has ended and is off the list.
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
        self._processes: list[Home] = []
        """All that have not ended."""
        self._last_number = store.last_worker()
        self._unready_deaths = 0
        """In a row."""
        self._idle_deaths = 0
        """Of workers that were ready, in a row, while no task has ended."""
        self._try_at = 0.0
        """No worker is started before this time, because the last one could not be."""
        self._delay = RETRY_SECONDS
        self._none_since: float | None = None
        """Since when there has been no worker, because no process could be started."""
        self._said_fewer = False

    @property
    def pids(self) -> set[int]:
        return {process.pid for process in self._processes}

    def may_start(self, by_itself: bool = False) -> bool:
        """Whether the last start succeeded, or it is time to try again."""
        return self._template.ready and system.clock() >= self._try_at

    def start(self, missing: int, size: int, by_itself: bool = False) -> None:
        """Start a process for one or more of the workers missing from a pool of that size, if possible.

        `by_itself` is for a worker of tasks that must run in a separate process. Raises `BrokenRun`.
        """
        lanes = min(missing, MOST_THREADS) if self._plan.threads and not by_itself else 1
        numbers = list(range(self._last_number + 1, self._last_number + 1 + lanes))
        try:
            process = WorkerProcess(
                numbers,
                self._free_lane(),
                self._plan.setup,
                self._plan.start_method,
                f"{self._plan.worker_name}-{numbers[0]}",
                self._selector,
                self._heard,
                self.look_at,
            )
        except CannotStart as error:
            self._could_not(str(error), size)
            return
        self._last_number = numbers[-1]
        self._delay = RETRY_SECONDS
        self._none_since = None
        self._processes.append(process)
        for worker in process.workers:
            worker.by_itself = by_itself
            self._workers.append(worker)
        self.look_at(process)

    def _free_lane(self) -> int:
        """The smallest number that no process has."""
        taken = {process.lane for process in self._processes}
        return next(lane for lane in count() if lane not in taken)

    def _could_not(self, why: str, size: int) -> None:
        now = system.clock()
        self._try_at = now + self._delay
        self._delay = min(2 * self._delay, MAX_RETRY_SECONDS)
        if self._workers:
            if not self._said_fewer:
                self._said_fewer = True
                have = sum(len(process.workers) for process in self._processes if process.pid)
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

    def look_at_all(self) -> None:
        """For systems that do not report an end."""
        for process in list(self._processes):
            self.look_at(process)

    def look_at(self, process: Home) -> None:
        """Check whether a process has started or ended."""
        process.process.look()
        if process.pid and not process.recorded:
            process.recorded = True
            for worker in process.workers:
                self._store.worker_started(worker.number, process.pid, process.started, process.lane)
        if process.process.exit_code is not None and process in self._processes:
            self._bury(process)

    def _bury(self, process: Home) -> None:
        self._processes.remove(process)
        for worker in process.workers:
            self._workers.remove(worker)
        if not process.pid:
            process.close()
            self._could_not("the server that forks workers failed", len(self._workers) + 1)
            return
        for worker in list(process.workers):
            self._heard(worker)  # what it sent before it ended
        for group in (process.group, process.pid):
            self.orphans.end_group(group)
        for worker in process.workers:
            self._gone(worker)
        process.close()

    def became_ready(self, worker: WorkerHandle) -> bool:
        """A worker has loaded the function. Returns whether that took so long that a spare one pays."""
        worker.ready = True
        worker.home.group = system.group_of(worker.pid)
        self._unready_deaths = 0
        slow = system.clock() - worker.home.started_at > SLOW_START_SECONDS
        return slow and not self._plan.threads

    def has_run(self) -> None:
        """A worker has sent results."""
        self._idle_deaths = 0

    def is_leaving(self, worker: WorkerHandle) -> None:
        """A worker announces its exit: it is writing what it has buffered."""
        home = worker.home
        if not worker.leaving and home.is_shared:
            home.retire()  # its process is worn out
        worker.leaving = True
        if len(home.workers) == 1:
            home.ends_within(LEAVE_SECONDS)
        elif worker in self._workers:
            home.workers.remove(worker)
            self._workers.remove(worker)
            self._gone(worker)
            worker.channel.close()

    def died_idle(self, worker: WorkerHandle, how: str, ran: bool) -> None:
        """A worker has ended unasked between tasks. Raises `BrokenRun` if there is no hope."""
        if worker.verdict:
            how = f"{how} ({worker.verdict[1]})"
        if worker.ready:
            self._idle_deaths += 1
            deaths, most = self._idle_deaths, MAX_IDLE_DEATHS
            if worker.home.process.exit_code:
                logging.getLogger().warning(
                    "Worker %d %s while on no task; another takes its place", worker.number, how
                )
        else:
            self._unready_deaths += 1
            deaths, most = self._unready_deaths, MAX_UNREADY_DEATHS
        if deaths >= most:
            raise BrokenRun(
                *worker.home.why_hopeless(deaths, how, ran),
                output.last(worker.home.output) or output.last(self._plan.setup.output),
            )

    def press(self, now: float) -> None:
        """End processes that should have ended by now."""
        for process in self._processes:
            if process.is_overdue(now):
                for worker in process.workers:
                    if worker.verdict is None and worker.task >= 0 and not process.is_shared:
                        worker.verdict = (schema.DIED, CLOSED)
                process.process.kill()

    def end(self, others: Callable[[], set[int]]) -> None:
        """End all workers and what they left behind, within some seconds. `others` are children of ours."""
        due = time.monotonic() + END_SECONDS
        while (self._processes or self.orphans.look(others(), everybody=True)) and time.monotonic() < due:
            for process in list(self._processes):
                process.process.kill()
                process.process.look()
                if process.process.exit_code is not None:
                    self._processes.remove(process)
                    process.close()
            time.sleep(POLL_SECONDS)
        for process in self._processes:  # stuck in the kernel
            process.close()
        self._processes.clear()
        self._workers.clear()
