"""The records of a run, one per task, in input order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from engine.host.record import schema
from engine.host.record.display import display
from engine.runs.blocks import MISSING, Block, blocks
from engine.runs.reader import RunReader
from engine.runs.unended import at_hand

__all__ = ["FIELDS", "MISSING", "Record", "as_text", "records", "records_of"]


@dataclass(frozen=True)
class Record:
    """One task. `input` and `value` are the values if they are plain data, else display text."""

    index: int
    input: Any
    status: str
    value: Any
    error: str
    """Message of the last failed attempt of a task without a result."""
    seconds: float | None
    worker: int | None
    attempts: int
    started: str
    """ISO 8601 in UTC; empty if the task has not run."""


FIELDS = tuple(field.name for field in fields(Record))


def records(run: RunReader) -> Iterator[Record]:
    """All records of `run`, using the memory of a few hundred."""
    for block in blocks(run, at_hand(run)):
        yield from records_of(block)


def records_of(block: Block) -> Iterator[Record]:
    """The records of a block."""
    statuses = block.statuses or [schema.STATUSES[schema.OK]] * len(block)
    values = [block.value_of(at) if type(v) is tuple else v for at, v in enumerate(block.values)]
    columns = block.inputs, statuses, values, block.errors, block.seconds, block.workers
    yield from map(Record, block.indexes, *columns, block.attempts, block.started)


def as_text(value: Any) -> str:
    """Texts unchanged, anything else as its display text."""
    return value if isinstance(value, str) else display(value)
