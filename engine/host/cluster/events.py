"""The messages between a station and the host, for both sides."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence

from ..typed import Any, NamedTuple

START, BATCH, HOLD, LEAVE, KILL, TERMINATE, STATE = (
    "start",
    "batch",
    "hold",
    "leave",
    "kill",
    "terminate",
    "state",
)
"""(START, worker, lane), (BATCH, worker, first, count, number) and the frames of the batch; for a worker:
HOLD (begin no task after the current one), LEAVE, KILL, TERMINATE; and STATE."""

STARTED = "started"
"""(pid, time): a process has started for the worker."""
LOG, PRINTS = "log", "prints"
"""(offset, bytes): what was written since the last time, and its offset in the files of the station."""
OBJECT = "object"
"""(name, offset), and a frame: new content of a file of large results."""
MESSAGE = "message"
"""(message,): as the worker passed it to `wire.send`."""
ENDED = "ended"
"""(exit code, words, signal, task, verdict, log, prints): the process has ended, on that task or on none."""
AT = "at"
"""(task, held): the worker's current task, and whether it will certainly begin none after it."""


class Event(NamedTuple):
    """An event of a worker."""

    worker: int
    number: int
    """Counted from 0, for each worker."""
    kind: str
    content: tuple[Any, ...]
    frame: bytes | None = None


def pack(events: Iterable[Event]) -> list[bytes]:
    """Events as the frames of an answer."""
    frames: list[bytes] = []
    heads: list[tuple[Any, ...]] = []
    for event in events:
        heads.append((*event[:4], event.frame is not None))
        if event.frame is not None:
            frames.append(event.frame)
    return [marshal.dumps(heads), *frames]


def unpack(frames: Sequence[bytes]) -> Iterator[Event]:
    """The events in the frames of an answer."""
    more = iter(frames[1:])
    for worker, number, kind, content, has_frame in marshal.loads(frames[0]):
        yield Event(worker, number, kind, content, next(more) if has_frame else None)
