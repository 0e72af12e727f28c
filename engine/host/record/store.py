"""The one writer of run.db: rows gather in a transaction, and count only once it is on disk."""

from __future__ import annotations

import json
import os
import pickle
import socket
import sqlite3
from array import array
from contextlib import suppress
from itertools import groupby
from typing import Any, NamedTuple

from .. import system
from . import packs, schema
from .commits import Commits
from .objects import Syncer, column, sync
from .plain import plain_loads
from .text import plain_all
from .values import display
from .wire import Results, packed, unpacked

PATHS = ("folder", "executable")
"""Facts that find a file: they are kept to the letter, which JSON can."""


def spans(marks: list[bool], wanted: bool) -> list[tuple[int, int]]:
    """Where marks are as wanted, as spans (begin, end)."""
    found: list[tuple[int, int]] = []
    position = 0
    for mark, group in groupby(marks):
        end = position + sum(1 for _ in group)
        if mark == wanted:
            found.append((position, end))
        position = end
    return found


def parts(row: Results, kept: list[tuple[int, int]]) -> list[Results]:
    """Parts of a row, by spans of offsets. Such a row has its columns in it, and a time for each task."""
    assert isinstance(row.vals, bytes)
    assert not isinstance(row.objects, str)
    starts, ends = unpacked("d", row.starts), unpacked("d", row.ends)
    values = plain_loads(row.vals)
    offsets = unpacked("I", row.opaque or b"")
    objects = dict(zip(offsets, plain_loads(row.objects) if row.objects else []))
    found: list[Results] = []
    for begin, end in kept:
        inside = [offset for offset in offsets if begin <= offset < end]
        found.append(
            Results(
                row.first + begin,
                end - begin,
                row.statuses[begin:end],
                1,
                packed(starts[begin:end]),
                packed(ends[begin:end]),
                pickle.dumps(values[begin:end], 5),
                packed(array("I", [offset - begin for offset in inside])) if inside else None,
                pickle.dumps([objects[offset] for offset in inside], 5) if inside else None,
            )
        )
    return found


def _cut(inputs: list[Any] | None, begin: int, end: int) -> bytes | None:
    return None if inputs is None else pickle.dumps(inputs[begin:end], 5)


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


def without_result(index: int, status: int, start: float, end: float) -> Results:
    """The row of one task that ended without its worker's word."""
    return Results(
        index,
        1,
        bytes([status]),
        1,
        packed(array("d", [start])),
        packed(array("d", [end])),
        pickle.dumps([None], 5),
        None,
        None,
    )


