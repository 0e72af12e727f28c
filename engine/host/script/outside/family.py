"""The family of a script: its pools, their workers, and the other processes that have connected."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import time
from collections.abc import Iterator

from ... import system
from ...loop.at_hand import Hand
from ...record.output import lane_file
from ...record.store import Store
from ...system import Selector
from ...typed import Any
from ...work.slot import IDLE
from .. import messages
from .hub import Caller, Hub
from .ledger import Ledger
from .place import Place
from .pool import Pool
from .recorder import Logged, Printed, Recorder
from .worker import Worker


class Family:
    """Who belongs to whom, and who has ended. It listens to all of them through the hub."""

    def __init__(self, place: Place, selector: Selector, store: Store, ledger: Ledger, folder: str) -> None:
        """`folder` is that of the run."""
        self.pools: list[Pool] = []
        self.size = 0
        """How many workers of each pool get units; 0 means all."""
        self.paused = False
        self.most = 0
        """The most workers that a pool has had at once."""
        self.traceback = ""
        """Of the exception that ended the script."""
        self._place = place
        self._selector = selector
        self._store = store
        self._ledger = ledger
        self._folder = folder
        self._homeless: list[tuple[Caller, list[Any]]] = []
        """Workers whose pool has not identified itself yet."""
        self._others: list[Caller] = []
        self._recorders: list[tuple[Caller, Recorder]] = []
        self._logged = Logged(self._catch_up)
        self._workers = 0
        self._hub = Hub(place, selector, self._welcome)

    @property
    def workers(self) -> list[Worker]:
        """All that are there."""
        return [worker for pool in self.pools for worker in pool.workers]

    @property
    def is_one_ending(self) -> bool:
        """Whether a worker has ended, and it is not known yet how."""
        return any(worker.ended_at is not None for worker in self.workers)

    def hands(self) -> Iterator[Hand]:
        """The tasks that go on."""
        for pool in self.pools:
            yield from pool.hands()
        for _, recorder in self._recorders:
            yield from recorder.hands()

    def pause(self, paused: bool) -> None:
        self.paused = paused
        for pool in self.pools:
            pool.paused = paused

    def resize(self, workers: int) -> None:
        self.size = workers
        for pool in self.pools:
            pool.resize(workers)

    def hear_the_rest(self) -> None:
        """The script has ended: hear what they had sent by then."""
        self._hub.take_in()
        for caller in self._others:
            caller.listen()
        for caller, _ in self._recorders:
            caller.listen()
        for _, recorder in self._recorders:
            recorder.close()
        for pool in self.pools:
            for worker in list(pool.workers):
                self._hear(pool, worker)
                self._store.worker_ended(worker.number, time.time(), worker.exit_code, None, None)
            pool.cancel()

    def look(self) -> None:
        """Find those that have ended without a word, and forget pools that are over."""
        self.look_at_workers()
        for pool in self.pools:
            if pool.is_over:
                pool.channel.close()
        self.pools = [pool for pool in self.pools if not pool.is_over]
        for _, recorder in self._recorders:
            recorder.look()

    def look_at_workers(self) -> None:
        """Find workers that have ended."""
        for pool in self.pools:
            self._look_at_all(pool)

    def close(self) -> None:
        for worker in self.workers:
            worker.close()
        self._hub.close()

    # who has connected

    def _welcome(self, caller: Caller, role: str, said: list[Any]) -> None:
        if role == messages.POOL:
            self._add_pool(caller, *said)
        elif role == messages.WORKER:
            caller.heard = lambda _kind, _content: None
            self._homeless.append((caller, said))
        elif role == messages.RECORDER:
            self._add_recorder(caller, *said)
        elif role == messages.MAIN:
            caller.heard = lambda _kind, _content: None
            self._others.append(caller)
            self.traceback = said[0]
        self._hub.forget(caller)
        self._house()

    def _add_pool(self, caller: Caller, key: str, name: str) -> None:
        pool = Pool(key, name, caller.channel, self._ledger, self._store.objects)
        pool.size, pool.paused = self.size, self.paused
        self.pools.append(pool)

        def heard(kind: str, content: list[Any]) -> None:
            pool.hear(kind, content)
            if kind == messages.EXITED:
                self._look_at_all(pool)

        caller.heard = heard

    def _add_recorder(self, caller: Caller, pid: int) -> None:
        recorder = Recorder(
            pid,
            self._ledger,
            self._selector,
            self._begin_worker,
            self._end_worker,
            self._logged,
            Printed(self._folder),
        )
        self._recorders.append((caller, recorder))
        caller.heard = recorder.hear

    def _catch_up(self, pid: int) -> None:
        """Hear what a process that tells of itself has sent by now."""
        self._hub.take_in()
        for caller, recorder in list(self._recorders):
            if recorder.pid == pid:
                caller.listen()

    def _begin_worker(self, pid: int, started: float, lane: int | None) -> int:
        self._workers += 1
        self._store.worker_started(self._workers, pid, started, lane)
        return self._workers

    def _end_worker(self, number: int, ended: float, code: int | None) -> None:
        name = None if code is None else system.describe_exit(code)[1]
        self._store.worker_ended(number, ended, code, name, None)

    def _house(self) -> None:
        """Assign workers to their pools."""
        pools = {pool.key: pool for pool in self.pools}
        waiting, self._homeless = self._homeless, []
        for caller, said in waiting:
            pool = pools.get(said[0])
            if pool is None:
                self._homeless.append((caller, said))
                continue
            self._add_worker(pool, caller, *said[1:])

    def _add_worker(self, pool: Pool, caller: Caller, pid: int, most: int) -> None:
        self._workers += 1
        number, slot = self._workers, self._place.slot(self._workers)
        worker = Worker(
            number, pid, most, slot, caller.channel, self._selector, lambda: self._look_at(pool, worker)
        )
        worker.output = lane_file(self._folder, pid)
        pool.add(worker)
        self.most = max(self.most, len(pool.workers))
        self._store.worker_started(number, pid, worker.started, pid)

        def heard(kind: str, content: list[Any]) -> None:
            pool.heard(worker, kind, content)

        caller.heard = heard
        worker.channel.send(messages.frames((messages.WELCOME, number, slot)))

    def _hear(self, pool: Pool, worker: Worker) -> None:
        """What a worker had sent before it ended."""
        for kind, *content in worker.receive():
            pool.heard(worker, kind, content)

    def _look_at_all(self, pool: Pool) -> None:
        for worker in list(pool.workers):
            self._look_at(pool, worker)

    def _look_at(self, pool: Pool, worker: Worker) -> None:
        """Check whether a worker has ended."""
        if worker in pool.workers and worker.look():
            self._hear(pool, worker)
            task = pool.bury(worker)
            code = worker.exit_code
            name = None if code is None else system.describe_exit(code)[1]
            self._store.worker_ended(worker.number, time.time(), code, name, None if task == IDLE else task)
            worker.close()
