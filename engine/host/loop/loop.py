"""The host: one loop that feeds the workers, keeps what they answer, and does what the app asks."""

from __future__ import annotations

import time
from multiprocessing import connection
from typing import Any

from .. import system
from ..errors import BrokenRun
from ..incoming.queue import InputQueue
from ..incoming.reader import Intake
from ..incoming.streamed import StreamedQueue
from ..plan import Plan
from ..processes.start import NoTemplate
from ..processes.worker import Worker
from ..record import output, schema, wire
from ..record.store import Store
from ..work.batch import Batch
from ..work.logs import AppendHandler
from ..work.tasks import IDLE
from .app import App
from .control import Control
from .counts import Counted
from .ledger import Ledger
from .lost import LostRecords
from .sizer import Sizer

WATCH_SECONDS = 0.2
"""How often a loop that hears nothing looks around."""
CALL_BACK_SECONDS = 0.02
"""Likewise, where a worker has nothing to do while tasks wait behind others."""
LOOK_SECONDS = 1.0
"""How often it sees whether the run folder is still there, and whether an app waits for it."""
SLOW_START_SECONDS = 0.25
"""Where a worker takes longer than this to load the function, a spare one is kept."""
MANY = 1 << 62
"""Stands for the number of inputs where it is not known."""
MAX_IDLE_DEATHS = 3
"""So many workers in a row that end while on no task end the run."""
TEXT_ONLY = (
    "Of some inputs that failed only their text is kept, so they must be read anew:"
    " resume the run after its end."
)


