"""A run.db of version 1 or 2, written as their programs did, for tests."""

from __future__ import annotations

import json
import pickle
import sqlite3
from array import array
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.host.record import schema
from engine.host.record.display import display
from engine.runs import DB

TABLES = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE batch (
    id INTEGER PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL, worker INTEGER NOT NULL,
    statuses BLOB NOT NULL, stride INTEGER NOT NULL, starts BLOB NOT NULL, ends BLOB NOT NULL,
    vals BLOB NOT NULL, opaque BLOB, objects BLOB, inputs BLOB
);
CREATE TABLE failure (
    id INTEGER PRIMARY KEY, task INTEGER NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL,
    message TEXT NOT NULL, traceback TEXT NOT NULL, worker INTEGER NOT NULL, exit_code INTEGER,
    signal TEXT, time REAL NOT NULL
);
CREATE INDEX failure_task ON failure (task);
CREATE TABLE worker (
    id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, started REAL NOT NULL, ended REAL, exit_code INTEGER,
    signal TEXT, last_task INTEGER
);
"""


class OldRun:
    """A run.db that grows."""

    def __init__(self, folder: Path, version: int = 2) -> None:
        self.db = sqlite3.connect(folder / DB, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        self.db.execute(f"PRAGMA user_version = {version}")
        self.db.executescript(TABLES)

    def facts(self, **facts: Any) -> None:
        """Set facts of the run."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        self.db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", rows)

    def results(
        self, worker: int, first: int, values: list[Any], statuses: bytes, inputs: list[Any] | None = None
    ) -> None:
        """Add a batch; a task began each second, and took a quarter of one."""
        begins = array("d", [1000.0 + first + at for at in range(len(values))])
        ends = array("d", [begin + 0.25 for begin in begins])
        texts = [at for at, value in enumerate(values) if type(value) in (list, dict)]
        shown = [display(value) if at in texts else value for at, value in enumerate(values)]
        pickles = [pickle.dumps(values[at], 5) for at in texts]
        columns = (
            (first, len(values), worker, statuses, 1, begins.tobytes(), ends.tobytes()),
            (pickle.dumps(shown, 5), array("I", texts).tobytes() if texts else None),
            (
                pickle.dumps(pickles, 5) if texts else None,
                None if inputs is None else pickle.dumps(inputs, 5),
            ),
        )
        self.db.execute(
            "INSERT INTO batch"
            " (first, count, worker, statuses, stride, starts, ends, vals, opaque, objects, inputs)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [cell for part in columns for cell in part],
        )

    def failure(self, task: int, kind: str, message: str, traceback: str = "", worker: int = 1) -> None:
        """Add a failed attempt."""
        self.db.execute(
            "INSERT INTO failure (task, attempt, kind, message, traceback, worker, time)"
            " VALUES (?, 1, ?, ?, ?, ?, 0.0)",
            (task, kind, message, traceback, worker),
        )

    def close(self) -> None:
        """Nothing is added any more."""
        with suppress(sqlite3.OperationalError):  # somebody has it open
            self.db.execute("PRAGMA journal_mode = DELETE")
        self.db.close()
