"""The loop of the host: listens to workers, reader, template and app, and makes regular checks."""

from __future__ import annotations

import signal
import time

from .. import system
from ..errors import BrokenRun
from ..incoming.queue import InputQueue
from ..incoming.reader import ReaderHandle
from ..incoming.streamed import StreamedQueue
from ..plan import Plan
from ..processes.start import NoTemplate
from ..processes.worker import WorkerHandle
from ..record import output, schema, wire
from ..record.rows import Row
from ..record.store import Store
from ..system import Selector
from ..typed import TYPE_CHECKING, Any
from ..work.batch import Batch
from ..work.logs import AppendHandler
from .again import Again
from .app import App
from .at_hand import AtHand, hands_of
from .code_watch import CodeWatch
from .control import Control
from .counts import Counted
from .crew import Crew
from .dispatch import Dispatch
from .elapsed import Elapsed
from .ledger import Ledger
from .lost import LostRecords
from .sizer import Sizer
from .stacks import StackRequest
from .time_limit import TimeLimit
from .usage import UsageWatch

if TYPE_CHECKING:
    from ..cluster.crew import ClusterCrew
    from ..cluster.link import Link

WATCH_SECONDS = 0.2
"""Seconds between checks while nothing arrives."""
CALL_BACK_SECONDS = 0.02
"""The same, if a worker has nothing to do while tasks wait behind others."""
SWEEP_PAUSE = 4
"""A check of all workers comes this many times its own duration after the last one."""
LOOK_SECONDS = 1.0
"""Seconds between checks for the run folder and for a waiting app."""
LOST_WITH_IT = "Three workers of the cluster were lost"