class Host:
    """One run, from its first worker to its last row."""

    def __init__(
        self,
        plan: Plan,
        feed: InputQueue | StreamedQueue,
        store: Store,
        log: AppendHandler,
        app: App,
        ground: NoTemplate,
    ) -> None:
        self._plan = plan
        self._feed = feed
        self._store = store
        self._log = log
        self._app = app
        self._ground = ground
        self._sizer = Sizer(plan.batch, plan.workers)
        self.ledger = Ledger(plan, store, self._sizer)
        self._workers: list[Worker] = []
        self.control = Control(app, self._workers, plan.workers, self._retry_failed, store.facts)
        self._intake = Intake(plan, feed, store)
        self._lost = LostRecords(app.notice)
        self._spares = 0
        """Workers beyond the size of the pool, loaded and idle, to take the place of one that dies."""
        self._last_number = store.last_worker()
        self._idle_deaths = 0
        self._counted = Counted(self.ledger, store, self._tell_progress)
        self._looked_at = 0.0
        self.ran = False
        """Whether a worker could load the function, so that tasks were run."""

    def run(self) -> str:
        """Run what is left of the job; gives the state it ends in.

        Raises `BrokenRun`; `sqlite3.Error` or `OSError` where the run folder cannot be used.
        """
        try:
            while self._waiting() or self._workers or (self._intake.is_leaving and not self.control.stopping):
                if self._intake.is_missing and self._ground.ready and not self.control.stopping:
                    self._start_reader()
                if self._is_short_of_workers():
                    self._start_worker()
                self._listen()
                self._look_around(time.time())
        finally:
            self.control.kill_workers()
            for worker in self._workers:
                worker.close()
            self._intake.end()
        self._lost.add(*self._log.newly_lost())
        self._lost.sum_up()
        self._counted.all()
        output.bound(self._plan.setup.output)
        return "stopped" if self.control.stopping else "finished"

    # Workers come and go.

    def _waiting(self) -> int:
        """Tasks that no worker holds and that are to be run; at least one a worker where more may come."""
        if self.control.stopping:
            return 0
        return self._feed.left + self.ledger.waiting + (self.control.size if self._feed.more else 0)

    def _has_all(self) -> bool:
        """Whether every task has its outcome, so that nothing is gained by waiting."""
        return not self._waiting() and not any(w.batches for w in self._workers)

    def _is_short_of_workers(self) -> bool:
        idle = sum(1 for w in self._workers if not w.leaving and not w.batches)
        wanted = self.control.size + self._spares
        if not self._ground.ready or self.control.paused:
            return False
        return len(self._workers) < wanted and idle < self._waiting()

    def _start_reader(self) -> None:
        self._be_alone()
        self._intake.start([] if self._app.link is None else [self._app.link])

    def _start_worker(self) -> None:
        self._be_alone()
        self._last_number += 1
        name = f"{'Worker' if self._plan.mode == 'pool' else 'Process'}-{self._last_number}"
        strangers = [end for w in self._workers for end in w.ends]
        strangers += [end for end in (self._app.link, self._intake.conn) if end is not None]
        worker = Worker(self._last_number, self._plan.setup, self._plan.start_method, name, strangers)
        self._workers.append(worker)
        self._store.worker_started(worker.number, worker.pid, worker.started)

    def _be_alone(self) -> None:
        """Before a process is forked: what another thread holds at that moment would stay held in it."""
        if self._plan.start_method == "fork":
            self._counted.take_in()

    def _feed_worker(self, worker: Worker) -> None:
        """Give a worker what it can hold, or let it go where nothing is left for it."""
        while worker.ready and not worker.leaving:
            ahead = self._sizer.ahead and not worker.is_long_on_its_task()
            if len(worker.batches) >= (2 if ahead else 1):
                return
            batch = self._next_batch(worker)
            if batch is None:
                if not worker.batches and not self._may_be_needed(worker):
                    worker.leave()
                return
            worker.give(batch)

    def _next_batch(self, worker: Worker) -> Batch | None:
        if self.control.stopping or self.control.paused or self._rank(worker) >= self.control.size:
            return None
        size = self._sizer.next(MANY if self._feed.more else self._feed.left)
        if self._plan.tasks_per_worker:
            size = min(size, self._plan.tasks_per_worker - worker.taken)
        return self._feed.take(size) if size else None

    def _rank(self, worker: Worker) -> int:
        """How many came before it and stay: the pool is the first ones, then come spares, the rest may go."""
        return [w for w in self._workers if not w.leaving].index(worker)

    def _may_be_needed(self, worker: Worker) -> bool:
        """Whether a worker that holds nothing should wait for work that may come."""
        worn_out = worker.taken == self._plan.tasks_per_worker != 0
        if self.control.stopping or worn_out or self._rank(worker) >= self.control.size + self._spares:
            return False
        return self._waiting() > 0 or any(w.batches for w in self._workers)

    def _bury(self, worker: Worker) -> None:
        """A worker is gone: settle the task it was on, put back those it had not begun."""
        task = worker.task
        code = worker.close()
        self._workers.remove(worker)
        how, signal_name = system.describe_exit(code)
        last = None if task < 0 else task
        self._store.worker_ended(worker.number, time.time(), code, signal_name, last)
        died_on: Batch | None = None
        for batch in reversed(worker.batches):
            if batch.first <= task < batch.stop:
                died_on = batch
                for part in reversed(batch.around(task)):
                    self._feed.give_back(part)
            else:
                self._feed.give_back(batch)
        if died_on is None:
            if task == IDLE and not worker.leaving:
                self._count_idle_death(f"{how} ({worker.verdict[1]})" if worker.verdict else how)
        elif self.control.stopping and worker.verdict is None:
            self.ledger.cancelled(worker, task)
        else:
            item = died_on.items[task - died_on.first]
            self.ledger.died(worker, task, item, code, how, signal_name)

    def _count_idle_death(self, how: str) -> None:
        self._check_folder()  # without it, no worker can start
        self._idle_deaths += 1
        if self._idle_deaths >= MAX_IDLE_DEATHS:
            raise BrokenRun(
                f"{self._idle_deaths} workers in a row ended while on no task: the last one {how}."
                " Look at what the file does when it is imported, and at what they printed.",
                "" if self.ran else "function.file",
                output.last(self._plan.setup.output),
            )

    # What comes in.

    def _listen(self) -> None:
        sources: list[Any] = [*self._ground.sources, *(w.conn for w in self._workers)]
        sources += [end for end in (self._app.link, self._intake.conn) if end is not None]
        if self._store.commits.under_way:
            sources.append(self._store.commits.ended)
        for source in connection.wait(sources, self._patience()):
            if source is self._app.link:
                self.control.obey()
                self._tell_progress()
            elif source is self._intake.conn:
                self._intake.hear()
                self._begin()
            elif source is self._store.commits.ended:
                self._counted.take_in()
            elif source in self._ground.sources:
                self._ground.hear(self._log)
            else:
                self._hear(next(w for w in self._workers if w.conn is source))

    def _patience(self) -> float:
        """Seconds until something must be looked at."""
        if self._is_short_of_workers():
            return 0.0
        now = time.time()
        patience = WATCH_SECONDS
        if (commit := self._counted.patience(now)) is not None:
            patience = min(patience, commit)
        if self._plan.timeout:
            patience = min(patience, self._plan.timeout / 4)
        if self._lacks_work():
            patience = min(patience, CALL_BACK_SECONDS)
        if self.ledger.next_retry is not None:
            patience = min(patience, self.ledger.next_retry - now)
        return max(0.0, patience)

    def _hear(self, worker: Worker) -> None:
        try:
            kind, *content = wire.receive(worker.conn)
        except (EOFError, OSError):
            self._bury(worker)
            return
        if kind == wire.READY:
            worker.ready = True
            if time.time() - worker.started > SLOW_START_SECONDS:
                self._spares = 1
            self._begin()
        elif kind == wire.RESULTS:
            failed, written, *row = content
            self._idle_deaths = 0
            self._store.objects.note(written)
            self.ledger.keep(worker, wire.Results(*row), [wire.Failed(*f) for f in failed])
        elif kind == wire.RETURNED:
            if batch := worker.returned(*content):
                self._feed.give_back(batch)
        elif kind == wire.LOST:
            self._lost.add(*content)
        elif kind == wire.LEAVING:
            worker.leaving = True
            self.ledger.memory = max(self.ledger.memory or 0, content[0] or 0) or None
        elif kind == wire.REFUSED:
            key, message, details = content
            raise BrokenRun(message, key, details)
        self._feed_worker(worker)

    def _begin(self) -> None:
        """Once the function is there, and the inputs are: from now on the run is real."""
        ready = any(worker.ready for worker in self._workers)
        if not self.ran and ready and self._feed.heard:
            self.ran = True
            if self._plan.truncate_log and self._plan.own_log:
                with open(self._plan.own_log, "wb"):
                    pass
            self._log.open_own_file()
            self._tell_started()

    def _tell_started(self) -> None:
        total = self._feed.total
        self._app.tell("started", total=total, workers=self.control.size, time=time.time())

    def _retry_failed(self) -> tuple[int, str]:
        """Queue the failed tasks again; gives how many, and why not all of them where that is so."""
        spans = self.ledger.forget_failed()
        self._feed.again(spans)
        self._counted.anew()
        return sum(stop - first for first, stop in spans), TEXT_ONLY if self.ledger.failed else ""

    # What the clock brings.

    def _look_around(self, now: float) -> None:
        self._ground.look()
        self._intake.ask()
        for batch in self.ledger.due(now):
            self._feed.give_back(batch)
        self._call_back()
        for worker in self._workers:
            self._feed_worker(worker)
            self._watch(worker, now)
        if self.ledger.too_many_failures:
            limit = self._plan.stop_after_failures
            self.control.stop(f"{self.ledger.failed} tasks failed; the job stops after {limit}.")
        self._counted.look(now, self._has_all())
        output.bound(self._plan.setup.output)
        if now >= self._looked_at + LOOK_SECONDS:
            self._looked_at = now
            self._check_folder()
            if self._app.link is None and self._app.look_for_another():
                self._tell_started()
                self._tell_progress()

    def _lacks_work(self) -> bool:
        """Whether a worker has nothing to do, while tasks wait behind others."""
        if self._feed.left or self.control.stopping or self.control.paused:
            return False
        idle = any(w.ready and not w.leaving and not w.batches for w in self._workers[: self.control.size])
        return idle and any(w.holds_others for w in self._workers)

    def _call_back(self) -> None:
        """Take back tasks that wait behind one that takes long; all that wait, where none is to begin."""
        begin_none = self.control.stopping or self.control.paused
        if not begin_none and not self._lacks_work():
            return
        for worker in self._workers:
            if worker.holds_others and (begin_none or worker.is_long_on_its_task()):
                for batch in reversed(worker.call_back()):
                    self._feed.give_back(batch)

    def _watch(self, worker: Worker, now: float) -> None:
        limit = self._plan.timeout
        if limit and worker.verdict is None and worker.running_for(now) >= limit:
            worker.end_for(schema.TIMEOUT, f"The time limit of {limit:g} s for a task was reached")
        self._watch_memory(worker)
        self.control.press(worker, now)

    def _watch_memory(self, worker: Worker) -> None:
        limit = self._plan.setup.memory_limit
        if (
            limit
            and not system.LIMITS_MEMORY
            and worker.verdict is None
            and system.resident(worker.pid) > limit
        ):
            worker.end_for(schema.MEMORY, f"The memory limit of {limit / (1 << 20):,.0f} MiB was reached")

    def _check_folder(self) -> None:
        if not self._store.is_in_place():
            raise BrokenRun("The run folder was removed or replaced while the run went on.")

    def _tell_progress(self) -> None:
        if self.ran:
            ok, failed = self._counted.ok, self._counted.failed
            workers = min(len(self._workers), self.control.size)
            state = self.control.state
            self._app.tell(
                "progress", ok=ok, failed=failed, total=self._feed.total, workers=workers, state=state
            )
