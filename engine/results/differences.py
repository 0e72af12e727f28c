"""How two runs differ, as plain data; without numpy, for the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KINDS = ("fixed", "broken", "differs", "other error", "slower", "faster")
"""Kinds of tasks: the failure of the first run is gone in the second; it is new there; both have a result,
but different ones; both failed, but differently; the greatest differences in time."""


@dataclass(frozen=True)
class JobChange:
    """A property of both runs that differs."""

    key: str
    one: str
    other: str


@dataclass(frozen=True)
class RunSide:
    """One of the two runs in numbers."""

    folder: Path
    name: str
    state: str
    started: float | None
    tasks: int
    """Tasks with an outcome."""
    failed: int
    wall: float | None
    """Seconds that it was active."""
    busy: float
    """Total seconds of its tasks."""
    mean: float | None
    median: float | None
    p95: float | None
    workers: int


@dataclass(frozen=True)
class TaskPair:
    """A task of the first run, and the one of the second that had the same input."""

    kind: str
    one: int
    """Its index in the first run, and in the second."""
    other: int
    input: str
    one_result: str
    """Its value, or its error."""
    other_result: str
    one_seconds: float
    other_seconds: float


@dataclass(frozen=True)
class RunDifferences:
    """Two runs side by side."""

    one: RunSide
    other: RunSide
    job: tuple[JobChange, ...]
    """How the jobs and their environments differ."""
    code: str
    """The differences in the code, as a unified diff; empty if there are none."""
    code_note: str
    """Why the code could not be compared, or only in part."""
    paired_by: str
    """`index`, if tasks with the same index have the same input; else `input`."""
    both: int
    """Tasks with an outcome in both runs,"""
    only_one: int
    """only in the first,"""
    only_other: int
    """and only in the second."""
    same: int
    """Tasks whose results are the same."""
    counts: tuple[tuple[str, int], ...]
    """The number of tasks for `fixed`, `broken`, `differs`, `other error`, and `same error`."""
    one_seconds: float
    """Total time in the first run of the tasks with an outcome in both,"""
    other_seconds: float
    """and in the second."""
    pairs: tuple[TaskPair, ...]
    """The first tasks of each kind."""
    unsure: int
    """Results that are too long to be stored as text, and too many to be compared: they count as equal."""

    def count(self, kind: str) -> int:
        """The number of tasks of a kind."""
        return dict(self.counts).get(kind, 0)
