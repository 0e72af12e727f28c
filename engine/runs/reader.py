"""Reads a run.db, live or old. Nothing in it is executed: pickles are only read if they need no global."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.host.inputs import STREAMED
from engine.host.record import old, schema, stored
from engine.host.record.display import display_all
from engine.host.record.objects import Place, opened
from engine.host.record.plain import plain_load, plain_loads
from engine.host.record.rows import LATEST
from engine.host.record.stored import Stored
from engine.host.record.wire import unpacked
from engine.runs.batch import Batch, BatchRef
from engine.runs.damaged import DAMAGED, unreadable, whole
from engine.runs.database import UnreadableRun
from engine.runs.failures import Failure, failures
from engine.runs.opened import OpenRun
from engine.runs.printed import Printed, prints_of
from engine.runs.shown import all_shown, shown
from engine.runs.workers import Workers

_TAKEN_OUT = "A part of the run was removed, to be run again."


class RunReader(OpenRun):
    """Reads the rows of an open run.db: tasks with their inputs, values, failures, records and prints."""

    @cached_property
    def workers(self) -> Workers:
        """The workers of the run."""
        return Workers(self._db, self._is_old)

    # rows

    def batches(self, after: int = 0, limit: int = 5_000) -> list[BatchRef]:
        """The rows after the one with id `after`, oldest first, at most `limit`."""
        found = self._db.execute(
            "SELECT id, first, count FROM batch WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [BatchRef(*row) for row in found]

    def batch(self, row_id: int) -> Batch:
        """One row, ready for display."""
        row = self.columns(row_id)
        return self.shown(row, 0, row.count)

    def columns(self, row_id: int) -> Stored:
        """One row, which `shown` turns into display texts."""
        read = old.READ if self._is_old else stored.READ
        columns = self._db.execute(f"SELECT {read} FROM batch WHERE id = ?", (row_id,)).fetchone()
        if columns is None:
            raise UnreadableRun(_TAKEN_OUT)
        return self._stored(columns)

    def _stored(self, columns: Sequence[Any]) -> Stored:
        with whole():
            return (old.OldStored if self._is_old else Stored)(columns, self._objects)

    def rows(self) -> Iterator[Stored]:
        """Every row, in task order."""
        if not self._is_old:
            for columns in self._db.execute(f"SELECT {stored.READ} FROM batch ORDER BY first"):
                yield self._stored(columns)
            return
        # without an index, all columns would be sorted
        for (row_id,) in self._db.execute("SELECT id FROM batch ORDER BY first").fetchall():
            yield self.columns(row_id)

    def select(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The result of a query of run.db, for code that reads columns of many rows (`engine.results`)."""
        return self._db.execute(query, values).fetchall()

    @cached_property
    def tells_cpu(self) -> bool:
        """Whether its rows may have the processor time of their tasks."""
        return any(row[1] == "cpu" for row in self.select("PRAGMA table_info(batch)"))

    def cpu_of(self, row: Stored) -> float | None:
        """Total processor seconds of the tasks of a row; None if unknown."""
        if not self.tells_cpu:
            return None
        ((cpu,),) = self.select("SELECT cpu FROM batch WHERE id = ?", (row.id,)) or [(None,)]
        return cpu if isinstance(cpu, float) and 0 <= cpu < LATEST else None

    def task_cpu(self) -> float | None:
        """Seconds of processor time that all tasks took; None if that is not known."""
        if not self.tells_cpu:
            return None
        ((cpu,),) = self.select("SELECT sum(cpu) FROM batch")
        return cpu if isinstance(cpu, float) and 0 <= cpu < LATEST else None

    @property
    def is_old(self) -> bool:
        """Whether run.db is of a version before today's tables."""
        return self._is_old

    def rows_of(self, refs: Sequence[BatchRef], columns: str) -> list[tuple[Any, ...]]:
        """Columns of rows of version 3, given in task order; `id` is the first."""
        query = f"SELECT {columns} FROM batch WHERE first BETWEEN ? AND ? AND id BETWEEN ? AND ?"
        ids = [ref.id for ref in refs]
        found = self.select(query, (refs[0].first, refs[-1].first, min(ids), max(ids)))
        by_id = {row[0]: row for row in found}  # there may be others between them
        try:
            return [by_id[row_id] for row_id in ids]
        except KeyError:
            raise UnreadableRun(_TAKEN_OUT) from None

    def stored(self, refs: Sequence[BatchRef]) -> list[Stored]:
        """Rows, given in task order."""
        if self._is_old:
            return [self.columns(ref.id) for ref in refs]
        return [self._stored(columns) for columns in self.rows_of(refs, stored.READ)]

    def shown(self, row: Stored, start: int, stop: int) -> Batch:
        """The tasks `start .. stop - 1` of a row, by index in the row, ready for display."""
        first, count = row.first + start, stop - start
        with whole():
            values = all_shown(row.values(start, stop))
            statuses = None if row.statuses is None else row.statuses[start:stop]
            starts, seconds = row.starts(start, stop), row.seconds(start, stop)
            inputs = row.inputs(start, stop)
        if statuses and any(statuses):
            for failure in self._failures(first, first + count):
                if statuses[failure.task - first]:
                    values[failure.task - first] = failure.message
        return Batch(
            id=row.id,
            first=first,
            worker=row.worker,
            statuses=[schema.STATUSES[status] for status in statuses or bytes(count)],
            starts=starts,
            ends=[begin + took for begin, took in zip(starts, seconds, strict=True)],
            values=values,
            inputs=self.shown_inputs(first, count) if inputs is None else all_shown(inputs),
        )

    def shown_inputs(self, first: int, count: int) -> list[str]:
        """The display texts of inputs that the job determines."""
        if self.job.inputs.kind == "none" or self.job.inputs.kind in STREAMED:
            return [""] * count
        return display_all(self.inputs_between(first, first + count))

    def inputs_between(self, first: int, stop: int) -> Sequence[Any]:
        """The inputs of the tasks `first .. stop - 1` from the job; None if it does not determine them."""
        if self.job.inputs.kind == "none" or self.job.inputs.kind in STREAMED:
            return [None] * (stop - first)
        return self.inputs[first:stop]

    def inputs_of(self, row: Stored, start: int, stop: int) -> Sequence[Any]:
        """The inputs of tasks of a row: values, or display text of what is no scalar and not in the job."""
        kept = self.kept_inputs_of(row, start, stop)
        if kept is None:
            return self.inputs_between(row.first + start, row.first + stop)
        return [shown(item) if type(item) is tuple else item for item in kept]

    def kept_inputs_of(self, row: Stored, start: int, stop: int) -> list[Any] | None:
        """The inputs of tasks of a row in the form of `values_of`; None if the job determines them."""
        with whole():
            return row.inputs(start, stop)

    def values_of(self, row: Stored, start: int, stop: int) -> list[Any]:
        """The values of tasks of a row: scalars and texts; of others, the display text in a tuple of one."""
        with whole():
            return row.values(start, stop)

    def times_of(self, row: Stored, start: int, stop: int) -> tuple[array[float], array[float]]:
        """When tasks of a row began, and how long each took."""
        with whole():
            return row.starts(start, stop), row.seconds(start, stop)

    def pickle_size(self, row: Stored, offset: int) -> int | None:
        """The size of a value's pickle, without reading it; None if the value itself is stored."""
        with whole():
            kept = row.pickle(offset)
        return None if kept is None else len(kept) if isinstance(kept, bytes) else kept[2]

    def pickle(self, row: Stored, offset: int) -> bytes:
        """The pickle of a value that is stored with a display text. It may be of any object."""
        with whole():
            kept = row.pickle(offset)
            if kept is None:
                raise ValueError("it has no pickle of this task")
            if isinstance(kept, bytes):
                return kept
            with opened(self._objects, kept) as file:
                return file.read(kept[2])

    def pickles_of(self, row: Stored, start: int, stop: int) -> list[bytes | Place | None]:
        """The pickles of such values, or their locations; None for others."""
        with whole():
            return row.pickles(start, stop)

    def raw_pickles_of(self, row: Stored, start: int, stop: int) -> bytes | None:
        """What these pickles are in, which is not read; None if that cannot be told."""
        with whole():
            return row.raw_pickles(start, stop)

    def plain_value(self, row: Stored, offset: int) -> Any:
        """Such a value, if it is plain data. Raises `UnpicklingError`, `OSError`."""
        try:  # like `whole`, which would take longer than all the rest
            kept = row.pickle(offset)
        except DAMAGED as error:
            raise unreadable(error) from error
        if kept is None:
            raise pickle.UnpicklingError("it is not there")
        if isinstance(kept, bytes):
            return plain_loads(kept)
        with opened(self._objects, kept) as file:
            return plain_load(file, kept[2])

    # failures, logs and prints

    def failures(self, task: int) -> list[Failure]:
        """The failed attempts at a task, in order."""
        return list(self._failures(task, task + 1))

    def _failures(self, first: int, stop: int) -> Iterator[Failure]:
        return failures(self._db, self._is_old, first, stop)

    def failures_between(self, first: int, stop: int) -> dict[int, list[Failure]]:
        """The failed attempts at the tasks `first .. stop - 1`, by task."""
        found: dict[int, list[Failure]] = {}
        for failure in self._failures(first, stop):
            found.setdefault(failure.task, []).append(failure)
        return found

    def log_places(self, task: int) -> list[tuple[int, int]]:
        """The places of a task's records in run.log: offsets and lengths, in order."""
        if self._is_old:
            return []
        row = self._row_before(task)
        with whole():
            places = [(begin, length) for at, begin, length in row.log() if at == task] if row else []
            for (log,) in self._db.execute("SELECT log FROM failure WHERE task = ?", (task,)):
                numbers = unpacked("q", log or b"")
                places += zip(numbers[::2], numbers[1::2], strict=True)
        return sorted(places)

    def prints(self, task: int) -> list[Printed]:
        """What a task printed, in order. If tasks printed together, each has all of it."""
        if self._is_old:
            return []
        row = self._row_before(task)
        with whole():
            return prints_of(self._db, self.folder, row, task)

    def row_of(self, task: int) -> Stored | None:
        """The row of a task; None if it is unfinished."""
        row = self._row_before(task)
        return row if row is not None and task < row.first + row.count else None

    def _row_before(self, task: int) -> Stored | None:
        if self._is_old:
            query = "SELECT id FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
            found = self._db.execute(query, (task,)).fetchone()
            return None if found is None else self.columns(found[0])
        query = f"SELECT {stored.READ} FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
        columns = self._db.execute(query, (task,)).fetchone()
        return None if columns is None else self._stored(columns)


def open_run(folder: Path) -> RunReader:
    """Open the run in `folder`. Raises `UnreadableRun`."""
    return RunReader(folder)
