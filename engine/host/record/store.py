"""The only writer of run.db: rows collect in a transaction, and count only once it is on disk."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress

from .. import system
from ..typed import Any, Callable, NamedTuple
from . import schema
from .commits import Commits
from .objects import ObjectFile, Syncer, file_of, sync
from .origin import GitState
from .rows import NOTHING, Left, Row
from .text import plain_all
from .texts import Texts, parted

PATHS = ("folder", "executable")
"""Facts that name a file: they are stored exactly, which JSON can."""
MOST_COMMITS = 4_096
"""The most packages that are recorded."""
ONLY_STAGE = 1
"""The stage of all tasks of a job."""
COLUMNS = ("stage", "worker", "first", "count", *Row._fields[2:], "inputs")
BATCH = f"INSERT INTO batch ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
FAILURE = (
    "INSERT INTO failure"
    " (task, attempt, kind, message, traceback, ends, worker, exit_code, signal, time, log, prints)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Failure(NamedTuple):
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
    left: Left = NOTHING
    """What it left, if no row of its task says so."""


def _make(path: str) -> None:
    """Create a run.db without rows. It appears completely or not at all, whenever this process dies."""
    draft = path + ".draft"
    with suppress(FileNotFoundError):  # of a killed host
        os.remove(draft)
    db = sqlite3.connect(draft, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")  # `sync` is enough for a file that does not exist before
    db.execute("PRAGMA page_size = 32768")  # rows are long: less than half the work of pages of 4 KB
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {schema.VERSION}")
    db.executescript(f"BEGIN; {schema.TABLES} {schema.ADDED} COMMIT;")
    db.execute("PRAGMA journal_mode = WAL")  # here it costs nothing, later four syncs
    db.close()
    sync(draft)
    os.replace(draft, path)


def _add_what_is_new(db: sqlite3.Connection) -> None:
    """Give a run.db of this version the tables and columns that were added later."""
    if not any(name == "cpu" for _, name, *_ in db.execute("PRAGMA table_info(batch)")):
        db.execute("ALTER TABLE batch ADD COLUMN cpu REAL")
    db.executescript(schema.ADDED)


class Store:
    """run.db, open for writing. Errors of the disk are raised as `sqlite3.Error` or `OSError`."""

    def __init__(self, path: str) -> None:
        if not os.path.exists(path):
            _make(path)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        _add_what_is_new(self.db)
        self._file = os.stat(path)
        self.folder = os.path.join(os.path.dirname(path), schema.OBJECTS)
        """The folder for large data."""
        self.own_file = ObjectFile(self.folder, f"host-{os.getpid()}")
        """Large data written by this process itself goes here."""
        self.objects = Syncer(self.folder)
        self.commits = Commits(self.db, self.objects, self._last_changes)
        self.change = self.commits.add
        """Make a change of run.db."""
        self._texts = Texts(self.change)
        self.db.execute("PRAGMA journal_mode = WAL")
        # a counted result survives a crash of the machine: every commit is synced
        self.db.execute("PRAGMA synchronous = FULL")
        counts: dict[str, int] = self.fact("counts") or {}
        self._counts = [counts.get(status, 0) for status in schema.STATUSES]
        """Tasks by status, in the order of `schema.STATUSES`."""
        self._counted = list(self._counts)
        """As stored in run.db."""
        self.git: GitState | None = None
        """Asked for the state of the code, if there is git."""
        self._commits, self._commit_step = 0, 1
        """Commits so far, and how often one of them is recorded."""
        self._usage: list[tuple[int, int, int, float]] = []
        """Samples of the workers' resources, which wait for a commit with other content."""
        self.before_commit: list[Callable[[], None]] = []
        """Called before each commit, to have in it what is known by then."""

    # the run as a whole

    def fact(self, name: str) -> Any:
        """A fact of the run; None if it is not set."""
        self.commits.end()
        row = self.db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def facts(self, **facts: Any) -> None:
        """Set facts of the run."""
        for name, value in facts.items():
            kept = json.dumps(value if name in PATHS else plain_all(value))
            self.change("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, kept))

    def claim(self, previous: float | None, launched: float) -> bool:
        """Take over from the host that was launched at `previous`; False if another one has done so."""
        self.commits.begin()
        if self.fact("launched") != previous:
            return False
        self.facts(launched=launched, pid=os.getpid(), machine=socket.gethostname(), boot=system.boot())
        self.facts(state="running", ran_at=None)
        self.change("DELETE FROM at_hand")  # of a killed host
        self.event(schema.LAUNCHED)
        if previous is not None:  # otherwise the facts of a new run follow at once
            self.commits.commit()
        return True

    def stage(
        self,
        name: str,
        file: str | None,
        line: int | None = None,
        number: int = ONLY_STAGE,
        first: int = 0,
        started: float | None = None,
    ) -> None:
        """Record, once, what the tasks from `first` on are calls of."""
        self.change(
            "INSERT OR IGNORE INTO stage VALUES (?, ?, ?, ?, ?, ?)",
            (number, *plain_all([name, file]), line, first, started),
        )

    def tasks_at_hand(self, tasks: Iterable[tuple[int, int, float]]) -> None:
        """Workers are on these tasks now, and on no others: worker, task, and since when."""
        self.change("DELETE FROM at_hand")
        for task in tasks:
            self.change("INSERT OR REPLACE INTO at_hand VALUES (?, ?, ?)", task)

    @property
    def ok(self) -> int:
        """The number of tasks with a result."""
        return self._counts[schema.OK]

    @property
    def failed(self) -> int:
        """The number of failed tasks."""
        return sum(self._counts) - self.ok

    def _last_changes(self) -> None:
        """Add what is known by now to the transaction that is about to end."""
        if self.git is not None and (answer := self.git.answer()):
            self.facts(git=answer)
        self._note_commit()
        usage, self._usage = self._usage, []
        for sample in usage:
            self.change("INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?)", sample)
        for add in self.before_commit:
            add()
        if self._counts != self._counted:
            self._counted = list(self._counts)
            self.facts(counts=dict(zip(schema.STATUSES, self._counts)))

    # content

    def results(
        self, worker: int, row: Row, inputs: bytes | str | None = None, stage: int = ONLY_STAGE
    ) -> None:
        """Add the results of a batch, or of its finished part; `inputs` unless the job file has them."""
        for file in row.files:
            self.objects.note(file)
        if file := file_of(inputs):
            self.objects.note(file)
        self.change(BATCH, (stage, worker, *row, inputs))
        self._count(row)

    def _count(self, row: Row) -> None:
        failed = row.failures
        for status, tasks in enumerate((row.tasks - sum(failed), *failed)):
            self._counts[status] += tasks

    def counted_out(self, count: int, failed: list[int]) -> None:
        """A row of `count` tasks was deleted, of which this many `failed`, by status."""
        for status, tasks in enumerate((count - sum(failed), *failed)):
            self._counts[status] -= tasks

    def failure(self, failure: Failure) -> None:
        """Add a failed attempt."""
        task, attempt, kind, message, traceback, *rest = plain_all(failure[:-1])
        traceback, ends = parted(traceback, message)
        texts = self._texts.add(message), self._texts.add(traceback) if traceback else None
        self.change(FAILURE, (task, attempt, kind, *texts, ends, *rest, *failure.left.columns()))

    def worker_started(self, worker: int, pid: int, time: float, lane: int | None = None) -> None:
        query = "INSERT INTO worker (id, lane, pid, started) VALUES (?, ?, ?, ?)"
        self.change(query, (worker, lane, pid, time))

    def worker_ended(
        self, worker: int, time: float, exit_code: int | None, signal: str | None, last_task: int | None
    ) -> None:
        self.change(
            "UPDATE worker SET ended = ?, exit_code = ?, signal = ?, last_task = ? WHERE id = ?",
            (time, exit_code, signal, last_task, worker),
        )

    def usage(self, moment: int, samples: list[tuple[int, int, float]]) -> None:
        """Add a sample of a worker's resources: number, bytes of memory, and processor seconds."""
        self._usage += [(moment, *sample) for sample in samples]

    def event(self, kind: str) -> None:
        """Record that something happens now."""
        self.change("INSERT INTO event (time, kind) VALUES (?, ?)", (time.time(), kind))

    def _note_commit(self) -> None:
        """Record that rows are committed, each time or, if that is too often, from time to time."""
        self._commits += 1
        if self._commits % self._commit_step == 0:
            self.event(schema.COMMIT)
        if self._commits > MOST_COMMITS * self._commit_step:
            self._commit_step *= 2
            query = "DELETE FROM event WHERE kind = ? AND id % ? <> 0"
            self.change(query, (schema.COMMIT, self._commit_step))

    @property
    def usage_waiting(self) -> int:
        """How many of these wait for the next commit."""
        return len(self._usage)

    def last_worker(self) -> int:
        return self.db.execute("SELECT coalesce(max(id), 0) FROM worker").fetchone()[0]

    # the file itself

    def is_in_place(self) -> bool:
        """Whether the open file is still the one at its path."""
        try:
            return os.path.samestat(os.stat(self.path), self._file)
        except OSError:
            return False

    def close(self) -> None:
        """Commit, and leave a single file that also opens from a read-only folder."""
        self.commits.commit()
        self.own_file.close()
        if self.git is not None:
            self.git.end()
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # If a view has it open, it stays as it is, which is complete too.
        with suppress(sqlite3.OperationalError):
            self.db.execute("PRAGMA journal_mode = DELETE")
        self.db.close()
