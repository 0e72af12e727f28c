"""The messages from a host to the app that started it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TypeAlias


class Hello(NamedTuple):
    """The host process is there."""

    pid: int
    python: str
    """Version of its interpreter."""
    folder: str = ""
    """The run folder, if the host has made it."""


class Started(NamedTuple):
    """The function is loaded and the first tasks run."""

    total: int | None
    workers: int
    time: float
    """Seconds since the epoch."""


class Progress(NamedTuple):
    """Tasks whose outcome is on disk."""

    ok: int
    failed: int
    workers: int
    """Worker processes now."""
    state: str = "running"
    """`running`, `paused` or `stopping`."""
    total: int | None = None
    """The number of all tasks, once that is known."""
    share: float | None = None
    """The finished share, 0 to 1, by the bytes that were read; while `total` is unknown."""

    @property
    def done(self) -> int:
        return self.ok + self.failed


class WorkerNow(NamedTuple):
    """What a worker is on at this moment."""

    number: int
    pid: int
    task: int | None
    """Index of the task; None between tasks."""
    seconds: float
    """Seconds since it began its batch, or last sent results."""
    stack: str
    """The Python stacks of its threads, the innermost call first; empty if there are none."""
    input: str = ""
    """The input of the task as display text, bounded."""
    done: int = 0
    """The number of tasks that it has finished."""


class Workers(NamedTuple):
    """The answer to `HostHandle.look`."""

    workers: list[WorkerNow]


class Retried(NamedTuple):
    """The answer to `HostHandle.retry_failed`: this many tasks lost their outcome, and are run again.

    Rows of run.db were replaced: readers must read everything again.
    """

    tasks: int
    reason: str = ""
    """Why other tasks (or all) are not retried."""


class Noticed(NamedTuple):
    """Something that the user should know, but that does not stop the run."""

    what: str
    why: str
    """How it shows, and what to do about it."""


class Ended(NamedTuple):
    """The run is over, and its folder complete."""

    state: str
    """`finished`, `stopped` or `failed`."""
    reason: str = ""
    """Why it did not finish, in words."""
    key: str = ""
    """The faulty field of the job, such as `function.name`."""
    details: str = ""
    """A traceback, or what the workers printed last."""
    ok: int = 0
    failed: int = 0
    total: int | None = None
    ran: bool = False
    """Whether any task could run; if not, the run folder has been removed."""
    status: int | None = None
    """The exit status of a script that ran as it is; if negative, the signal that killed it."""
    line_open: bool = False
    """Whether the output of such a script ends within a line."""


class LinkLost(NamedTuple):
    """The host died before the end of its run. What was counted is in the run folder."""

    reason: str


Message: TypeAlias = Hello | Started | Progress | Workers | Retried | Noticed | Ended | LinkLost

_KINDS: dict[str, Any] = {
    "hello": Hello,
    "started": Started,
    "progress": Progress,
    "retried": Retried,
    "noticed": Noticed,
    "ended": Ended,
}


def read(line: bytes) -> Message:
    """The message in a line of JSON from the host."""
    content = json.loads(line)
    event = content.pop("event")
    if event == "workers":
        return Workers([WorkerNow(**worker) for worker in content["workers"]])
    return _KINDS[event](**content)
