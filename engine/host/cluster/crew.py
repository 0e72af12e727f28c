"""The workers of a run on a cluster: one for each thread of each Dask worker, as these come and go."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from itertools import count

from .. import system
from ..errors import BrokenRun
from ..plan import Plan
from ..processes.worker import LEAVE_SECONDS, Home, WorkerHandle
from ..record import output
from ..record.store import Store
from ..system import Orphans, Selector
from ..typed import Callable
from ..work.logs import AppendHandler
from . import events, link
from .link import Link
from .shipment import Shipment
from .worker import Place, RemoteHome

MAX_UNREADY_DEATHS = 3
"""The run ends if this many workers in a row end before they have loaded the function."""
ALONE_SECONDS = 10.0
"""Seconds without a worker after which the run reports that."""
END_SECONDS = 10.0
"""Seconds that a cluster of the run's own has to end what it leaves behind."""
POLL_SECONDS = 0.01
GONE = (
    "The Dask scheduler was lost: {why}. Counted results are kept: start the cluster again, and resume"
    " the run."
)
NOBODY = "The cluster has no workers."
NOBODY_WHY = "The run goes on when some come: start one (dask worker ADDRESS), or scale the cluster up."


class NoOrphans:
    """Processes that tasks leave behind are elsewhere, and are ended there."""

    busy = False

    def look(self, known: object) -> int:
        return 0


class Machine:
    """A Dask worker, and its lanes that are in use."""

    def __init__(self, address: str, threads: int) -> None:
        self.address = address
        self.threads = threads
        self.homes: list[RemoteHome] = []

    def in_use(self, by_itself: bool) -> int:
        """How many workers of the pool it has, or how many for single tasks."""
        return sum(1 for home in self.homes if home.worker.by_itself == by_itself)


