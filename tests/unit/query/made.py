"""Run folders made by hand with the host's own writer, and a naive reading of them."""

from __future__ import annotations

import pickle
import sqlite3
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.host.record import schema
from engine.host.record.packs import column
from engine.host.record.store import Failure, Store
from engine.host.record.values import display
from engine.host.record.wire import Results, packed
from engine.job import Function, Inputs, Job
from engine.runs import DB, create


@dataclass(frozen=True)
class Task:
    """A row as it is to be shown."""

    index: int
    shown: str
    status: str
    value: str
    begin: float
    end: float
    worker: int


@dataclass
class Made:
    """A run folder that grows."""

    root: Path
    total: int = 100_000
    kept: bool = False
    """Whether inputs are kept in run.db."""
    is_closed: bool = False

    def __post_init__(self) -> None:
        inputs = Inputs("generator", generator="g") if self.kept else Inputs("range", stop=self.total)
        job = Job(Function("work.py", "f"), inputs, folder=self.root)
        self.folder = create(job, self.root / "runs")
        self.store = Store(str(self.folder / DB))
        self.store.facts(name="f", total=self.total, started=1000.0, folder=str(self.root))
        self.commit()

    def commit(self) -> None:
        self.store.commits.commit()

    def add(self, first: int, values: list[Any], statuses: bytes, worker: int = 1) -> None:
        """A batch whose tasks ended; those that failed have a message."""
        begins = array("d", [1000.0 + index for index in range(first, first + len(values))])
        ends = array("d", [begin + 0.25 for begin in begins])
        texts = [at for at, value in enumerate(values) if type(value) in (list, dict)]
        shown = [display(value) if at in texts else value for at, value in enumerate(values)]
        row = Results(
            first,
            len(values),
            statuses,
            1,
            packed(begins),
            packed(ends),
            pickle.dumps(shown, 5),
            packed(array("I", texts)) if texts else None,
            pickle.dumps([pickle.dumps(values[at], 5) for at in texts], 5) if texts else None,
        )
        inputs = column(range(first, first + len(values))) if self.kept else None
        for offset, status in enumerate(statuses):
            if status != schema.OK:
                kind = schema.STATUSES[status]
                task = first + offset
                self.store.failure(Failure(task, 1, kind, f"{kind} of {task}", "", worker, None, None, 0.0))
        self.store.results(worker, row, inputs)

    def close(self) -> None:
        """The run has ended."""
        if self.is_closed:
            return
        self.is_closed = True
        ok, failed = self.store.counts()
        self.store.facts(state="finished", ok=ok, failed=failed, ended=2000.0)
        self.store.close()


def naive(folder: Path) -> list[Task]:
    """The tasks that have an outcome, in order, read as plainly as can be."""
    db = sqlite3.connect(folder / DB)
    tasks: list[Task] = []
    messages = dict(db.execute("SELECT task, message FROM failure ORDER BY id"))
    rows = db.execute("SELECT first, worker, statuses, starts, ends, vals, opaque FROM batch ORDER BY first")
    for first, worker, statuses, starts, ends, vals, opaque in rows:
        texts = set(array("I", opaque or b""))
        values = pickle.loads(vals)
        for at, status in enumerate(statuses):
            value = values[at] if at in texts else display(values[at])
            tasks.append(
                Task(
                    first + at,
                    str(first + at),
                    schema.STATUSES[status],
                    messages[first + at] if status else value,
                    array("d", starts)[at],
                    array("d", ends)[at],
                    worker,
                )
            )
    db.close()
    return tasks
