"""Opens a run.db for reading, wherever it is and whatever its host left beside it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.host.record import schema

RUNNING = '"running"'
"""The fact `state` of a running run."""


TEXT = (str, type(None))
NUMBER = (int, type(None))
"""Types of nullable columns."""


class UnreadableRun(Exception):
    """A run folder that cannot be read. The message says why."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a run.db for reading. Raises `UnreadableRun`."""
    if not path.is_file():
        raise UnreadableRun(f"There is no {path.name} in {path.parent}, so it is not a run folder.")
    reasons: list[str] = []
    for mode, pragma in _ways(path):
        try:
            return _opened(path, mode, pragma)
        except sqlite3.Error as error:
            reasons.append(str(error))
    raise UnreadableRun(f"{path} cannot be read: {reasons[0]}.")


def generation_of(db: sqlite3.Connection) -> object:
    """The fact `generation`, as stored: if it changes, rows were removed."""
    found = db.execute("SELECT value FROM fact WHERE name = 'generation'").fetchone()
    return found[0] if found else None


Stamp = tuple[int, int] | None
"""Size and modification time of a file in nanoseconds; None if it does not exist."""


def stamps(path: Path) -> tuple[Stamp, ...]:
    """The stamps of a run.db's files: if they change, something was written."""
    return tuple(stamp_of(Path(f"{path}{end}")) for end in ("", "-wal"))


def stamp_of(path: Path) -> Stamp:
    """The stamp of one file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _opened(path: Path, mode: str, pragma: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    try:
        db.execute(pragma)
        _check(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _ways(path: Path) -> list[tuple[str, str]]:
    """The ways to open a run.db, as URI parameters and a first statement, the best way first.

    SQLite needs a file of its own beside a database that is being written. If that does not exist and cannot
    be created, as in a read-only folder, nobody else has the database open. What a killed host left in the
    file -wal belongs to the database: SQLite then keeps that file's index in memory, and needs no locks.
    """
    left = path.with_name(path.name + "-wal")
    if left.exists() and left.stat().st_size:
        no_locks = "win32-none" if sys.platform == "win32" else "unix-none"
        alone = (f"mode=ro&vfs={no_locks}", "PRAGMA locking_mode = EXCLUSIVE")
    else:
        alone = ("immutable=1", "PRAGMA query_only = ON")
    return [("mode=ro", "PRAGMA query_only = ON"), alone]


def _check(db: sqlite3.Connection, path: Path) -> None:
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if application != schema.APPLICATION_ID or not version:
        raise UnreadableRun(f"{path} was not written by Poolhouse.")
    if version > schema.VERSION:
        raise UnreadableRun(f"{path} was written by a newer Poolhouse. Update Poolhouse to open it.")
    # only tables may be read: a view or a computed column could take forever
    db.execute("PRAGMA trusted_schema = OFF")
    odd = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
    tables = "VALUES ('fact'), ('stage'), ('batch'), ('text'), ('failure'), ('worker'), ('usage'), ('event')"
    worked_out = f"SELECT 1 FROM ({tables}) AS t, pragma_table_xinfo(t.column1) WHERE hidden <> 0"
    if db.execute(odd).fetchone() or db.execute(worked_out).fetchone():
        raise UnreadableRun(f"{path} contains more than the tables of a run.")
    db.execute("SELECT 1 FROM fact, batch LIMIT 1")


def checked(row: Sequence[Any], kinds: Sequence[Any]) -> Sequence[Any]:
    """A row, checked for the column types, which SQLite does not enforce. Raises `UnreadableRun`."""
    if not all(map(isinstance, row, kinds)):
        raise UnreadableRun("A part of the run is damaged: a column contains something of another type.")
    return row


def tidy(path: Path) -> None:
    """Merge SQLite's files beside a run.db into it, if its host ended while a reader had it open."""
    if not path.with_name(path.name + "-wal").exists():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=0)) as db:
        row = db.execute("SELECT value FROM fact WHERE name = 'state'").fetchone()
        if row and row[0] != RUNNING:
            db.execute("PRAGMA journal_mode = DELETE")
