"""The host: one loop that feeds the workers, keeps what they answer, and tells the app how it goes."""

from __future__ import annotations

import heapq
import json
import logging
import os
import struct
import time
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any

from . import schema, system, wire
from .feed import Batch, Feed, Sizer
from .logs import AppendHandler
from .plan import Plan
from .pool import Worker
from .store import Failure, Store, without_result
from .tasks import IDLE, UNSURE

COMMIT_SECONDS = 0.05
"""Results reach the disk, and are counted, at most so often."""
TERMINATE_SECONDS = 3.0
"""After a stop, workers are asked to end when this has passed,"""
KILL_SECONDS = 5.0
"""and made to when this has."""
WATCH_SECONDS = 0.2
"""How often a loop that hears nothing looks around."""
LOOK_SECONDS = 1.0
"""How often it sees whether the run folder is still there."""
MAX_IDLE_DEATHS = 3
"""So many workers in a row that end while on no task end the run."""
MAX_BACKOFF = 10.0
"""Longest wait before a failed task is tried again, in seconds."""


class BrokenRun(Exception):
    """The run cannot go on. `key` is the field of the job at fault, `details` a traceback or empty."""

    def __init__(self, reason: str, key: str = "", details: str = "") -> None:
        super().__init__(reason)
        self.key = key
        self.details = details


