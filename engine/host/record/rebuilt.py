"""Before a run of an earlier version is resumed, a copy in today's version replaces its run.db."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, suppress

from ..errors import BrokenRun
from . import old, schema
from .past import UNREADABLE
from .store import Failure, Store
from .values import Values

FAILURES = "task, attempt, kind, message, traceback, worker, exit_code, signal, time"
WORKERS = "id, pid, started, ended, exit_code, signal, last_task"
PATIENCE = 5.0
"""Seconds to wait for a concurrent reader."""
COUNTS = ("ok", "failed")
"""Facts that are counted again instead."""


def bring_up_to_date(path: str) -> None:
    """Rebuild the run.db at `path` if it is of an earlier version.

    Raises `BrokenRun`, `sqlite3.Error`, `OSError`. The original stays until everything is
    copied. Tasks whose results cannot be read are left out: they run again.
    """
    if not os.path.exists(path):
        return
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if not 0 < version < schema.VERSION:
            return
        draft = path + ".new"
        _clear(draft)
        _copy(db, Store(draft))
        # SQLite's files beside it belong to the old one only
        busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise BrokenRun(f"{path} is being read by another program. Close it there, and resume again.")
    for beside in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.remove(path + beside)
    os.replace(draft, path)


def _clear(draft: str) -> None:
    """Remove what a killed host has left."""
    for name in (draft, draft + "-wal", draft + "-shm", draft + "-journal"):
        with suppress(FileNotFoundError):
            os.remove(name)


def _copy(db: sqlite3.Connection, new: Store) -> None:
    for name, value in db.execute("SELECT name, value FROM fact"):
        if name not in COUNTS:
            new.facts(**{name: json.loads(value)})
    for worker in db.execute(f"SELECT {WORKERS} FROM worker ORDER BY id"):
        new.worker_started(*worker[:3])
        new.worker_ended(worker[0], *worker[3:])
    for failure in db.execute(f"SELECT {FAILURES} FROM failure ORDER BY id"):
        new.failure(Failure(*failure))
    for (row_id,) in db.execute("SELECT id FROM batch ORDER BY first").fetchall():
        columns = db.execute(f"SELECT {old.READ} FROM batch WHERE id = ?", (row_id,)).fetchone()
        with suppress(*UNREADABLE):
            row = old.OldStored(columns, new.folder)
            new.results(row.worker, *row.part(0, row.count, Values(new.own_file)))
    new.close()