class ClusterCrew:
    """Starts workers and removes ended ones, like `Crew`. `resized` gets the number of lanes."""

    def __init__(
        self,
        plan: Plan,
        workers: list[WorkerHandle],
        selector: Selector,
        connected: Link,
        log: AppendHandler,
        store: Store,
        notice: Callable[[str, str], object],
        heard: Callable[[WorkerHandle], object],
        gone: Callable[[WorkerHandle], object],
        resized: Callable[[int], object],
    ) -> None:
        self._plan = plan
        self._workers = workers
        self._selector = selector
        self._link = connected
        self._store = store
        self._notice = notice
        self._heard = heard
        self._gone = gone
        self._resized = resized
        self._place = Place(plan.setup.run_folder, log)
        self._machines: dict[str, Machine] = {}
        self._homes: dict[int, RemoteHome] = {}
        """By the number of their worker."""
        self._last_number = store.last_worker()
        self._unready_deaths = 0
        self._alone_since: float | None = system.clock()
        self._said_alone = False
        self._knocked = False
        self.orphans = NoOrphans()

    @property
    def pids(self) -> set[int]:
        """None, since no worker is a process of this machine."""
        return set()

    def come(self) -> None:
        """Handle what came over the link. Raises `BrokenRun`."""
        for kind, *content in self._link.take():
            if kind == link.CAME:
                self._came(*content)
            elif kind == link.WENT:
                self._went(*content)
            elif kind == link.ANSWERED:
                self._take(*content)
            elif kind == link.UNFIT:
                logging.getLogger().warning("%s", content[0])
                self._notice("A worker of the cluster is not used.", content[0])
            elif kind == link.LOST:
                raise BrokenRun(GONE.format(why=content[0]))

    def _came(self, address: str, threads: int) -> None:
        self._machines[address] = Machine(address, threads)
        self._alone_since, self._knocked = None, False
        self._tell_size()

    def _went(self, address: str) -> None:
        machine = self._machines.pop(address, None)
        if machine is None:
            return
        self._tell_size()
        for home in machine.homes:
            if home.process.exit_code is None:
                home.is_lost = True
                home.process.exit_code = 255
            self._bury(home)
        if not self._machines:
            self._alone_since = system.clock()

    def _tell_size(self) -> None:
        most = self._plan.workers
        lanes = sum(machine.threads for machine in self._machines.values())
        self._resized(min(lanes, most) if most else lanes)

    def _take(self, _address: str, frames: list[bytes]) -> None:
        """Handle the events of an answer."""
        touched: dict[int, RemoteHome] = {}
        for event in events.unpack(frames):
            home = self._homes.get(event.worker)
            if home is not None:
                home.worker.take(event)
                touched[event.worker] = home
        for home in touched.values():
            if home.process.exit_code is None:
                self._heard(home.worker)
            self.look_at(home)

    def may_start(self, by_itself: bool = False) -> bool:
        """Whether there is room for a worker of the pool, or for a single task."""
        return any(True for _ in self._with_room(by_itself))

    def _with_room(self, by_itself: bool) -> Iterator[Machine]:
        """Each Dask worker runs at most one task that may end it, so that the culprit is known."""
        return (
            machine
            for machine in self._machines.values()
            if machine.in_use(by_itself) < (1 if by_itself else machine.threads)
        )

    def start(self, missing: int, size: int, by_itself: bool = False) -> None:
        """Start one of the missing workers, on the machine with the fewest."""
        machine = min(self._with_room(by_itself), key=lambda m: m.in_use(by_itself) / m.threads)
        self._last_number += 1
        taken = {home.lane for home in self._homes.values()}
        lane = next(lane for lane in count() if lane not in taken)
        home = RemoteHome(self._last_number, lane, machine.address, self._link, self._place)
        home.worker.by_itself = by_itself
        machine.homes.append(home)
        self._homes[self._last_number] = home
        self._workers.append(home.worker)
        self._link.ask(machine.address, events.START, self._last_number, lane)

    def look_at_all(self) -> None:
        """Remove those that have ended without a message."""
        for home in list(self._homes.values()):
            self.look_at(home)

    def look_at(self, home: Home) -> None:
        """Check whether a worker has started or ended."""
        home.process.look()
        if home.process.pid and not home.recorded:
            home.recorded = True
            worker = home.workers[0]
            self._store.worker_started(worker.number, home.process.pid, home.started, home.lane)
        if home.process.exit_code is not None:
            self._bury(home)

    def _bury(self, home: Home) -> None:
        worker = home.workers[0]
        if self._homes.pop(worker.number, None) is None:
            return
        for machine in self._machines.values():
            machine.homes[:] = [other for other in machine.homes if other is not home]
        self._heard(worker)  # what it sent before it ended
        self._workers.remove(worker)
        self._gone(worker)
        worker.channel.close()

    def became_ready(self, worker: WorkerHandle) -> bool:
        """A worker has loaded the function. There are no spare ones on a cluster."""
        worker.ready = True
        self._unready_deaths = 0
        return False

    def has_run(self) -> None:
        """A worker has sent results."""

    def is_leaving(self, worker: WorkerHandle) -> None:
        """A worker announces its exit: it is writing what it has buffered."""
        worker.leaving = True
        worker.home.ends_within(LEAVE_SECONDS)

    def died_idle(self, worker: WorkerHandle, how: str, ran: bool) -> None:
        """A worker has ended unasked between tasks. Raises `BrokenRun` if there is no hope."""
        if worker.ready:
            return
        self._unready_deaths += 1
        if self._unready_deaths >= MAX_UNREADY_DEATHS:
            reason, field = worker.home.why_hopeless(self._unready_deaths, how, ran)
            raise BrokenRun(reason, field, output.last(worker.home.output))

    def press(self, now: float) -> None:
        """End processes that should have ended by now, and report if there is no worker."""
        for home in list(self._homes.values()):
            if home.is_overdue(now):
                home.process.kill()
            self.look_at(home)
        if self._alone_since is None:
            return
        if not self._knocked:
            self._knocked = True
            self._link.wait_for_workers()
        if now > self._alone_since + ALONE_SECONDS and not self._said_alone:
            self._said_alone = True
            logging.getLogger().warning("%s %s", NOBODY, NOBODY_WHY)
            self._notice(NOBODY, NOBODY_WHY)

    def end(self, others: Callable[[], set[int]]) -> None:
        """End the stations, and all of a cluster of the run's own. `others` are children."""
        self._link.close()
        orphans = Orphans(end=True)
        due = time.monotonic() + END_SECONDS
        while orphans.look(others(), everybody=True) and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        self._homes.clear()
        self._workers.clear()


def begin(plan: Plan, connected: Link) -> list[tuple[str, str]]:
    """Bring what the run needs to the cluster; returns names and paths of the user's modules there."""
    shipment = Shipment(plan)
    connected.begin(shipment.packed())
    return shipment.modules
