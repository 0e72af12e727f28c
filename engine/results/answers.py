"""What a run came to, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from engine.results.names import ENDED, FAILURES
from engine.runs import RunFacts


@dataclass(frozen=True)
class Group:
    """Tasks that failed alike."""

    key: str
    """Names the group in later questions."""
    kind: str
    """The type of the exception, or the status."""
    shape: str
    """The message, `…` for what differs."""
    file: str
    line: int
    function: str
    message: str
    """That of the first task."""
    count: int
    first: int
    """The first task, and the last."""
    last: int
    share: float
    """Of all failed tasks."""


@dataclass(frozen=True)
class LongTask:
    """One of the longest."""

    task: int
    seconds: float
    input: str


@dataclass(frozen=True)
class Histogram:
    """How many tasks took how long."""

    edges: tuple[float, ...]
    """Seconds: one more than there are counts."""
    counts: tuple[int, ...]
    is_log: bool
    """Whether the edges grow by a factor."""


@dataclass(frozen=True)
class Scatter:
    """Points, or how many of them are in each cell of a grid."""

    x: str
    y: str
    total: int
    """Tasks with a number in both columns, in the window;"""
    left: float
    right: float
    bottom: float
    top: float
    """where they are, or the window."""
    tasks: bytes = b""
    """int64, for each point,"""
    xs: bytes = b""
    """float64,"""
    ys: bytes = b""
    counts: bytes = b""
    """uint32: of each cell, row by row from the bottom; empty if there are points."""
    columns: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Summary:
    """A run in numbers. What is not known is None."""

    facts: RunFacts
    counts: tuple[tuple[str, int], ...]
    """Tasks by status; those without an outcome only as far as the total is known."""
    wall: float | None
    """Seconds in which the run ran."""
    busy: float
    """Seconds that all tasks took together."""
    speed_up: float | None
    """What one worker would have taken, over what it took."""
    efficiency: float | None
    """The speed-up over the number of workers."""
    cpu: float | None
    """Seconds of processor time that tasks took, as far as it is known,"""
    cpu_share: float | None
    """and what part that is of the time that these tasks took."""
    start_up: float | None
    """Seconds from the start of the run to that of its first task."""
    mean: float | None
    median: float | None
    p95: float | None
    longest: tuple[LongTask, ...]
    groups: tuple[Group, ...]
    histogram: Histogram | None

    @property
    def failed(self) -> int:
        """Tasks without a result that have been run."""
        return sum(count for status, count in self.counts if status in FAILURES)

    @property
    def done(self) -> int:
        """Tasks that have an outcome."""
        return sum(count for status, count in self.counts if status in ENDED)
