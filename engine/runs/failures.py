"""The failed attempts at tasks, as run.db keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from engine.host.record.texts import joined

_COLUMNS = (
    "task, attempt, kind, coalesce(m.text, ''), t.text, ends, worker, exit_code, signal, time FROM failure"
    " LEFT JOIN text m ON m.id = message LEFT JOIN text t ON t.id = traceback"
)
_OLD_COLUMNS = "task, attempt, kind, message, traceback, 0, worker, exit_code, signal, time FROM failure"


@dataclass(frozen=True)
class Failure:
    """A failed attempt at a task."""

    task: int
    attempt: int
    kind: str
    message: str
    traceback: str
    worker: int
    exit_code: int | None
    signal: str | None
    time: float


def failures(db: sqlite3.Connection, is_old: bool, first: int, stop: int) -> Iterator[Failure]:
    """The failed attempts at the tasks `first .. stop - 1`, in the order in which they came."""
    columns = _OLD_COLUMNS if is_old else _COLUMNS
    query = f"SELECT {columns} WHERE task >= ? AND task < ? ORDER BY failure.id"
    for task, attempt, kind, message, traceback, ends, *rest in db.execute(query, (first, stop)):
        trace = joined(traceback, message, bool(ends))
        yield Failure(task, attempt, kind, message, trace, *rest)
