"""An open run.db and how its run stands, whatever the host wrote last: state, counts, generation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from engine.host.inputs.known import sequence
from engine.host.record import schema, stored
from engine.job import Job, JobError, load
from engine.runs.alive import is_alive
from engine.runs.batch import BatchRef
from engine.runs.damaged import whole
from engine.runs.database import connect, tidy
from engine.runs.facts import RunFacts, read_facts, run_facts

_FAILED = "+".join(schema.STATUSES[status] for status in schema.FAILURES)
_OLD_STATUSES = "CASE WHEN statuses <> zeroblob(count) THEN statuses END"
CHUNK = 10_000
"""Rows that are processed at once."""


class OpenRun:
    """An open run.db, read only. It belongs to the thread that opened it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = connect(folder / schema.DB)
        self._objects = str(folder / schema.OBJECTS)
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        self._is_old = version < schema.VERSION

    def close(self) -> None:
        self._db.close()
        tidy(self.folder / schema.DB)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def job(self) -> Job:
        """The job as run. Raises JobError."""
        job = load(self.folder / schema.JOB)
        return job.with_(folder=Path(self.facts().folder))

    @cached_property
    def inputs(self) -> Sequence[Any]:
        """The inputs of the job, in order."""
        inputs = self.job.inputs
        return sequence({**vars(inputs), "call": inputs.called})

    @cached_property
    def _is_called_with_cells(self) -> bool:
        try:
            return self.job.inputs.called == "args"
        except JobError:  # a script's run has no job
            return False

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the cells of inputs are called, if inputs are lists of cells and that is known."""
        if not self._is_called_with_cells:
            return ()
        if self.job.inputs.kind == "grid":
            return tuple(self.job.inputs.grid)
        found = self._db.execute("SELECT name, value FROM fact WHERE name = 'input_names'")
        return tuple(read_facts(found).get("input_names", ()))

    # state

    def is_live(self) -> bool:
        """Whether the run is active."""
        return self._settled()["state"] == "running"

    def has_counts(self) -> bool:
        """Whether the run itself records how many tasks ended."""
        return self._known_counts(self._settled()) is not None

    def _settled(self) -> dict[str, Any]:
        """The facts, with the `state` that is true now, whatever the host wrote."""
        facts = self._facts()
        if facts.get("state") == "running" and not is_alive(self.folder, facts):
            facts = self._facts()  # it may have ended normally between the two looks
            if facts["state"] == "running":
                facts["state"] = "interrupted"
        facts.setdefault("state", "interrupted")
        return facts

    def facts(self, counts: tuple[int, int] | None = None) -> RunFacts:
        """The current state of the run. With `counts` of ok and failed tasks, no rows are read."""
        facts = self._settled()
        return run_facts(self.folder, facts, *(self._known_counts(facts) or counts or self._counts()))

    def _facts(self) -> dict[str, Any]:
        return read_facts(self._db.execute("SELECT name, value FROM fact"))

    def _known_counts(self, facts: dict[str, Any]) -> tuple[int, int] | None:
        """How many tasks have a result, and how many failed; None if the host did not record it."""
        if not self._is_old:
            counts: dict[str, int] = facts.get("counts", {})
            ok = counts.get(schema.STATUSES[schema.OK], 0)
            return ok, sum(counts.values()) - ok
        if {"ok", "failed"} <= facts.keys() and facts["state"] not in ("running", "interrupted"):
            return facts["ok"], facts["failed"]
        return None

    def _counts(self) -> tuple[int, int]:
        after, total, failed = 0, 0, 0
        while found := self.outcomes(after, CHUNK):
            after = found[-1][0].id
            total += sum(ref.count for ref, _ in found)
            failed += sum(count for _, count in found)
        return total - failed, failed

    # which tasks have ended

    def outcomes(self, after: int, limit: int) -> list[tuple[BatchRef, int]]:
        """The rows after the one with id `after`, and how many tasks of each failed."""
        failed = _OLD_STATUSES if self._is_old else _FAILED
        found = self._db.execute(
            f"SELECT id, first, count, {failed} FROM batch WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        refs: list[tuple[BatchRef, int]] = []
        for row_id, first, count, failed_ones in found:
            with whole():
                stored.check_span(first, count)
                # a malicious file may contain the same rows again and again
                if row_id <= after:
                    raise ValueError("its rows are out of order")
                failures = _failed(failed_ones, count) if self._is_old else failed_ones
                if not 0 <= failures <= count:
                    raise ValueError("a row has more failures than tasks")
            after = row_id
            refs.append((BatchRef(row_id, first, count), failures))
        return refs

    def news(self, after: int, limit: int) -> tuple[int, list[tuple[BatchRef, int]]]:
        """The generation of the run, and `outcomes` within it."""
        self._db.execute("BEGIN")
        try:
            return self.generation(), self.outcomes(after, limit)
        finally:
            self._db.execute("COMMIT")

    def generation(self) -> int:
        """A number that grows whenever rows are removed."""
        found = self._db.execute("SELECT name, value FROM fact WHERE name = 'generation'")
        return read_facts(found).get("generation", 0)


def _failed(statuses: bytes | None, count: int) -> int:
    """How many of `count` tasks failed; None means none."""
    return count - bytes(statuses).count(schema.OK) if statuses else 0
