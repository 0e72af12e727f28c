"""What a timeline shows, as plain data. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.host.record import schema

LEVELS = 16
"""The lowest four bits of a byte of a plane say how much of the pixel is covered: 0 nothing, 15 all."""
STATUS = 4
"""By this many bits is the status shifted: that of a failed task, if there is one;"""
MOSTLY = 0x80
"""and this bit is set if most of what is covered is of failed tasks."""


@dataclass(frozen=True)
class Lane:
    """The workers of one lane. None of them began before the one before it had ended."""

    first: int
    """The number of the first worker, and of the last."""
    last: int
    workers: int

    @property
    def is_main(self) -> bool:
        """Whether it is that of a script's main process."""
        return self.first == schema.MAIN


@dataclass(frozen=True)
class Mark:
    """Something that happened at a moment."""

    kind: str
    """`died`, `started` (in place of another worker) or `retried`."""
    time: float
    lane: int
    worker: int
    task: int | None
    text: str
    """How a worker died, or with which status the attempt ended."""


@dataclass(frozen=True)
class Bars:
    """Tasks that are wide enough to be drawn alone, as columns in bytes."""

    tasks: bytes = b""
    """int64: the index of each,"""
    counts: bytes = b""
    """int64: how many tasks from there on share the bar (very quick ones do),"""
    lanes: bytes = b""
    """int64,"""
    times: bytes = b""
    """float64: where each begins and ends, in pixels from the left edge,"""
    statuses: bytes = b""
    """a byte each,"""
    groups: bytes = b""
    """and a byte each: the place in `View.stages`."""


@dataclass(frozen=True)
class Band:
    """A span of time in which the run was `paused`, or no host was there (`away`)."""

    kind: str
    begin: float
    end: float


@dataclass(frozen=True)
class Call:
    """A stage of the run, as its main process called it."""

    stage: int
    group: int
    """The place in `View.stages`."""
    name: str
    """Of the function."""
    begin: float
    end: float
    """When the last of its tasks was over."""
    tasks: int
    """With an outcome."""


@dataclass(frozen=True)
class Main:
    """The main process of a script."""

    begin: float
    end: float | None
    """None if it runs, or its end was not seen."""
    in_stages: float
    """Seconds in which some stage went on."""
    how_ended: str
    """As a worker's death is told; empty for an orderly end."""


@dataclass(frozen=True)
class View:
    """A part of the timeline at some width."""

    live: bool
    """Whether the run goes on."""
    first: float
    """When the run began, and until when something is known of it."""
    last: float
    begin: float
    """The time at the left edge, and at the right."""
    end: float
    width: int
    total: int
    """Lanes of the run."""
    top: int
    """The first lane in this view."""
    lanes: tuple[Lane, ...]
    plane: bytes
    """For each lane in turn a byte a pixel: see `LEVELS`."""
    bars: Bars
    marks: tuple[Mark, ...]
    unmarked: int
    """Marks in this view that are left out, as they are too many."""
    bands: tuple[Band, ...] = ()
    commits: bytes = b""
    """float64: when rows were brought to the disk."""
    stages: tuple[str, ...] = ()
    """What the stages call; the first eight functions, each where it is called, are told apart."""
    groups: bytes = b""
    """If it was asked for, as `plane`: the place in `stages` by `STATUS` bits up, and how much is covered."""
    main: Main | None = None
    """Who has the first lane, if it is in this view,"""
    calls: tuple[Call, ...] = ()
    """and what it called."""


@dataclass(frozen=True)
class Sums:
    """What happened in a span of time."""

    begin: float
    end: float
    busy: float
    """Seconds of tasks in it, those of all workers together,"""
    idle: float
    """and seconds in which workers were there and on no task."""
    tasks: int
    """Tasks that ran in it, or in a part of it."""
    failed: int
    mean: float | None
    """Seconds that these tasks took, also outside of it."""


@dataclass(frozen=True)
class Spot:
    """Where one task stands."""

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
    """In each of as many equal parts of that time."""
