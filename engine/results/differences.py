"""What differs between two runs, as plain data; without numpy, for the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KINDS = ("fixed", "broken", "differs", "other error", "slower", "faster")
"""Of tasks: the failure of the first run is gone in the second; it is new there; both have a result, but
another one; both failed, but otherwise; the greatest differences in time."""


@dataclass(frozen=True)
class JobChange:
    """Something that both runs have, and that differs."""

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
    """That have an outcome."""
    failed: int
    wall: float | None
    """Seconds in which it ran."""
    busy: float
    """Seconds that its tasks took together."""
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
    """What differs in the jobs, and in what they ran under."""
    code: str
    """The differences of the code that ran, as a unified diff; empty if there is none."""
    code_note: str
    """Why the code could not be compared, or not all of it."""
    paired_by: str
    """`index`, if tasks of the same index have the same input; else `input`."""
    both: int
    """Tasks that have an outcome in both runs,"""
    only_one: int
    """in the first one only,"""
    only_other: int
    """and in the second one only."""
    same: int
    """Tasks whose results are the same."""
    counts: tuple[tuple[str, int], ...]
    """How many tasks are `fixed`, `broken`, `differs`, `other error`, and `same error`."""
    one_seconds: float
    """What the tasks of both took in the first run,"""
    other_seconds: float
    """and in the second."""
    pairs: tuple[TaskPair, ...]
    """The first tasks of each kind."""
    unsure: int
    """Results that are too long to be kept as text, and too many to be compared whole: they count as same."""

    def count(self, kind: str) -> int:
        """How many tasks are of a kind."""
        return dict(self.counts).get(kind, 0)
