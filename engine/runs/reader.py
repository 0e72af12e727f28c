"""Reads a run.db, live or old. Nothing in it is executed: pickles are read only where they need no global."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Self, cast

from engine.host.inputs import STREAMED
from engine.host.inputs.known import sequence
from engine.host.record import schema
from engine.host.record.objects import column
from engine.host.record.packs import kept_items
from engine.host.record.plain import plain_loads
from engine.host.record.values import display
from engine.host.record.wire import unpacked
from engine.job import Job, load
from engine.runs.alive import is_alive
from engine.runs.database import UnreadableRun, connect, tidy
from engine.runs.objects import Objects

MOST_TASKS = 1 << 48
"""No run has so many."""
_STATUS_BYTES = bytes(range(len(schema.STATUSES)))
_COLUMNS = "first, worker, statuses, stride, starts, ends, vals, opaque, inputs"

_WORKER = "id, pid, started, ended, exit_code, signal, last_task"


@dataclass(frozen=True)
class RunFacts:
    """The run as a whole. Times are seconds since the epoch."""

    name: str
    state: str
    """`running`, `finished`, `stopped`, `failed`, or `interrupted`: its host died before its end."""
    reason: str
    total: int | None
    ok: int
    failed: int
    started: float | None
    launched: float | None
    """When its last host was started: later than `started` where the run was resumed."""
    ended: float | None
    pid: int
    """Of its last host."""
    machine: str
    """The name of the machine that its last host ran on; empty if that is not known."""
    workers: int
    mode: str
    start_method: str
    python: str
    """Version of the interpreter."""
    executable: str
    memory: int | None
    """Bytes that a worker held at most; None where no worker could say."""
    folder: str
    """Where the tasks ran, and what relative paths of the job start from."""
    ran: float | None = None
    """Seconds for which it ran, neither paused nor between its hosts; some seconds short while it runs."""
    paused: bool = False
    """Whether it hands out no tasks now, though it is `running`."""
    kept: bool = False
    """Whether it goes on and may do so without an app, so that any app may take it up."""


@dataclass(frozen=True)
class BatchRef:
    """A row of run.db: the tasks `first .. first + count - 1` ended. Every task is in one row at most."""

    id: int
    first: int
    count: int


@dataclass(frozen=True)
class Batch:
    """The tasks of one row, ready to be shown: an entry a task in each list. Times are epoch seconds."""

    id: int
    first: int
    worker: int
    statuses: list[str]
    starts: Sequence[float]
    ends: Sequence[float]
    values: list[str]
    """Display text, bounded; of a failed task its error message."""
    inputs: list[str]
    """Display text, bounded."""


@dataclass(frozen=True)
class Columns:
    """The tasks of one row as they are kept: an entry a task in each column."""

    id: int
    first: int
    worker: int
    statuses: bytes
    """Indexes into `schema.STATUSES`."""
    starts: Sequence[float]
    ends: Sequence[float]
    values: list[Any]
    """Scalars, or display text."""
    texts: frozenset[int]
    """Offsets of those that are display text."""
    inputs: list[Any] | None
    """None where the job tells them."""


@dataclass(frozen=True)
class RawBatch:
    """The tasks of one row as values. `objects` has the pickles of those that `values` has as text."""

    first: int
    worker: int
    statuses: bytes
    starts: Sequence[float]
    ends: Sequence[float]
    values: list[Any]
    objects: Objects
    """By offset in the batch."""
    inputs: Sequence[Any]


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


@dataclass(frozen=True)
class WorkerRecord:
    """A worker process of the run. Times are seconds since the epoch."""

    number: int
    pid: int
    started: float
    ended: float | None
    """None where it runs, or its end was not seen."""
    exit_code: int | None
    signal: str | None
    """Name of the signal that killed it."""
    last_task: int | None
    """Index of the task that it was on when it ended."""


class RunReader:
    """An open run.db, read only. It belongs to the thread that opened it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = connect(folder / schema.DB)

    def close(self) -> None:
        self._db.close()
        tidy(self.folder / schema.DB)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def job(self) -> Job:
        """The job as it was run. Raises JobError."""
        job = load(self.folder / schema.JOB)
        return job.with_(folder=Path(self.facts().folder))

    @cached_property
    def inputs(self) -> Sequence[Any]:
        """The inputs of the job, in order."""
        inputs = self.job.inputs
        return sequence({**vars(inputs), "call": inputs.called})

    def is_live(self) -> bool:
        """Whether the run goes on."""
        return self._with_state().get("state") == "running"

    def has_counts(self) -> bool:
        """Whether the run says itself how many tasks ended."""
        facts = self._with_state()
        return "ok" in facts and facts.get("state", "interrupted") not in ("running", "interrupted")

    def _with_state(self) -> dict[str, Any]:
        """The facts, with the state that they are in by now."""
        facts = self._facts()
        if facts.get("state") == "running" and not is_alive(self.folder, facts):
            facts = self._facts()  # it may have ended in order between the two looks
            if facts["state"] == "running":
                facts["state"] = "interrupted"
        return facts

    def facts(self, counts: tuple[int, int] | None = None) -> RunFacts:
        """The run as it stands now. With `counts` of ok and failed tasks, no rows are gone through."""
        facts = self._with_state()
        state = facts.get("state", "interrupted")
        if "ok" in facts and state not in ("running", "interrupted"):
            ok, failed = facts["ok"], facts["failed"]
        else:
            ok, failed = counts or self._counts()
        return RunFacts(
            name=facts.get("name", self.folder.name),
            state=state,
            reason=facts.get("reason", ""),
            total=facts.get("total"),
            ok=ok,
            failed=failed,
            started=facts.get("started"),
            launched=facts.get("launched"),
            ended=facts.get("ended"),
            pid=facts.get("pid", 0),
            machine=facts.get("machine", ""),
            workers=facts.get("workers", 0),
            mode=facts.get("mode", ""),
            start_method=facts.get("start_method", ""),
            python=facts.get("python", ""),
            executable=facts.get("executable", ""),
            memory=facts.get("memory"),
            folder=facts.get("folder", str(self.folder)),
            ran=facts.get("ran"),
            paused=state == "running" and facts.get("paused", False),
            kept=state == "running" and facts.get("kept", False),
        )

    def _facts(self) -> dict[str, Any]:
        return {name: json.loads(value) for name, value in self._db.execute("SELECT * FROM fact")}

    def _counts(self) -> tuple[int, int]:
        after, total, failed = 0, 0, 0
        while rows := self.outcomes(after, 10_000):
            after = rows[-1][0].id
            total += sum(ref.count for ref, _ in rows)
            failed += sum(count for _, count in rows)
        return total - failed, failed

    def outcomes(self, after: int, limit: int) -> list[tuple[BatchRef, int]]:
        """As `batches`, and how many tasks of each row failed."""
        found = self._db.execute(
            "SELECT id, first, count, CASE WHEN statuses <> zeroblob(count) THEN statuses END FROM batch"
            " WHERE id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        rows: list[tuple[BatchRef, int]] = []
        for row_id, first, count, statuses in found:
            # A file that was made to do harm may have the same rows again and again.
            if row_id <= after or not (0 <= first <= MOST_TASKS and 0 < count <= MOST_TASKS):
                raise UnreadableRun("The run is damaged: its rows are out of order, or no spans of tasks.")
            after = row_id
            rows.append((BatchRef(row_id, first, count), _failed(statuses, count)))
        return rows

    def holds(self, refs: Sequence[BatchRef]) -> bool:
        """Whether all of these rows are there as they were: failed tasks are taken out to be run again."""
        query = "SELECT id, first, count FROM batch WHERE id = ?"
        found = (self._db.execute(query, (ref.id,)).fetchone() for ref in refs)
        return all(row and BatchRef(*row) == ref for ref, row in zip(refs, found, strict=True))

    def batches(self, after: int = 0, limit: int = 5_000) -> list[BatchRef]:
        """The rows that came after the one with id `after`, oldest first, `limit` of them at most."""
        rows = self._db.execute(
            "SELECT id, first, count FROM batch WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [BatchRef(*row) for row in rows]

    def batch(self, row_id: int) -> Batch:
        """One row, ready to be shown."""
        columns = self.columns(row_id)
        return self.shown(columns, 0, len(columns.statuses))

    def columns(self, row_id: int) -> Columns:
        """One row as its columns, of which `shown` makes what is to be seen."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM batch WHERE id = ?", (row_id,)).fetchone()
        if row is None:
            raise UnreadableRun("A part of the run was taken out, to be run again.")
        first, worker, statuses, *times, vals, opaque, inputs = row
        with self._whole():
            count = len(statuses)
            starts, ends = _times(count, *times)
            columns = Columns(
                id=row_id,
                first=first,
                worker=worker,
                statuses=statuses,
                starts=starts,
                ends=ends,
                values=self._list(vals),
                texts=frozenset(unpacked("I", opaque) if opaque else ()),
                inputs=None if inputs is None else self._kept(inputs, count),
            )
            inputs_length = count if columns.inputs is None else len(columns.inputs)
            lengths = {count, len(starts), len(ends), len(columns.values), inputs_length}
            if len(lengths) > 1 or any(statuses.translate(None, _STATUS_BYTES)):
                raise ValueError("its columns do not fit each other")
        return columns

    def shown(self, columns: Columns, start: int, stop: int) -> Batch:
        """The tasks `start .. stop - 1` of a row, counted in the row, ready to be shown."""
        first, statuses = columns.first + start, columns.statuses[start:stop]
        values = [
            str(value) if offset in columns.texts else display(value)
            for offset, value in enumerate(columns.values[start:stop], start)
        ]
        if any(statuses):
            for failure in self._failures(first, first + len(statuses)):
                if statuses[failure.task - first]:
                    values[failure.task - first] = failure.message
        return Batch(
            id=columns.id,
            first=first,
            worker=columns.worker,
            statuses=[schema.STATUSES[s] for s in statuses],
            starts=columns.starts[start:stop],
            ends=columns.ends[start:stop],
            values=values,
            inputs=self._displayed_inputs(columns, start, stop),
        )

    def _displayed_inputs(self, columns: Columns, start: int, stop: int) -> list[str]:
        if columns.inputs is not None:
            return [input_text(item) for item in columns.inputs[start:stop]]
        if self.job.inputs.kind == "none":
            return [""] * (stop - start)
        return [display(item) for item in self.inputs_between(columns.first + start, columns.first + stop)]

    def inputs_between(self, first: int, stop: int) -> Sequence[Any]:
        """The inputs of the tasks `first .. stop - 1` as the job tells them; None where it does not."""
        if self.job.inputs.kind == "none" or self.job.inputs.kind in STREAMED:
            return [None] * (stop - first)
        return self.inputs[first:stop]

    def _inputs(self, first: int, count: int, kept: bytes | str | None) -> Sequence[Any]:
        """The inputs of tasks that ended: values, or display text of what is no scalar and not in the job."""
        if kept is None:
            return self.inputs_between(first, first + count)
        return [item[0] if type(item) is tuple else item for item in self._kept(kept, count)]

    def _kept(self, inputs: bytes | str, count: int) -> list[Any]:
        with self._whole():
            return _as_list(kept_items(str(self.folder / schema.OBJECTS), inputs, count))

    def _list(self, kept: bytes | str) -> list[Any]:
        """A column that is a pickled list."""
        with self._whole():
            return _as_list(plain_loads(column(str(self.folder / schema.OBJECTS), kept)))

    @contextmanager
    def _whole(self) -> Generator[None, None, None]:
        """Raises `UnreadableRun` if a column is damaged, or its file is gone."""
        try:
            yield
        except OSError as error:
            raise UnreadableRun(f"A part of the run is missing: {error}") from error
        except (UnpicklingError, ValueError, TypeError, AttributeError) as error:
            raise UnreadableRun(f"A part of the run is damaged: {error}") from error

    def workers(self, after: int = 0, limit: int = -1) -> list[WorkerRecord]:
        """The workers that came after the one with number `after`, in order; `limit` of them, if not -1."""
        query = f"SELECT {_WORKER} FROM worker WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._db.execute(query, (after, limit))
        return [WorkerRecord(*row) for row in rows]

    def worker(self, number: int) -> WorkerRecord:
        """One worker."""
        return WorkerRecord(
            *self._db.execute(f"SELECT {_WORKER} FROM worker WHERE id = ?", (number,)).fetchone()
        )

    def done_by_worker(self, after: int = 0, limit: int = -1) -> tuple[dict[int, int], int]:
        """How many tasks each worker ended in the rows after that with id `after`, and the last such id.

        `limit` rows are looked at, if it is not -1.
        """
        rows = self._db.execute(
            "SELECT worker, sum(count), max(id) FROM"
            " (SELECT worker, count, id FROM batch WHERE id > ? ORDER BY id LIMIT ?) GROUP BY worker",
            (after, limit),
        ).fetchall()
        return {worker: count for worker, count, _ in rows}, max([after, *(last for *_, last in rows)])

    def raw_batches(self) -> Iterator[RawBatch]:
        """Every row, in the order of the tasks, with its values whole."""
        rows = self._db.execute(f"SELECT {_COLUMNS}, objects FROM batch ORDER BY first")
        for first, worker, statuses, *times, vals, opaque, inputs, objects in rows:
            starts, ends = _times(len(statuses), *times)
            offsets = unpacked("I", opaque) if opaque else ()
            yield RawBatch(
                first=first,
                worker=worker,
                statuses=statuses,
                starts=starts,
                ends=ends,
                values=self._list(vals),
                objects=Objects(self.folder, offsets, self._list(objects) if objects else []),
                inputs=self._inputs(first, len(statuses), inputs),
            )

    def failures(self, task: int) -> list[Failure]:
        """The failed attempts at a task, in order."""
        return list(self._failures(task, task + 1))

    def _failures(self, first: int, stop: int) -> Iterator[Failure]:
        rows = self._db.execute(
            "SELECT task, attempt, kind, message, traceback, worker, exit_code, signal, time FROM failure"
            " WHERE task >= ? AND task < ? ORDER BY id",
            (first, stop),
        )
        return (Failure(*row) for row in rows)

    def failures_between(self, first: int, stop: int) -> dict[int, list[Failure]]:
        """The failed attempts at the tasks `first .. stop - 1`, by task."""
        found: dict[int, list[Failure]] = {}
        for failure in self._failures(first, stop):
            found.setdefault(failure.task, []).append(failure)
        return found


def _failed(statuses: bytes | None, count: int) -> int:
    """How many of `count` tasks failed; None is none."""
    return count - bytes(statuses).count(schema.OK) if statuses else 0


def _as_list(column: object) -> list[Any]:
    if not isinstance(column, list):
        raise ValueError("a column is no list")
    return cast("list[Any]", column)


def input_text(kept: Any) -> str:
    """The display text of an input that run.db keeps: itself, or its text in a tuple of one."""
    return str(cast("tuple[Any, ...]", kept)[0]) if isinstance(kept, tuple) and kept else display(kept)


def _times(count: int, stride: int, starts: bytes, ends: bytes) -> tuple[Sequence[float], Sequence[float]]:
    """A start and an end for each task; those that share an entry are taken as equally long."""
    begins, stops = unpacked("d", starts), unpacked("d", ends)
    if stride == 1:
        return begins, stops
    if not 0 <= len(begins) * stride - count < stride:
        raise ValueError("it has times for other tasks")
    pairs = [(begin, (end - begin) / stride) for begin, end in zip(begins, stops, strict=True)]
    edges = [[begin + step * n for n in range(stride + 1)] for begin, step in pairs]
    return [t for e in edges for t in e[:-1]][:count], [t for e in edges for t in e[1:]][:count]


def open_run(folder: Path) -> RunReader:
    """Open the run in `folder`. Raises `UnreadableRun`."""
    return RunReader(folder)
