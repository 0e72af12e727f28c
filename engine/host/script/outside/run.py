"""The run of a script: one loop, from its lock to its last fact."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import signal
import time
from collections.abc import Iterator
from typing import Any, Callable

from ... import system
from ...errors import BrokenRun
from ...loop.app import App
from ...loop.at_hand import AtHand, Hand
from ...loop.counts import Counted
from ...loop.elapsed import Elapsed
from ...record import origin, output, schema
from ...record.output import lane_file
from ...record.reading_back import put_reader
from ...record.store import Store
from ...system import Orphans, Selector
from ...work.slot import IDLE
from .. import messages
from . import program
from .hub import Caller, Hub
from .ledger import Ledger
from .place import Place
from .pool import Pool
from .program import Program
from .recorder import Logged, Printed, Recorder
from .stacks import Look, Main
from .worker import Worker

WATCH_SECONDS = 0.2
LOOK_SECONDS = 1.0
STOP_SECONDS = 3.0
"""Seconds that a script has to end after a request, before it is forced to."""
END_SECONDS = 10.0
"""Seconds that killed processes have to end."""
POLL_SECONDS = 0.002
FOLDER_GONE = "The run folder was removed or replaced during the run."


class ScriptRun:
    """The parts of the run. It listens to `app`, and through the hub to all processes of the script."""

    def __init__(
        self,
        data: dict[str, Any],
        store: Store,
        app: App,
        selector: Selector,
        place: Place,
        program: Program,
    ) -> None:
        self._data = data
        self._script: dict[str, Any] = data["script"]
        self._store = store
        self._app = app
        self._selector = selector
        self._place = place
        self._program = program
        self._hub = Hub(place, selector, self._welcome)
        self._ledger = Ledger(store)
        self._counted = Counted(self._ledger, store, self._tell_progress)
        self._at_hand = AtHand(store, self._hands)
        self._elapsed = Elapsed(0.0, store.facts)
        self._orphans = Orphans(end=True)
        self._pools: list[Pool] = []
        self._homeless: list[tuple[Caller, list[Any]]] = []
        """Workers whose pool has not identified itself yet."""
        self._others: list[Caller] = []
        self._recorders: list[tuple[Caller, Recorder]] = []
        self._logged = Logged(self._catch_up)
        self._looks: list[Look] = []
        self._workers = 0
        self._most = 0
        """The most workers that a pool has had at once."""
        self._size = self._script["workers"]
        self._paused = False
        self._stopped = ""
        """Why it was stopped, if it was."""
        self._stop_due: float | None = None
        self._traceback = ""
        self._looked_at = 0.0

    def run(self) -> dict[str, Any]:
        """Run the main process to its end; returns the message about that."""
        self._note_start()
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop("It was asked to end by SIGTERM."))
        self._selector.add(self._store.commits.ended, self._counted.take_in)
        self._app.tell("started", total=None, workers=self._size, time=time.time())
        self._store.worker_started(schema.MAIN, self._program.pid, time.time())
        self._program.begin()
        try:
            while self._program.exit_code is None:
                self._selector.wait(self._patience())
                self._look_around(system.clock())
            self._program.listen()
            if self._program.interpreter is None and not self._stopped:
                raise program.not_started(self._script["command"][0], self._program.exit_code)
            return self._ended(self._program.exit_code)
        finally:
            self._clear_away()

    def _note_start(self) -> None:
        script = self._script
        self._store.git = origin.GitState(os.path.dirname(script["path"]))
        self._store.facts(
            started=time.time(),
            name=self._data["name"],
            version=self._data["version"],
            reason="",
            total=None,
            executable=script["command"][0],
            workers=self._size,
            start_method="",
            mode="script",
            folder=script["folder"],
            arguments=script["arguments"],
            ended=None,
            paused=False,
            kept=False,
            **origin.machine(),
        )
        self._program.identified = lambda facts: self._store.facts(**facts)
        self._store.commits.commit()

    def _ended(self, code: int) -> dict[str, Any]:
        self._hub.take_in()
        for caller in self._others:
            caller.listen()
        for caller, _ in self._recorders:
            caller.listen()
        for _, recorder in self._recorders:
            recorder.close()
        for pool in self._pools:
            for worker in list(pool.workers):
                self._hear(pool, worker)
                self._store.worker_ended(worker.number, time.time(), worker.exit_code, None, None)
        name = system.describe_exit(code)[1]
        self._store.worker_ended(schema.MAIN, time.time(), code, name, None)
        interrupted = code == -signal.SIGINT
        if self._stopped or interrupted:
            state, reason = "stopped", self._stopped or "It was stopped by Ctrl-C."
        elif code:
            last = self._traceback.rstrip().rpartition("\n")[2]
            state, reason = "failed", last or program.how_it_ended(code)
        else:
            state, reason = "finished", ""
        self._at_hand.end()
        self._counted.all()
        self._elapsed.keep()
        self._store.facts(
            state=state,
            reason=reason,
            ended=time.time(),
            total=self._ledger.submitted,
            status=code,
            workers=self._most,
        )
        self._store.event(schema.ENDED)
        counts = {"ok": self._store.ok, "failed": self._store.failed, "total": self._ledger.submitted}
        self._store.close()
        put_reader(self._data["run_folder"])
        details = self._traceback if state == "failed" else ""
        ended = {"state": state, "reason": reason, "details": details, "status": code, "ran": True}
        return {**ended, **counts, "line_open": self._place.is_line_open()}

    def _clear_away(self) -> None:
        """End all that the script has left."""
        due = time.monotonic() + END_SECONDS
        self._program.kill()
        while self._program.exit_code is None and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        while self._orphans.look((), everybody=True) and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        for pool in self._pools:
            for worker in pool.workers:
                worker.close()
        self._hub.close()

    # connections

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
            self._traceback = said[0]
        self._hub.forget(caller)
        self._house()

    def _add_pool(self, caller: Caller, key: str, name: str) -> None:
        pool = Pool(key, name, caller.channel, self._ledger, self._store.objects)
        pool.size, pool.paused = self._size, self._paused
        self._pools.append(pool)

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
            Printed(self._data["run_folder"]),
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
        pools = {pool.key: pool for pool in self._pools}
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
        worker.output = lane_file(self._data["run_folder"], pid)
        pool.add(worker)
        self._most = max(self._most, len(pool.workers))
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

    # timers

    def _patience(self) -> float:
        now = system.clock()
        patience = min([WATCH_SECONDS, *(pool.patience() for pool in self._pools)])
        if any(worker.ended_at is not None for pool in self._pools for worker in pool.workers):
            patience = min(patience, 0.02)
        patience = min([patience, *(look.patience(now) for look in self._looks)])
        if (commit := self._counted.patience(now)) is not None:
            patience = min(patience, commit)
        return max(0.0, patience)

    def _look_around(self, now: float) -> None:
        for pool in self._pools:
            pool.call_back()
            pool.feed()
            pool.flush()
        if now >= self._at_hand.due:
            self._at_hand.look(now)
            self._ledger.look()
        self._counted.look(now, False)
        self._looks = [look for look in self._looks if not look.look(now)]
        if self._stop_due is not None and now >= self._stop_due:
            self._program.kill()
        if any(worker.ended_at is not None for pool in self._pools for worker in pool.workers):
            self._look_at_workers()
        if now >= self._looked_at + LOOK_SECONDS:
            self._looked_at = now
            self._look_seldom(now)

    def _look_at_workers(self) -> None:
        for pool in self._pools:
            self._look_at_all(pool)

    def _look_seldom(self, now: float) -> None:
        self._elapsed.look(now)
        self._look_at_workers()
        for pool in self._pools:
            if pool.is_over:
                pool.channel.close()
        self._pools = [pool for pool in self._pools if not pool.is_over]
        for _, recorder in self._recorders:
            recorder.look()
        self._orphans.look({self._program.pid})
        output.bound_all(self._data["run_folder"])
        if not self._store.is_in_place():
            raise BrokenRun(FOLDER_GONE)
        if not self._app.is_there and self._app.look_for_another():
            self._app.tell("started", total=None, workers=self._size, time=time.time())
        self._tell_progress()

    def _hands(self) -> Iterator[Hand]:
        for pool in self._pools:
            yield from pool.hands()
        for _, recorder in self._recorders:
            yield from recorder.hands()

    def _tell_progress(self) -> None:
        ok, failed = self._counted.ok, self._counted.failed
        workers = sum(len(pool.workers) for pool in self._pools)
        state = "stopping" if self._stopped else "paused" if self._paused else "running"
        total = self._ledger.submitted
        self._app.tell_state(
            "progress", ok=ok, failed=failed, total=total, workers=workers, state=state, share=None
        )

    # the app's requests

    def app_spoke(self) -> None:
        """The app has sent something, or is gone."""
        commands: dict[str, Callable[..., object]] = {
            "stop": self._stop,
            "finish": self._stop,
            "kill": self._kill,
            "interrupt": self._interrupt,
            "pause": lambda: self._pause(True),
            "resume": lambda: self._pause(False),
            "resize": self._resize,
            "kill_worker": self._kill_worker,
            "retry_failed": self._cannot_retry,
            "look": self._tell_where,
            "keep_on": self._keep_on,
        }
        for command in self._app.commands():
            commands[command.pop("do")](**command)
        if not self._app.is_there and not self._keeps_on:
            self._stopped = self._stopped or "The app that started it has ended."
            self._kill()
        self._tell_progress()

    _keeps_on = False

    def _keep_on(self) -> None:
        self._keeps_on = True
        self._store.facts(kept=True)

    def _stop(self, reason: str = "It was stopped.") -> None:
        self._stopped = self._stopped or reason
        if self._stop_due is None:
            self._stop_due = system.clock() + STOP_SECONDS
            self._program.send(signal.SIGTERM)

    def _kill(self) -> None:
        self._stopped = self._stopped or "It was stopped."
        self._program.kill()

    def _interrupt(self) -> None:
        """Ctrl-C that the terminal has not sent to the script itself."""
        self._program.send(signal.SIGINT)

    def _pause(self, paused: bool) -> None:
        self._paused = paused
        self._store.facts(paused=paused)
        if self._elapsed.turn(paused):
            self._store.event(schema.PAUSED if paused else schema.RESUMED)
        for pool in self._pools:
            pool.paused = paused

    def _resize(self, workers: int) -> None:
        self._size = workers
        for pool in self._pools:
            pool.resize(workers)

    def _kill_worker(self, number: int) -> None:
        for pool in self._pools:
            for worker in pool.workers:
                if worker.number == number:
                    worker.kill()

    def _cannot_retry(self) -> None:
        self._app.tell(
            "retried", tasks=0, reason="The tasks of a script are called by the script: run it again."
        )

    def _tell_where(self, stacks: bool = False) -> None:
        """Where is it now?"""
        main = Main(self._place.slot(schema.MAIN), self._program.pid, self._program.started_at)
        workers = [worker for pool in self._pools for worker in pool.workers]
        told = self._app.tell
        self._looks.append(Look(main, workers, stacks, lambda found: told("workers", workers=found)))