def _make(path: str) -> None:
    """Make a run.db without rows. It is there whole or not at all, whenever this process dies."""
    draft = path + ".draft"
    db = sqlite3.connect(draft, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")  # `sync` is enough for a file that is not there before
    db.execute("PRAGMA page_size = 32768")  # a row is long: less than half the work of pages of 4 KB
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {schema.VERSION}")
    db.executescript(f"BEGIN; {schema.TABLES} COMMIT;")
    db.execute("PRAGMA journal_mode = WAL")  # here it costs nothing, later four syncs
    db.close()
    sync(draft)
    os.replace(draft, path)


class Store:
    """run.db, open for writing. Errors of the disk come out as `sqlite3.Error` or `OSError`."""

    def __init__(self, path: str) -> None:
        if not os.path.exists(path):
            _make(path)
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file = os.stat(path)
        self.folder = os.path.join(os.path.dirname(path), schema.OBJECTS)
        """Where what is large is."""
        self.objects = Syncer(self.folder)
        self.commits = Commits(self._db, self.objects)
        self._change = self.commits.add
        self._db.execute("PRAGMA journal_mode = WAL")
        # A counted result outlives a crash of the machine: every commit is synced.
        self._db.execute("PRAGMA synchronous = FULL")

    def facts(self, **facts: Any) -> None:
        """Set facts of the run."""
        for name, value in facts.items():
            kept = json.dumps(value if name in PATHS else plain_all(value))
            self._change("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, kept))

    def fact(self, name: str) -> Any:
        """A fact of the run; None if there is none."""
        self.commits.end()
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def claim(self, previous: float | None, launched: float) -> bool:
        """Take over from the host that was launched at `previous`; False where another has done so."""
        self.commits.begin()
        row = self._db.execute("SELECT value FROM fact WHERE name = 'launched'").fetchone()
        if (json.loads(row[0]) if row else None) != previous:
            return False
        self.facts(launched=launched, pid=os.getpid(), machine=socket.gethostname(), boot=system.boot())
        self.facts(state="running")
        if previous is not None:  # else the facts of a new run follow at once
            self.commits.commit()
        return True

    def results(self, worker: int, row: Results, inputs: bytes | str | None = None) -> None:
        """Add the results of a batch, or of the part of it that is done; `inputs` where no job tells them."""
        for kept in (row.vals, row.objects, inputs):
            if isinstance(kept, str):
                self.objects.note(kept.partition(":")[0])
        self._change(
            "INSERT INTO batch"
            " (first, count, worker, statuses, stride, starts, ends, vals, opaque, objects, inputs)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (row.first, row.tasks, worker, *row[2:], inputs),
        )

    def failure(self, failure: Failure) -> None:
        """Add a failed attempt."""
        self._change(
            "INSERT INTO failure (task, attempt, kind, message, traceback, worker, exit_code, signal, time)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            plain_all(failure),
        )

    def worker_started(self, worker: int, pid: int, time: float) -> None:
        self._change("INSERT INTO worker (id, pid, started) VALUES (?, ?, ?)", (worker, pid, time))

    def worker_ended(
        self, worker: int, time: float, exit_code: int | None, signal: str | None, last_task: int | None
    ) -> None:
        self._change(
            "UPDATE worker SET ended = ?, exit_code = ?, signal = ?, last_task = ? WHERE id = ?",
            (time, exit_code, signal, last_task, worker),
        )

    def is_in_place(self) -> bool:
        """Whether the file that is written is still the one at its path."""
        try:
            return os.path.samestat(os.stat(self._path), self._file)
        except OSError:
            return False

    def close(self) -> None:
        """Commit, and leave one file that opens from a read-only folder too."""
        self.commits.commit()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(sqlite3.OperationalError):  # a view has it open: then it stays as it is, complete too
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    # What a resumed run asks of its past.

    def forget_failed(self, live: bool = False) -> list[tuple[int, int]]:
        """Take the failed tasks out of their rows, so that they can be run again. Their attempts stay.

        Gives them as spans (first, stop), in order. With `live`, where inputs are kept here those of a span
        are set aside for `inputs_again`, and tasks of whose inputs there is only a text stay failed.
        """
        self.commits.end()
        forgotten: list[tuple[int, int]] = []
        rows = self._db.execute("SELECT id FROM batch WHERE statuses <> zeroblob(count) ORDER BY first")
        for (row_id,) in rows.fetchall():
            try:
                worker, inputs, row = self._row(row_id)
            except OSError:  # its file is gone or cut short: a run that is resumed has its tasks anew
                if not live:
                    self._change("DELETE FROM batch WHERE id = ?", (row_id,))
                continue
            again = [status != schema.OK for status in row.statuses]
            if live and inputs:
                again = [failed and packs.is_whole(item) for failed, item in zip(again, inputs)]
            if not any(again):
                continue
            self._change("DELETE FROM batch WHERE id = ?", (row_id,))
            for begin, end in spans(again, True):
                forgotten.append((row.first + begin, row.first + end))
                if live and inputs:
                    self._set_aside(row.first + begin, _cut(inputs, begin, end))
            for part in parts(row, spans(again, False)):
                begin = part.first - row.first
                self.results(worker, part, _cut(inputs, begin, begin + part.tasks))
        return forgotten

    def _row(self, row_id: int) -> tuple[int, list[Any] | None, Results]:
        """The worker, the inputs and the results of a row, with all its columns in it."""
        worker, inputs, *columns = self._db.execute(
            "SELECT worker, inputs, first, count, statuses, stride, starts, ends, vals, opaque, objects"
            " FROM batch WHERE id = ?",
            (row_id,),
        ).fetchone()
        row = Results(*columns)
        inside = {name: self._column(getattr(row, name)) for name in ("vals", "objects")}
        items = None if inputs is None else packs.kept_items(self.folder, inputs, row.tasks)
        return worker, items, row._replace(**inside)

    def _column(self, kept: bytes | str | None) -> bytes | None:
        return None if kept is None else column(self.folder, kept)

    def _set_aside(self, first: int, inputs: bytes | None) -> None:
        self._change("CREATE TEMP TABLE IF NOT EXISTS again (first INTEGER PRIMARY KEY, inputs BLOB)")
        self._change("INSERT INTO again VALUES (?, ?)", (first, inputs))

    def inputs_again(self, first: int) -> list[Any]:
        """The inputs of the forgotten tasks from `first` on, once."""
        self.commits.end()
        (inputs,) = self._db.execute("SELECT inputs FROM again WHERE first = ?", (first,)).fetchone()
        self._change("DELETE FROM again WHERE first = ?", (first,))
        return plain_loads(inputs)

    def input_of(self, task: int) -> Any:
        """The input that a task with an outcome had; a tuple where only its text is kept."""
        self.commits.end()
        query = "SELECT first, count, inputs FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
        first, count, inputs = self._db.execute(query, (task,)).fetchone()
        return packs.kept_items(self.folder, inputs, count)[task - first]

    def done(self) -> list[tuple[int, int]]:
        """Spans (first, stop) of the tasks that have an outcome, in order."""
        rows = self._db.execute("SELECT first, first + count FROM batch ORDER BY first")
        spans: list[tuple[int, int]] = []
        for first, stop in rows:
            if spans and spans[-1][1] == first:
                spans[-1] = (spans[-1][0], stop)
            else:
                spans.append((first, stop))
        return spans

    def counts(self) -> tuple[int, int]:
        """How many tasks have a result, and how many failed."""
        ok = failed = 0
        for (statuses,) in self._db.execute("SELECT statuses FROM batch"):
            good = statuses.count(schema.OK)
            ok += good
            failed += len(statuses) - good
        return ok, failed

    def last_worker(self) -> int:
        return self._db.execute("SELECT coalesce(max(id), 0) FROM worker").fetchone()[0]

    def attempts(self) -> dict[int, int]:
        """Failed attempts by task."""
        rows = self._db.execute(
            "SELECT task, count(*) FROM failure WHERE kind <> ? GROUP BY task", (schema.CANCELLED,)
        )
        return dict(rows)

    def displayed_results(self) -> list[str]:
        """The results as text, in the order of the inputs."""
        texts: list[str] = []
        for vals, opaque in self._db.execute("SELECT vals, opaque FROM batch ORDER BY first"):
            values = plain_loads(column(self.folder, vals))
            offsets = set(unpacked("I", opaque)) if opaque else ()
            texts += [v if i in offsets else display(v) for i, v in enumerate(values)]
        return texts
