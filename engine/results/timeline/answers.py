"""The content of a timeline, as plain data. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.host.record import schema

LEVELS = 16
"""The lowest four bits of a plane's byte say how much of the pixel is covered: 0 nothing, 15 all."""
STATUS = 4
"""The status is shifted by this many bits: that of a failed task, if there is one;"""
MOSTLY = 0x80
"""and this bit is set if most of the covered part is failed tasks."""


@dataclass(frozen=True)
class Lane:
    """The workers of one lane. Each began after the previous one had ended."""

    first: int
    """The number of the first worker, and of the last."""
    last: int
    workers: int

    @property
    def is_main(self) -> bool:
        """Whether it belongs to a script's main process."""
        return self.first == schema.MAIN


@dataclass(frozen=True)
class Mark:
    """An event at a moment."""

    kind: str
    """`died`, `started` (replacing another worker) or `retried`."""
    time: float
    lane: int
    worker: int
    task: int | None
    text: str
    """How a worker died, or the status with which the attempt ended."""


@dataclass(frozen=True)
class Bars:
    """Tasks that are wide enough to be drawn individually, as columns in bytes."""

    tasks: bytes = b""
    """int64: the index of each,"""
    counts: bytes = b""
    """int64: how many tasks from there on share the bar (very quick ones do),"""
    lanes: bytes = b""
    """int64,"""
    times: bytes = b""
    """float64: the beginning and end of each, in pixels from the left edge,"""
    statuses: bytes = b""
    """one byte each,"""
    groups: bytes = b""
    """and one byte each: the index in `View.stages`."""


@dataclass(frozen=True)
class Band:
    """A time span in which the run was `paused`, or had no host (`away`)."""

    kind: str
    begin: float
    end: float


@dataclass(frozen=True)
class Call:
    """A stage of the run, as called by its main process."""

    stage: int
    group: int
    """The index in `View.stages`."""
    name: str
    """The name of the function."""
    begin: float
    end: float
    """When the last of its tasks ended."""
    tasks: int
    """Tasks with an outcome."""


@dataclass(frozen=True)
class Main:
    """The main process of a script."""

    begin: float
    end: float | None
    """None if it is running, or its end was not seen."""
    in_stages: float
    """Seconds during which some stage was active."""
    how_ended: str
    """Like the description of a worker's death; empty for a normal end."""


@dataclass(frozen=True)
class View:
    """A part of the timeline at some width."""

    live: bool
    """Whether the run is active."""
    first: float
    """When the run began, and the latest known time."""
    last: float
    begin: float
    """The time at the left edge, and at the right."""
    end: float
    width: int
    total: int
    """The number of lanes of the run."""
    top: int
    """The first lane in this view."""
    lanes: tuple[Lane, ...]
    plane: bytes
    """For each lane, one byte per pixel: see `LEVELS`."""
    bars: Bars
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...] = ()
    commits: bytes = b""
    """float64: when rows were committed."""
    stages: tuple[str, ...] = ()
    """The functions of the stages; the first eight, distinguished by place of call."""
    groups: bytes = b""
    """On request, like `plane`: the index in `stages`, shifted by `STATUS` bits, and how much is covered."""
    main: Main | None = None
    """The main process, if the first lane is in this view,"""
    calls: tuple[Call, ...] = ()
    """and its calls."""


@dataclass(frozen=True)
class Sums:
    """What happened in a time span."""

    begin: float
    end: float
    busy: float
    """Seconds of tasks in it, for all workers together,"""
    idle: float
    """and seconds during which workers were idle."""
    tasks: int
    """Tasks that ran in it, at least partly."""
    failed: int
    mean: float | None
    """The total duration of these tasks, including outside of it."""


@dataclass(frozen=True)
class Spot:
    """The place of a task."""

    task: int
    lane: int
    worker: int
    start: float
    seconds: float
    status: str


@dataclass(frozen=True)
class Throughput:
    """Tasks that ended, over time."""

    first: float
    last: float
    tasks: tuple[float, ...]
    """In each of several equal parts of that time."""
