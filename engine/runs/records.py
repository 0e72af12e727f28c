"""The records of a run, one a task, in the order of the inputs."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from engine.host.record import schema
from engine.host.record.plain import plain_load
from engine.host.record.values import display
from engine.runs.plain import DEEPEST, is_deep, is_json
from engine.runs.reader import Failure, RawBatch, RunReader

MISSING = "missing"
"""Status of a task that has not been run."""
CHUNK = 10_000
"""Missing tasks are looked up so many at a time."""


@dataclass(frozen=True)
class Record:
    """One task. `input` and `value` are the values where they are plain data, else display text."""

    index: int
    input: Any
    status: str
    value: Any
    error: str
    """Message of the last failed attempt of a task that has no result."""
    seconds: float | None
    worker: int | None
    attempts: int
    started: str
    """ISO 8601 in UTC; empty where the task has not been run."""


FIELDS = tuple(field.name for field in fields(Record))


def records(run: RunReader) -> Iterator[Record]:
    """All records of `run`; memory stays that of one batch."""
    position = 0
    for batch in run.raw_batches():
        yield from _missing(run, position, batch.first)
        yield from _ended(run, batch)
        position = batch.first + len(batch.statuses)
    yield from _missing(run, position, run.facts().total or position)


def _ended(run: RunReader, batch: RawBatch) -> Iterator[Record]:
    failures = run.failures_between(batch.first, batch.first + len(batch.statuses))
    for offset, status in enumerate(batch.statuses):
        index = batch.first + offset
        attempts = failures.get(index, [])
        start = batch.starts[offset]
        yield Record(
            index,
            batch.inputs[offset],
            schema.STATUSES[status],
            _value(batch, offset),
            attempts[-1].message if status and attempts else "",
            batch.ends[offset] - start,
            batch.worker,
            len(attempts) + (status == schema.OK),
            datetime.fromtimestamp(start, UTC).isoformat(),
        )


def _value(batch: RawBatch, offset: int) -> Any:
    value = batch.values[offset]
    if offset in batch.objects:
        try:
            with batch.objects.open(offset) as file:
                loaded = plain_load(file, batch.objects.size(offset))
        except (pickle.UnpicklingError, EOFError, OSError, RecursionError):  # it needs more, or is gone
            return value
        # Python may write out here less deep a value than it did where the function ran.
        return (
            value
            if value.count("[") + value.count("(") + value.count("{") > DEEPEST and is_deep(loaded)
            else loaded
        )
    return value


def _missing(run: RunReader, first: int, stop: int) -> Iterator[Record]:
    for begin in range(first, stop, CHUNK):
        end = min(stop, begin + CHUNK)
        failures = run.failures_between(begin, end)
        for index, item in enumerate(run.inputs_between(begin, end), begin):
            yield _without_outcome(index, item, failures.get(index, []))


def _without_outcome(index: int, item: Any, failures: list[Failure]) -> Record:
    status = schema.CANCELLED if failures and failures[-1].kind == schema.CANCELLED else MISSING
    error = failures[-1].message if failures else ""
    worker = failures[-1].worker if failures else None
    return Record(index, item, status, None, error, None, worker, len(failures), "")


def as_json(value: Any) -> Any:
    """`value` where it is exactly of JSON's kinds, else its display text."""
    return value if is_json(value) else as_text(value)


def as_text(value: Any) -> str:
    """A text as it is, anything else as its display text."""
    return value if isinstance(value, str) else display(value)
