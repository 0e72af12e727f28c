"""The failed attempts at tasks, as run.db keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from engine.host.record.texts import joined
from engine.runs.database import NUMBER, TEXT, checked

_COLUMNS = (
    "task, attempt, kind, coalesce(m.text, ''), t.text, ends, worker, exit_code, signal, time FROM failure"
    " LEFT JOIN text m ON m.id = message LEFT JOIN text t ON t.id = traceback"
)
_OLD_COLUMNS = "task, attempt, kind, message, traceback, 0, worker, exit_code, signal, time FROM failure"


_KINDS = (int, int, str, str, TEXT, int, int, NUMBER, TEXT, (int, float))


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
    for row in db.execute(query, (first, stop)):
        task, attempt, kind, message, traceback, ends, *rest = checked(row, _KINDS)
        trace = joined(traceback, message, bool(ends))
        yield Failure(task, attempt, kind, message, trace, *rest)
