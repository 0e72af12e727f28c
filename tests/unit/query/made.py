"""Run folders made by hand with the host's own writer, and a naive reading of them."""

from __future__ import annotations

import pickle
import sqlite3
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.host.record import schema
from engine.host.record.display import display
from engine.host.record.packs import column
from engine.host.record.past import Past
from engine.host.record.store import Failure, Store
from engine.job import Function, Inputs, Job
from engine.runs import DB, create
from tests.old_runs import OldRun
from tests.rows import row


@dataclass(frozen=True)
class Task:
    """A row as it should be shown."""

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
        self.folder = create(_job(self.root, self.kept, self.total), self.root / "runs")
        self.store = Store(str(self.folder / DB))
        self.store.facts(name="f", total=self.total, started=1000.0, folder=str(self.root))
        self.commit()

    def commit(self) -> None:
        self.store.commits.commit()

    def add(self, first: int, values: list[Any], statuses: bytes, worker: int = 1, stage: int = 1) -> None:
        """Add a batch of tasks that ended; those that failed have a message."""
        inputs = column(range(first, first + len(values))) if self.kept else None
        for offset, status in enumerate(statuses):
            if status != schema.OK:
                kind = schema.STATUSES[status]
                task = first + offset
                self.store.failure(Failure(task, 1, kind, f"{kind} of {task}", "", worker, None, None, 0.0))
        self.store.results(worker, row(first, values, statuses), inputs, stage)

    def retry(self) -> list[tuple[int, int]]:
        """Remove failed tasks, to run them again. Returns them as spans (first, stop)."""
        return Past(self.store).forget_failed()

    def close(self) -> None:
        """End the run."""
        if self.is_closed:
            return
        self.is_closed = True
        self.store.facts(state="finished", ended=2000.0)
        self.store.close()


class OldMade:
    """A run folder of an earlier version that grows."""

    def __init__(self, root: Path, version: int, kept: bool = False, total: int = 100_000) -> None:
        self.kept = kept
        self.folder = create(_job(root, kept, total), root / "runs")
        self.run = OldRun(self.folder, version)
        self.run.facts(name="f", total=total, started=1000.0, folder=str(root))
        self.ok = self.failed = 0

    def commit(self) -> None:
        """Each change is committed at once."""

    def add(self, first: int, values: list[Any], statuses: bytes, worker: int = 1) -> None:
        """Add a batch of tasks that ended; those that failed have a message."""
        for offset, status in enumerate(statuses):
            if status != schema.OK:
                kind = schema.STATUSES[status]
                self.run.failure(first + offset, kind, f"{kind} of {first + offset}", worker=worker)
        inputs = list(range(first, first + len(values))) if self.kept else None
        self.run.results(worker, first, values, statuses, inputs)
        self.ok += statuses.count(schema.OK)
        self.failed += len(statuses) - statuses.count(schema.OK)

    def close(self) -> None:
        """End the run."""
        self.run.facts(state="finished", ended=2000.0, ok=self.ok, failed=self.failed)
        self.run.close()


def _job(root: Path, kept: bool, total: int) -> Job:
    inputs = Inputs("generator", generator="g") if kept else Inputs("range", stop=total)
    return Job(Function("work.py", "f"), inputs, folder=root)


def naive(folder: Path) -> list[Task]:
    """The tasks that have an outcome, in order, read in the simplest way."""
    db = sqlite3.connect(folder / DB)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    tasks = list((_naive_old if version < 3 else _naive)(db))
    db.close()
    return tasks


def naive_failures(folder: Path) -> dict[int, list[tuple[int, str, str]]]:
    """Attempt, kind and message of each failed attempt, by task."""
    db = sqlite3.connect(folder / DB)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    texts = {} if version < 3 else dict(db.execute("SELECT id, text FROM text"))
    found: dict[int, list[tuple[int, str, str]]] = {}
    for task, attempt, kind, message in db.execute(
        "SELECT task, attempt, kind, message FROM failure ORDER BY id"
    ):
        found.setdefault(task, []).append((attempt, kind, texts.get(message, message)))
    db.close()
    return found


def _naive(db: sqlite3.Connection) -> Any:
    texts = dict(db.execute("SELECT id, text FROM text"))
    messages = {task: texts[key] for task, key in db.execute("SELECT task, message FROM failure ORDER BY id")}
    rows = db.execute(
        "SELECT first, count, worker, statuses, start, starts, seconds, form, vals FROM batch ORDER BY first"
    )
    for first, count, worker, statuses, start, starts, seconds, form, vals in rows:
        offsets = array("f", starts or bytes(4))
        for at, value in enumerate(_values(form, vals, count)):
            status = statuses[at] if statuses else schema.OK
            shown = value[0] if type(value) is tuple else display(value)
            shown = messages[first + at] if status else shown
            begin = start + offsets[at]
            end = begin + array("f", seconds)[at]
            yield Task(first + at, str(first + at), schema.STATUSES[status], shown, begin, end, worker)


def _values(form: str | None, vals: bytes | None, count: int) -> list[Any]:
    if form == "none":
        return [None] * count
    assert vals is not None
    if form:
        return list(array({"int32": "i", "int64": "q", "float64": "d"}[form], vals))
    (pieces,) = struct.unpack("<Q", vals[-8:])
    begins = struct.unpack(f"<{pieces}Q", vals[-8 * (pieces + 1) : -8])
    return [item for begin in begins for item in pickle.loads(vals[begin:])]


def _naive_old(db: sqlite3.Connection) -> Any:
    messages = dict(db.execute("SELECT task, message FROM failure ORDER BY id"))
    rows = db.execute("SELECT first, worker, statuses, starts, ends, vals, opaque FROM batch ORDER BY first")
    for first, worker, statuses, starts, ends, vals, opaque in rows:
        texts = set(array("I", opaque or b""))
        values = pickle.loads(vals)
        for at, status in enumerate(statuses):
            value = values[at] if at in texts else display(values[at])
            value = messages[first + at] if status else value
            begin, end = array("d", starts)[at], array("d", ends)[at]
            yield Task(first + at, str(first + at), schema.STATUSES[status], value, begin, end, worker)
