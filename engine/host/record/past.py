"""What a resumed run needs to know about its past: what is done, what failed, and the inputs of tasks."""

from __future__ import annotations

import pickle
import sqlite3
from bisect import bisect_right
from itertools import groupby

from ..typed import Any
from . import packs, schema
from .display import display
from .pieces import Pieces, cut, dumps
from .store import Store
from .stored import READ, Stored, ordered_spans
from .values import Values

UNREADABLE = (OSError, ValueError, TypeError, IndexError, pickle.UnpicklingError)
"""A row is damaged, or one of its files is missing."""


def spans(marks: list[bool], wanted: bool) -> list[tuple[int, int]]:
    """The spans (begin, end) where marks have the wanted value."""
    found: list[tuple[int, int]] = []
    position = 0
    for mark, group in groupby(marks):
        end = position + sum(1 for _ in group)
        if mark == wanted:
            found.append((position, end))
        position = end
    return found


def _is_in(ordered: list[tuple[int, int]], task: int) -> bool:
    """Whether a task is in one of the spans (first, stop)."""
    place = bisect_right(ordered, (task, schema.MOST_TASKS)) - 1
    return place >= 0 and task < ordered[place][1]


class Past:
    """Reads the run.db that `store` writes, and removes failed tasks from it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_failure = self._newest_failure()
        """Failures up to this id are of tasks that were given up, and may run again."""
        self._reading: sqlite3.Connection | None = None

    def close(self) -> None:
        """Nothing more will be asked."""
        if self._reading is not None:
            self._reading.close()

    def done(self) -> list[tuple[int, int]]:
        """Spans (first, stop) of the tasks with an outcome, in order."""
        return ordered_spans(self._store.db.execute("SELECT first, first + count FROM batch ORDER BY first"))

    def attempts(self, task: int) -> int:
        """Failed attempts at a task that was given up before, and runs again."""
        if not self._last_failure:
            return 0
        if self._reading is None:  # another commit may be under way on the store's connection
            self._reading = sqlite3.connect(self._store.path, isolation_level=None)
        query = "SELECT count(*) FROM failure WHERE task = ? AND kind <> ? AND id <= ?"
        return self._reading.execute(query, (task, schema.CANCELLED, self._last_failure)).fetchone()[0]

    def _newest_failure(self) -> int:
        return self._store.db.execute("SELECT coalesce(max(id), 0) FROM failure").fetchone()[0]

    def forget_failed(
        self, live: bool = False, only: list[tuple[int, int]] | None = None
    ) -> list[tuple[int, int]]:
        """Remove the failed tasks from their rows, so that they can run again. Their attempts stay.

        With `only`, ordered spans, the others stay failed. Returns spans (first, stop), in order.
        With `live`, the inputs of a span that are kept here are set aside for `inputs_again`, and tasks for
        which only a text of the input is kept stay failed.
        """
        store = self._store
        store.commits.end()
        forgotten: list[tuple[int, int]] = []
        rows = store.db.execute("SELECT id FROM batch WHERE statuses IS NOT NULL ORDER BY first").fetchall()
        for (row_id,) in rows:
            try:
                forgotten += self._forget_in(self._row(row_id), live, only)
            except UNREADABLE:  # a resumed run has its tasks again
                if not live and only is None:
                    self._take_out(row_id)
        if rows:
            store.facts(generation=(store.fact("generation") or 0) + 1)
        self._last_failure = self._newest_failure()
        return forgotten

    def _forget_in(
        self, row: Stored, live: bool, only: list[tuple[int, int]] | None
    ) -> list[tuple[int, int]]:
        """Remove the failed tasks of one row. Raises one of `UNREADABLE` before changing anything."""
        again = [status != schema.OK for status in row.statuses or bytes(row.count)]
        if only is not None:
            again = [failed and _is_in(only, task) for task, failed in enumerate(again, row.first)]
        inputs = row.inputs(0, row.count)
        if live and inputs:
            again = [failed and packs.is_whole(item) for failed, item in zip(again, inputs)]
        if not any(again):
            return []
        kept = [row.part(begin, end, Values(self._store.own_file)) for begin, end in spans(again, False)]
        left = {at: row.left_by(row.first + at) for at, failed in enumerate(again) if failed}
        self._take_out(row.id)
        for part in kept:
            self._store.results(row.worker, *part, row.stage)
        found = spans(again, True)
        for begin, end in found:
            if live and inputs:
                self._set_aside(row.first + begin, dumps(cut(inputs[begin:end])))
        for at, columns in left.items():
            self._leave(row.first + at, *columns.columns())
        return [(row.first + begin, row.first + end) for begin, end in found]

    def _row(self, row_id: int) -> Stored:
        query = f"SELECT {READ} FROM batch WHERE id = ?"
        return Stored(self._store.db.execute(query, (row_id,)).fetchone(), self._store.folder)

    def _take_out(self, row_id: int) -> None:
        """Delete a row."""
        columns = ", ".join(("count", *(schema.STATUSES[status] for status in schema.FAILURES)))
        query = f"SELECT {columns} FROM batch WHERE id = ?"
        count, *failed = self._store.db.execute(query, (row_id,)).fetchone()
        self._store.change("DELETE FROM batch WHERE id = ?", (row_id,))
        self._store.counted_out(count, failed)

    def _leave(self, task: int, log: bytes | None, prints: bytes | None) -> None:
        """What a removed task had written and printed stays with its last attempt."""
        if log or prints:
            self._store.change(
                "UPDATE failure SET log = ?, prints = ?"
                " WHERE id = (SELECT max(id) FROM failure WHERE task = ?)",
                (log, prints, task),
            )

    def _set_aside(self, first: int, inputs: bytes) -> None:
        self._store.change("CREATE TEMP TABLE IF NOT EXISTS again (first INTEGER PRIMARY KEY, inputs BLOB)")
        self._store.change("INSERT INTO again VALUES (?, ?)", (first, inputs))

    def inputs_again(self, first: int) -> list[Any]:
        """The inputs of the forgotten tasks from `first` on, once."""
        self._store.commits.end()
        query = "SELECT inputs FROM again WHERE first = ?"
        (inputs,) = self._store.db.execute(query, (first,)).fetchone()
        self._store.change("DELETE FROM again WHERE first = ?", (first,))
        return Pieces(inputs, self._store.folder).all()

    def input_of(self, task: int) -> Any:
        """The input of a finished task; a tuple if only its text is kept."""
        self._store.commits.end()
        query = f"SELECT {READ} FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
        row = Stored(self._store.db.execute(query, (task,)).fetchone(), self._store.folder)
        inputs = row.inputs(task - row.first, task - row.first + 1)
        return inputs[0] if inputs else None

    def displayed_results(self) -> list[str]:
        """The results as text, in input order."""
        texts: list[str] = []
        for columns in self._store.db.execute(f"SELECT {READ} FROM batch ORDER BY first"):
            row = Stored(columns, self._store.folder)
            texts += [v[0] if type(v) is tuple else display(v) for v in row.values(0, row.count)]
        return texts
