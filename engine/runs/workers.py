"""The worker processes of a run, as run.db records them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from engine.runs.database import NUMBER, TEXT, UnreadableRun, checked

_WORKER = "id, pid, started, ended, exit_code, signal, last_task"
_WORKER_KINDS = (int, int, (int, float), (int, float, type(None)), NUMBER, TEXT, NUMBER)


@dataclass(frozen=True)
class WorkerRecord:
    """A worker process of the run. Times are seconds since the epoch."""

    number: int
    pid: int
    started: float
    ended: float | None
    """None if it is running, or its end was not seen."""
    exit_code: int | None
    signal: str | None
    """Name of the signal that killed it."""
    last_task: int | None
    """Index of its task when it ended."""


class Workers:
    """The workers of an open run.db, in the order in which they started."""

    def __init__(self, db: sqlite3.Connection, is_old: bool) -> None:
        self._db = db
        self._is_old = is_old

    def after(self, number: int = 0, limit: int = -1) -> list[WorkerRecord]:
        """The workers with a higher number; at most `limit`, unless that is -1."""
        query = f"SELECT {_WORKER} FROM worker WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._db.execute(query, (number, limit))
        return [WorkerRecord(*checked(row, _WORKER_KINDS)) for row in rows]

    def one(self, number: int) -> WorkerRecord:
        """One worker. Raises `UnreadableRun`."""
        row = self._db.execute(f"SELECT {_WORKER} FROM worker WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise UnreadableRun(f"There is no worker {number}.")
        return WorkerRecord(*checked(row, _WORKER_KINDS))

    def lanes(self, after: int = 0) -> dict[int, int]:
        """The lanes of the workers after the one with number `after`, by number."""
        if self._is_old:
            return {}
        found = self._db.execute(
            "SELECT id, lane FROM worker WHERE id > ? AND lane IS NOT NULL ORDER BY id", (after,)
        )
        return {worker: lane for worker, lane in (checked(row, (int, int)) for row in found)}  # noqa: C416

    def done(self, after: int = 0, limit: int = -1) -> tuple[dict[int, int], int]:
        """How many tasks each worker finished in the rows after the one with id `after`, and the last id.

        `limit` rows are read, unless it is -1.
        """
        rows = self._db.execute(
            "SELECT worker, sum(count), max(id) FROM"
            " (SELECT worker, count, id FROM batch WHERE id > ? ORDER BY id LIMIT ?) GROUP BY worker",
            (after, limit),
        ).fetchall()
        for row in rows:
            checked(row, (int, int, int))
        return {worker: count for worker, count, _ in rows}, max([after, *(last for *_, last in rows)])