class Host:
    """One run, from its first worker to its last row."""

    def __init__(self, plan: Plan, feed: Feed, store: Store, log: AppendHandler, link: Connection) -> None:
        self._plan = plan
        self._feed = feed
        self._store = store
        self._log = log
        self._link: Connection | None = link
        self._sizer = Sizer(plan.batch, plan.workers)
        self._workers: list[Worker] = []
        self._last_number = store.last_worker()
        self._idle_deaths = 0
        self._attempts = store.attempts()
        self._retries: list[tuple[float, int, Batch]] = []
        self._counted_at = 0.0
        self._look_at = 0.0
        self._stopping_since = 0.0
        self.ok, self.failed = store.counts()
        self.ran = False
        """Whether a worker could load the function, so that tasks were run."""
        self.reason = ""
        """Why the run stopped before its end, if it did."""

    def run(self) -> str:
        """Run what is left of the job; gives the state it ends in. Raises `BrokenRun`, `sqlite3.Error`."""
        try:
            while self._waiting() or self._workers:
                if self._is_short_of_workers():
                    self._start_worker()
                self._listen()
                self._look_around(time.time())
        finally:
            for worker in self._workers:
                worker.process.kill()
            for worker in self._workers:
                worker.close()
        self._count()
        return "stopped" if self._stopping_since else "finished"

    # Workers come and go.

    def _waiting(self) -> int:
        """Tasks that no worker holds and that are to be run."""
        return 0 if self._stopping_since else self._feed.left + len(self._retries)

    def _is_short_of_workers(self) -> bool:
        idle = sum(1 for w in self._workers if not w.leaving and not w.batches)
        return len(self._workers) < self._plan.workers and idle < self._waiting()

    def _start_worker(self) -> None:
        self._last_number += 1
        name = f"{'Worker' if self._plan.mode == 'pool' else 'Process'}-{self._last_number}"
        strangers = [w.conn for w in self._workers] + ([self._link] if self._link else [])
        worker = Worker(self._last_number, self._plan.setup, self._plan.start_method, name, strangers)
        self._workers.append(worker)
        self._store.worker_started(worker.number, worker.pid, worker.started)

    def _feed_worker(self, worker: Worker) -> None:
        """Give a worker what it can hold, or let it go where nothing is left for it."""
        while worker.ready and not worker.leaving:
            if len(worker.batches) >= (2 if self._sizer.ahead else 1):
                return
            batch = None if self._stopping_since else self._next_batch(worker)
            if batch is not None:
                try:
                    worker.give(batch)
                except OSError:
                    return  # it died; its pipe says so next
            else:
                if not worker.batches and not self._work_may_come(worker):
                    worker.leave()
                return

    def _next_batch(self, worker: Worker) -> Batch | None:
        size = self._sizer.next(self._feed.left)
        if self._plan.tasks_per_worker:
            size = min(size, self._plan.tasks_per_worker - worker.taken)
        return self._feed.take(size) if size else None

    def _work_may_come(self, worker: Worker) -> bool:
        if self._stopping_since or worker.taken == self._plan.tasks_per_worker != 0:
            return False
        return bool(self._retries) or any(w.batches for w in self._workers)

    def _bury(self, worker: Worker) -> None:
        """A worker is gone: settle the task it was on, put back those it had not begun."""
        task = worker.task
        code = worker.close()
        self._workers.remove(worker)
        how, signal_name = system.describe_exit(code)
        now = time.time()
        self._store.worker_ended(worker.number, now, code, signal_name, None if task < 0 else task)
        guilty = None
        if task == UNSURE and worker.batches:
            worker.batches[0] = worker.batches[0]._replace(exact=True)
        for batch in reversed(worker.batches):
            if batch.first <= task < batch.stop:
                guilty = batch.items[task - batch.first]
                self._give_back_around(batch, task)
            else:
                self._feed.give_back(batch)
        if guilty is not None:
            self._settle_death(worker, task, guilty, code, how, signal_name)
        elif task == IDLE and not worker.leaving:
            self._count_idle_death(how)

    def _give_back_around(self, batch: Batch, task: int) -> None:
        if rest := batch.rest(task + 1):
            self._feed.give_back(rest)
        if task > batch.first:
            self._feed.give_back(batch._replace(items=batch.items[: task - batch.first]))

    def _settle_death(
        self, worker: Worker, task: int, item: Any, code: int, how: str, signal_name: str | None
    ) -> None:
        now = time.time()
        if self._stopping_since and worker.verdict is None:
            status, kind, message = None, schema.CANCELLED, "The run was stopped while this task ran."
        else:
            status, cause = worker.verdict or (schema.DIED, f"The worker {how}")
            kind, message = schema.STATUSES[status], f"{cause} while on input {_shown(item)} (task {task})."
            logging.getLogger().error("Task %d failed: %s", task, message)
        attempt = self._attempts.get(task, 0) + 1
        self._store.failure(Failure(task, attempt, kind, message, "", worker.number, code, signal_name, now))
        if status is not None and not self._try_again(task, item):
            self._store.results(worker.number, without_result(task, status, worker.busy_since, now))
            self._add(ok=0, failed=1)

    def _count_idle_death(self, how: str) -> None:
        self._check_folder()  # without it, no worker can start
        self._idle_deaths += 1
        if self._idle_deaths >= MAX_IDLE_DEATHS:
            raise BrokenRun(
                f"{self._idle_deaths} workers in a row ended while on no task: the last one {how}."
                " Look at what the file does when it is imported, and at what they printed.",
                "" if self.ran else "function.file",
                self._end_of_output(),
            )

    def _end_of_output(self) -> str:
        with open(self._plan.setup.output, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4_000))
            return file.read().decode("utf-8", "replace")

    # What comes in.

    def _listen(self) -> None:
        sources: list[Any] = [w.conn for w in self._workers]
        if self._link is not None:
            sources.append(self._link)
        for source in connection.wait(sources, self._patience()):
            if source is self._link:
                self._obey()
            else:
                self._hear(next(w for w in self._workers if w.conn is source))

    def _patience(self) -> float:
        """Seconds until something must be looked at."""
        if self._is_short_of_workers():
            return 0.0
        now = time.time()
        patience = WATCH_SECONDS
        if self._store.dirty:
            patience = min(patience, self._counted_at + COMMIT_SECONDS - now)
        if self._plan.timeout:
            patience = min(patience, self._plan.timeout / 4)
        if self._retries:
            patience = min(patience, self._retries[0][0] - now)
        return max(0.0, patience)

    def _hear(self, worker: Worker) -> None:
        try:
            kind, *content = wire.decode(worker.conn.recv_bytes())
        except (EOFError, OSError):
            self._bury(worker)
            return
        if kind == wire.READY:
            worker.ready = True
            self._begin()
        elif kind == wire.RESULTS:
            row, failed = content
            self._keep(worker, wire.Results(*row), [wire.Failed(*f) for f in failed])
        elif kind == wire.REFUSED:
            key, message, details = content
            raise BrokenRun(message, key, details)
        self._feed_worker(worker)

    def _begin(self) -> None:
        """The function is there: from now on the run is real."""
        if not self.ran:
            self.ran = True
            if self._plan.truncate_log and self._plan.own_log:
                with open(self._plan.own_log, "wb"):
                    pass
            self._log.open_own_file()
            total = self._feed.left + self.ok + self.failed
            self._tell("started", total=total, workers=self._plan.workers, time=time.time())

    def _keep(self, worker: Worker, row: wire.Results, failed: list[wire.Failed]) -> None:
        """Keep what a worker sends. A failed task to be tried again comes alone, and its row is left out."""
        self._idle_deaths = 0
        for f in failed:
            attempt = self._attempts.get(f.task, 0) + 1
            kind = schema.STATUSES[f.status]
            self._store.failure(
                Failure(f.task, attempt, kind, f.message, f.traceback, worker.number, None, None, f.time)
            )
        batch = worker.batches[0]
        worker.answered(row.first + row.tasks)
        (start,), (end,) = struct.unpack("<d", row.starts[:8]), struct.unpack("<d", row.ends[-8:])
        self._sizer.learn(row.tasks, end - start, len(row.vals) + len(row.objects or b""))
        if row.tasks == 1 and failed and self._try_again(row.first, batch.items[row.first - batch.first]):
            return
        self._store.results(worker.number, row)
        self._add(ok=row.tasks - len(failed), failed=len(failed))

    def _try_again(self, task: int, item: Any) -> bool:
        """Plan another attempt at a task that failed, if it has one left."""
        if self._plan.retries == 0:
            return False
        attempts = self._attempts[task] = self._attempts.get(task, 0) + 1
        if attempts > self._plan.retries:
            del self._attempts[task]
            return False
        due = time.time() + min(0.1 * 2 ** (attempts - 1), MAX_BACKOFF)
        heapq.heappush(self._retries, (due, task, Batch(task, True, [item])))
        return True

    def _add(self, ok: int, failed: int) -> None:
        self.ok += ok
        self.failed += failed
        limit = self._plan.stop_after_failures
        if limit and self.failed >= limit:
            self._stop(f"{self.failed} tasks failed; the job stops after {limit}.")

    # What is told, and what is asked.

    def _look_around(self, now: float) -> None:
        """What the clock brings: retries, time limits, the end of patience after a stop, the next commit."""
        while self._retries and self._retries[0][0] <= now:
            self._feed.give_back(heapq.heappop(self._retries)[2])
        for worker in self._workers:
            self._feed_worker(worker)
            self._watch(worker, now)
        if now >= self._counted_at + COMMIT_SECONDS:
            self._count()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._check_folder()

    def _check_folder(self) -> None:
        if not self._store.is_in_place():
            raise BrokenRun("The run folder was removed or replaced while the run went on.")

    def _watch(self, worker: Worker, now: float) -> None:
        limit = self._plan.timeout
        if limit and worker.verdict is None and worker.running_for(now) >= limit:
            worker.verdict = (schema.TIMEOUT, f"The time limit of {limit:g} s for a task was reached")
            worker.process.kill()
        if self._stopping_since:
            waited = now - self._stopping_since
            if waited >= KILL_SECONDS:
                worker.process.kill()
            elif waited >= TERMINATE_SECONDS:
                worker.process.terminate()

    def _count(self) -> None:
        """Bring the results to the disk, and only then count them."""
        if self._store.dirty:
            self._store.commit()
            if self.ran:
                self._tell("progress", ok=self.ok, failed=self.failed, workers=len(self._workers))
        self._counted_at = time.time()

    def _tell(self, event: str, **content: Any) -> None:
        if self._link is not None:
            try:
                self._link.send_bytes(json.dumps({"event": event, **content}).encode() + b"\n")
            except OSError:
                self._lose_app()

    def _obey(self) -> None:
        assert self._link is not None
        try:
            command = json.loads(self._link.recv_bytes())["do"]
        except (EOFError, OSError):
            self._lose_app()
            return
        if command in ("stop", "kill"):
            self._stop("It was stopped.")
        if command == "kill":
            self._kill_workers()

    def _lose_app(self) -> None:
        self._link = None
        self._stop("The app that started it went away.")
        self._kill_workers()

    def _stop(self, reason: str) -> None:
        if not self._stopping_since:
            self._stopping_since = time.time()
            self.reason = reason

    def _kill_workers(self) -> None:
        for worker in self._workers:
            worker.process.kill()


def _shown(item: Any) -> str:
    text = repr(item)
    return text if len(text) <= 80 else text[:77] + "..."
