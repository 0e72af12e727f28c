"""Results of queries about a run, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from engine.results.names import ENDED, FAILURES
from engine.runs import RunFacts


@dataclass(frozen=True)
class Group:
    """Tasks that failed alike."""

    key: str
    """Identifies the group in later requests."""
    kind: str
    """The type of the exception, or the status."""
    shape: str
    """The message, with `…` for what varies."""
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
    """Its part of all failed tasks, up to 1."""

    @property
    def told(self) -> str:
        """The shape; if all of the message varies, as with KeyError, the message of the first task."""
        shape = self.shape.removeprefix(f"{self.kind}: ")
        return self.shape if any(map(str.isalnum, shape)) else self.message


@dataclass(frozen=True)
class LongTask:
    """One of the longest tasks."""

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
    """the extent of these, or the window."""
    tasks: bytes = b""
    """int64, for each point,"""
    xs: bytes = b""
    """float64,"""
    ys: bytes = b""
    counts: bytes = b""
    """uint32: for each cell, row by row from the bottom; empty if there are points."""
    columns: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Called:
    """A place where a script called a pool: one or more stages of its run."""

    name: str
    """The function that its tasks call."""
    file: str
    line: int
    calls: int
    tasks: int
    """Those with an outcome."""
    failed: int

    @property
    def place(self) -> str:
        """Where it is, in short."""
        return f"{PurePath(self.file).name}:{self.line}" if self.file else ""


@dataclass(frozen=True)
class Summary:
    """A run in numbers. Unknown ones are None."""

    facts: RunFacts
    counts: tuple[tuple[str, int], ...]
    """Tasks by status; unfinished ones only as far as the total is known."""
    wall: float | None
    """Seconds that the run was active."""
    busy: float
    """Total seconds of all tasks."""
    speed_up: float | None
    """The time that one worker would have needed, divided by the actual time."""
    efficiency: float | None
    """The speed-up divided by the number of workers."""
    cpu: float | None
    """Processor seconds of the tasks, as far as known,"""
    cpu_share: float | None
    """and their share of the duration of these tasks."""
    start_up: float | None
    """Seconds from the start of the run to the start of its first task."""
    mean: float | None
    median: float | None
    p95: float | None
    longest: tuple[LongTask, ...]
    groups: tuple[Group, ...]
    histogram: Histogram | None
    called: tuple[Called, ...] = ()
    """The call sites of a script."""

    @property
    def failed(self) -> int:
        """Tasks that ended without a result."""
        return sum(count for status, count in self.counts if status in FAILURES)

    @property
    def done(self) -> int:
        """Tasks with an outcome."""
        return sum(count for status, count in self.counts if status in ENDED)