class Loop:
    """One run, from its first worker to its last row."""

    def __init__(
        self,
        plan: Plan,
        queue: InputQueue | StreamedQueue,
        store: Store,
        log: AppendHandler,
        app: App,
        selector: Selector,
        template: NoTemplate,
        code: CodeWatch,
        link: Link | None,
    ) -> None:
        self._plan = plan
        self._queue = queue
        self._store = store
        self._log = log
        self._app = app
        self._selector = selector
        self._template = template
        self._workers: list[WorkerHandle] = []
        """All that have not ended, oldest first. The crew changes it, others read it."""
        self._sizer = sizer = Sizer(plan.batch, plan.workers, far=link is not None)
        self.ledger = Ledger(plan, store, sizer)
        self._counted = Counted(self.ledger, store, self._tell_progress)
        again = Again(queue, self.ledger, self._counted, app, lambda: self.control.stopping)
        self.control = Control(self._workers, plan.workers, again.retry, self._ask_where, store.facts)
        self._dispatch = Dispatch(
            queue, self._workers, self.control, self.ledger, sizer, plan.tasks_per_worker
        )
        self._crew: Crew | ClusterCrew
        hear, bury = self._hear, self._bury
        if link is None:
            self._crew = Crew(plan, self._workers, selector, template, store, app.notice, hear, bury)
        else:
            from ..cluster.crew import ClusterCrew

            self._crew = ClusterCrew(
                plan, self._workers, selector, link, log, store, app.notice, hear, bury, self._resized
            )
        self._reader = ReaderHandle(plan, queue, store, selector)
        self._lost = LostRecords(app.notice)
        self._code = code
        self._usage = UsageWatch(store, self._workers)
        self._at_hand = AtHand(store, lambda: hands_of(self._workers))
        self._elapsed = Elapsed(store.fact("ran") or 0.0, store.facts)
        self._asked_where: StackRequest | None = None
        self._time_limit = TimeLimit(plan.timeout)
        self._sweep_at = 0.0
        self._sweep_is_owed = False
        """Whether anything has arrived since the last check of all workers."""
        self._looked_at = 0.0
        self._bound_at = 0.0
        self.ran = False
        """Whether a worker could load the function, so that tasks ran."""

    def run(self) -> str:
        """Run what is left of the job; returns the state it ends in.

        Raises `BrokenRun`; `sqlite3.Error` or `OSError` if the run folder cannot be used.
        """
        self._selector.add(self._store.commits.ended, self._counted.take_in)
        self._template.listen(self._selector, self._log)
        signal.signal(signal.SIGTERM, self._on_term)
        try:
            while self._dispatch.waiting() or self._workers or self._must_wait_for_reader():
                may_be_more = self._start_process()
                self._selector.wait(0.0 if may_be_more else self._patience())
                self._look_around(system.clock())
        finally:
            self._reader.end()
            self._crew.end(self._others)
            self._selector.remove(self._store.commits.ended)
            self._elapsed.keep()
        self._at_hand.end()
        self._lost.add(*self._log.newly_lost())
        self._lost.sum_up()
        self._counted.all()
        output.bound_all(self._plan.setup.run_folder)
        return "stopped" if self.control.stopping else "finished"

    def _on_term(self, _number: int, _frame: object) -> None:
        self.control.stop("It was asked to end by SIGTERM.")

    def app_spoke(self) -> None:
        """The app has sent something, or is gone."""
        self.control.obey(self._app)
        if self._elapsed.turn(self.control.paused):
            self._store.event(schema.PAUSED if self.control.paused else schema.RESUMED)
        self._tell_progress()

    def cluster_spoke(self) -> None:
        """Something has arrived from the cluster. Raises `BrokenRun`."""
        if not isinstance(self._crew, Crew):
            self._crew.come()

    def _resized(self, lanes: int) -> None:
        """The machines of a cluster have this many lanes now."""
        self._sizer.workers = self.control.size = lanes
        self._store.facts(workers=lanes)

    # starts and ends of processes

    def _start_process(self) -> bool:
        """Start what is missing: the reader of inputs, and one worker. Tells if there was one to start."""
        if self._must_wait_to_fork():
            return False
        if self._reader.is_missing and self._template.ready and not self.control.stopping:
            self._reader.start()
        by_itself = self._by_itself_next()
        if by_itself is None:
            return False
        missing = self._dispatch.missing_by_themselves() if by_itself else self._dispatch.missing()
        self._crew.start(missing, self.control.size, by_itself)
        return True

    def _by_itself_next(self) -> bool | None:
        """Whether the worker to start now is for a single task; None if there is none to start."""
        if self._dispatch.missing() > 0 and self._crew.may_start():
            return False
        if self._dispatch.missing_by_themselves() > 0 and self._crew.may_start(by_itself=True):
            return True
        return None

    def _must_wait_to_fork(self) -> bool:
        """Whether another thread is running: locks that it holds would stay locked in a forked process."""
        return self._plan.start_method == "fork" and self._store.commits.under_way

    def _must_wait_for_reader(self) -> bool:
        """Whether user code in the reader may still write what it has buffered."""
        return self._reader.is_leaving and not self.control.stopping

    def _others(self) -> set[int]:
        """The children of this process that are neither workers nor leftovers of workers."""
        return self._reader.pids | self._template.pids

    def _bury(self, worker: WorkerHandle) -> None:
        """A worker is gone: settle its task, and put back those it had not begun."""
        if worker.home.is_lost:
            self._bury_lost(worker)
            return
        code = worker.home.process.exit_code or 0
        task = worker.task
        how, signal_name = worker.home.how_it_ended
        last = None if task < 0 else task
        self._store.worker_ended(worker.number, time.time(), code, signal_name, last)
        self._time_limit.forget(worker)
        if self._asked_where is not None:
            self._asked_where.forget(worker)
        if worker.given_up:
            return
        batch = self._dispatch.take_from(worker, task)
        if batch is None:
            if worker.home.died_idle(worker) and not worker.leaving and not self.control.stopping:
                self._check_folder()  # without it, no worker can start
                self._crew.died_idle(worker, how, self.ran)
            return
        item = batch.items[task - batch.first]
        if self.control.stopping and worker.verdict is None:
            self.ledger.cancelled(worker, task)
        elif worker.home.is_shared and worker.verdict is None:
            self._dispatch.doubt(Batch(task, [item]))
        else:
            self.ledger.died(worker, task, item, code, how, signal_name)

    def _bury_lost(self, worker: WorkerHandle) -> None:
        """A worker was lost with its machine: its tasks run elsewhere, except those lost too often."""
        last = None if worker.task < 0 else worker.task
        self._store.worker_ended(worker.number, time.time(), None, None, last)
        for batch in self._dispatch.take_from_lost(worker):
            worker.verdict = (schema.DIED, LOST_WITH_IT)
            self.ledger.died(worker, batch.first, batch.items[0], None, "", None)

    def _give_up(self, worker: WorkerHandle) -> None:
        """Settle the task of a thread that cannot be ended, and put back what it had not begun."""
        task = worker.task
        batch = self._dispatch.take_from(worker, task)
        worker.give_up()
        if batch is not None:
            self.ledger.died(worker, task, batch.items[task - batch.first], None, "", None)

    # incoming messages

    def _patience(self) -> float:
        """Seconds until something must be looked at."""
        now = system.clock()
        patience = min(WATCH_SECONDS, self._sweep_at - now) if self._sweep_is_owed else WATCH_SECONDS
        if (commit := self._counted.patience(now)) is not None:
            patience = min(patience, commit)
        if (look := self._time_limit.patience()) is not None:
            patience = min(patience, look)
        if self._dispatch.lacks_work():
            patience = min(patience, CALL_BACK_SECONDS)
        if self.ledger.next_retry is not None:
            patience = min(patience, self.ledger.next_retry - now)
        if self._asked_where is not None:
            patience = min(patience, self._asked_where.patience(now))
        return max(0.0, patience)

    def _hear(self, worker: WorkerHandle) -> None:
        if not worker.pid:  # under forkserver, its process id arrives separately
            self._crew.look_at(worker.home)
        for kind, *content in worker.receive():
            self._heard(worker, kind, content)
        if worker in self._workers:
            self._dispatch.feed(worker)

    def _heard(self, worker: WorkerHandle, kind: str, content: list[Any]) -> None:
        if kind == wire.READY:
            asks_for_lane = bool(content[0])  # then there can be none beyond the size of the pool
            if self._crew.became_ready(worker) and not asks_for_lane:
                self._dispatch.spares = 1
            self._begin()
        elif kind == wire.PREPARES:
            worker.home.prepares = True
        elif kind == wire.RESULTS:
            failed, written, *row = content
            self._crew.has_run()
            self._store.objects.note(written)
            self._keep(worker, Row(*row), [wire.Failed(*f) for f in failed])
        elif kind == wire.RETURNED:
            if batch := worker.returned(*content):
                self._dispatch.give_back(batch)
        elif kind == wire.LOADED:
            self._code.add(*content)
        elif kind == wire.LOST:
            self._lost.add(*content)
        elif kind == wire.LEAVING:
            self._crew.is_leaving(worker)
            self.ledger.left(*content)
        elif kind == wire.REFUSED:
            key, message, details = content
            raise BrokenRun(message, key, details)

    def _keep(self, worker: WorkerHandle, row: Row, failed: list[wire.Failed]) -> None:
        """Store what a worker sends, if it is certain."""
        if worker.given_up:  # its task ended after all, too late
            return
        if worker.home.is_shared and row.tasks == 1 and any(f.status == schema.MEMORY for f in failed):
            item = worker.batches[0].items[row.first - worker.batches[0].first]
            worker.answered(row.first + row.tasks)
            self._dispatch.doubt(Batch(row.first, [item]))  # others may have used the memory
            return
        self.ledger.keep(worker, row, failed)

    def _begin(self) -> None:
        """Once function and inputs are loaded, the run really begins."""
        ready = any(worker.ready for worker in self._workers)
        if not self.ran and ready and self._queue.heard:
            self.ran = True
            if self._plan.truncate_log and self._plan.own_log:
                with open(self._plan.own_log, "wb"):
                    pass
            self._log.open_own_file()
            self._tell_started()

    def _tell_started(self) -> None:
        total = self._queue.total
        self._app.tell("started", total=total, workers=self.control.size, time=time.time())

    def _ask_where(self, stacks: bool) -> None:
        """Ask the workers where they are, once at a time: a second question gets the answer to the first."""
        if self._asked_where is None:
            tell = self._tell_where
            self._asked_where = StackRequest(self._workers, stacks, self._selector, tell)

    def _tell_where(self, workers: list[dict[str, Any]]) -> None:
        self._app.tell("workers", workers=workers)

    # timers

    def _look_around(self, now: float) -> None:
        self._template.look()
        self._reader.look()
        self._begin()
        for batch in self.ledger.due(now):
            self._dispatch.give_back(batch)
        self._sweep_is_owed = now < self._sweep_at
        if not self._sweep_is_owed:
            self._sweep(now)
            self._sweep_at = now + SWEEP_PAUSE * (system.clock() - now)
        self._code.look(now)
        if self.ledger.too_many_failures:
            limit = self._plan.stop_after_failures
            self.control.stop(f"{self.ledger.failed} tasks failed; the job stops after {limit}.")
        if not (self._must_wait_to_fork() and self._dispatch.is_short_of_workers()):
            self._counted.look(now, self._dispatch.has_all())
        if now >= self._bound_at:
            self._bound_at = now + WATCH_SECONDS
            output.bound_all(self._plan.setup.run_folder)
        if self._asked_where is not None and self._asked_where.look(now):
            self._asked_where = None
        if now >= self._looked_at + (WATCH_SECONDS if self._crew.orphans.busy else LOOK_SECONDS):
            self._looked_at = now
            self._look_seldom()
        if now >= self._usage.due:
            self._usage.look(now)
        if now >= self._at_hand.due:
            self._at_hand.look(now)

    def _sweep(self, now: float) -> None:
        """Check each worker. With thousands of them that takes longer than listening to one."""
        self._dispatch.call_back()
        for worker in list(self._workers):
            self._dispatch.feed(worker)
            self._watch(worker, now)
        self._crew.press(now)

    def _look_seldom(self) -> None:
        self._elapsed.look(self._looked_at)
        self._check_folder()
        self._crew.look_at_all()
        self._crew.orphans.look(self._others() | self._crew.pids)
        if not self._app.is_there and self._app.look_for_another():
            self._tell_started()
            self._tell_progress()

    def _watch(self, worker: WorkerHandle, now: float) -> None:
        if worker.home.is_remote:  # it is watched on its own machine
            self.control.press(worker, now)
            return
        is_asked = self._time_limit.watch(worker, now, may_ask=self._asked_where is None)
        if not is_asked and worker.is_condemned():
            self._give_up(worker)
        worker.watch_memory(self._plan.setup.memory_limit)
        self.control.press(worker, now)

    def _check_folder(self) -> None:
        if not self._store.is_in_place():
            raise BrokenRun("The run folder was removed or replaced during the run.")

    def _tell_progress(self) -> None:
        if self.ran:
            ok, failed = self._counted.ok, self._counted.failed
            workers = min(len(self._workers), self.control.size)
            state = self.control.state
            counts = {"ok": ok, "failed": failed, "total": self._queue.total}
            share = self._queue.share(ok + failed)
            self._app.tell_state("progress", **counts, workers=workers, state=state, share=share)
