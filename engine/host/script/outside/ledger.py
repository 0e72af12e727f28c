"""The records of a script: stages, tasks and their outcomes, failures, workers."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import time
from array import array

from ... import system
from ...record import packs, schema, wire
from ...record.rows import Left, Row, without_result
from ...record.store import Failure, Store
from ...typed import Any
from ..messages import Call


class Ledger:
    """`submitted` counts all tasks, `ok` and `failed` those that the store has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.before_commit.append(self._tell)
        self._told = 0
        """How many tasks run.db says that there are."""
        self.submitted = 0
        self._stages = 0

    @property
    def ok(self) -> int:
        return self._store.ok

    @property
    def failed(self) -> int:
        return self._store.failed

    @property
    def ended(self) -> int:
        return self.ok + self.failed

    def look(self) -> None:
        """Have a commit tell how many tasks there are, if none has told it anyway."""
        if self._told != self.submitted:
            self._store.commits.begin()

    def _tell(self) -> None:
        if self._told != self.submitted:
            self._told = self.submitted
            self._store.facts(total=self.submitted)

    def stage(self, call: Call) -> int:
        """A new stage; returns its number."""
        self._stages += 1
        self._store.stage(call.name, call.file or None, call.line, self._stages, self.submitted, time.time())
        return self._stages

    def number(self, count: int) -> int:
        """Number this many tasks; returns the first number."""
        first = self.submitted
        self.submitted += count
        return first

    def keep(
        self, worker: int, stage: int, row: Row, inputs: bytes | str, failures: list[tuple[Any, ...]]
    ) -> None:
        """Tasks have ended."""
        for failed in failures:
            said = wire.Failed(*failed)
            kind = schema.STATUSES[said.status]
            self._store.failure(
                Failure(said.task, 1, kind, said.message, said.traceback, worker, None, None, said.time)
            )
        self._store.results(worker, row, inputs, stage)

    def died(
        self,
        worker: int,
        stage: int,
        task: int,
        code: int | None,
        why: str,
        since: float,
        prints: array[int],
        given: Any,
    ) -> None:
        """A task ended with its worker, which had printed this; `given` is its input."""
        now = time.time()
        signal_name = None if code is None else system.describe_exit(code)[1]
        self._store.failure(Failure(task, 1, "died", why, "", worker, code, signal_name, now))
        began = now - max(0.0, system.clock() - since)
        row = without_result(task, schema.DIED, began, now, Left(prints=prints))
        self._store.results(worker, row, packs.column([given]), stage)

    def exited(
        self,
        worker: int,
        stage: int,
        task: int,
        code: int | None,
        inputs: bytes,
        span: tuple[float, float],
        left: Left,
    ) -> None:
        """A process that counts as a task has ended: its exit is the outcome."""
        status = schema.OK if code == 0 else schema.ERROR if code is not None and code > 0 else schema.DIED
        if status != schema.OK:
            how, signal_name = ("has ended", None) if code is None else system.describe_exit(code)
            kind, text = schema.STATUSES[status], f"The process {how}."
            self._store.failure(Failure(task, 1, kind, text, "", worker, code, signal_name, span[1]))
        self._store.results(worker, without_result(task, status, *span, left), inputs, stage)

    def cancelled(self, worker: int, task: int, text: str) -> None:
        """A running task is no longer wanted."""
        self._store.failure(Failure(task, 1, schema.CANCELLED, text, "", worker, None, None, time.time()))
