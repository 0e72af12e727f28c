"""A batch of tasks: a row of run.db, located or ready for display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BatchRef:
    """A row of run.db: the tasks `first .. first + count - 1` ended. Each task is in at most one row."""

    id: int
    first: int
    count: int


@dataclass(frozen=True)
class Batch:
    """The tasks of one row, ready for display, an entry per task in each list. Times are epoch seconds."""

    id: int
    first: int
    worker: int
    statuses: list[str]
    starts: Sequence[float]
    ends: Sequence[float]
    values: list[str]
    """Display text, bounded; for a failed task its error message."""
    inputs: list[str]
    """Display text, bounded."""
