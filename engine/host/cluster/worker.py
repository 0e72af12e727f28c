"""A worker on another machine. The loop treats it like a local one, but its messages are events."""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Iterable, Sequence

from .. import system
from ..processes.worker import Home, WorkerHandle
from ..record import output, schema, wire
from ..record.packs import Pack
from ..record.rows import PRINTED, SPAN, Left, Row
from ..typed import Any, Callable
from ..work import slot
from ..work.batch import Batch
from ..work.logs import AppendHandler
from . import events
from .events import Event
from .link import Link

LOST_SECONDS = 5.0
"""Seconds after which a killed worker that has not reported its end counts as lost."""

MOST_PARTS = 256
"""How many of the last parts are remembered of a file that grows elsewhere."""


class NoLine:
    """In place of a pipe: what a remote worker gets goes through the link."""

    pending = 0

    def __init__(self) -> None:
        self.closed = False

    def send(self, messages: Iterable[bytes]) -> None:
        """Nothing is sent this way."""

    def receive(self) -> list[bytes]:
        return []

    def close(self) -> None:
        self.closed = True


class RemoteLife:
    """A process on another machine, and requests to it."""

    def __init__(self, order: Callable[[str], object]) -> None:
        self._order = order
        self._killed_at: float | None = None
        self.pid = 0
        self.exit_code: int | None = None

    def look(self) -> None:
        """Check whether it was killed and has been silent since."""
        if self.exit_code is not None or self._killed_at is None:
            return
        if system.clock() > self._killed_at + LOST_SECONDS:
            self.exit_code = -9

    def terminate(self) -> None:
        self._order(events.TERMINATE)

    def kill(self) -> None:
        if self._killed_at is None:
            self._killed_at = system.clock()
            self._order(events.KILL)

    def close(self) -> None:
        """There is nothing to close."""


class RemoteHome(Home):
    """A process of a station. `address` is that of its Dask worker."""

    is_remote = True

    def __init__(self, number: int, lane: int, address: str, link: Link, place: Place) -> None:
        self._link = link
        self.address = address
        self._how: tuple[str, str | None] = ("was lost", None)
        memory = memoryview(array("q", slot.fresh()))
        super().__init__(
            lane, place.printed(lane), RemoteLife(lambda kind: link.ask(address, kind, number)), memory, 1
        )
        self.worker = RemoteWorker(number, self, memory, link, place)
        self.workers.append(self.worker)

    @property
    def how_it_ended(self) -> tuple[str, str | None]:
        return self._how

    def has_ended(self, code: int | None, how: str, signal_name: str | None) -> None:
        """Its end was reported."""
        self.process.exit_code = 255 if code is None else code
        self._how = how, signal_name


class Place:
    """The run folder, where output from other machines is stored as local workers would store it."""

    def __init__(self, folder: str, log: AppendHandler) -> None:
        self._folder = folder
        self._log = log

    def printed(self, lane: int) -> str:
        """The file of what a lane prints."""
        return output.lane_file(self._folder, lane)

    def log(self, lines: bytes) -> int | None:
        """Write log lines; returns their offset, if it is known."""
        return self._log.append(lines)

    def print(self, lane: int, data: bytes) -> int | None:
        """Write output; returns its offset, as if nothing had been left out of the file."""
        path = self.printed(lane)
        fd = system.open_append(path)
        try:
            begin = output.end(path)
            os.write(fd, data)
        finally:
            os.close(fd)
        return begin

    def keep(self, name: str, begin: int, data: bytes) -> None:
        """Write new content of a file of large results."""
        folder = os.path.join(self._folder, schema.OBJECTS)
        os.makedirs(folder, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        with open(os.open(os.path.join(folder, os.path.basename(name)), flags, 0o644), "r+b", 0) as file:
            file.seek(begin)
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) or 0 :]


class RemoteWorker(WorkerHandle):
    """One lane of a cluster."""

    def __init__(self, number: int, home: RemoteHome, memory: memoryview, link: Link, place: Place) -> None:
        super().__init__(number, home, memory, lambda _: NoLine())
        self._remote = home
        self._link = link
        self._place = place
        self._next = 0
        """Number of the next expected event,"""
        self._early: dict[int, Event] = {}
        """and those that have overtaken it."""
        self._inbox: list[list[Any]] = []
        self._log = Moved()
        self._prints = Moved()
        self._left = Left()
        self._asked_to_hold = (slot.IDLE, 0)
        self._held = slot.IDLE
        """The task after which it will certainly begin none."""

    def give(self, batch: Batch) -> None:
        if isinstance(batch.items, Pack):
            batch = batch._replace(items=batch.items.by_value())
        super().give(batch)

    def hand_on(self, batch: Batch, packed: list[bytes]) -> None:
        super().hand_on(batch, packed)
        head = (events.BATCH, self.number, batch.first, len(batch.items), batch.number)
        self._link.submit(self._remote.address, self.number, head, packed)

    def leave(self) -> None:
        super().leave()
        self._link.ask(self._remote.address, events.LEAVE, self.number)

    def receive(self) -> list[list[Any]]:
        inbox, self._inbox = self._inbox, []
        return inbox

    def is_held(self) -> bool:
        """Whether it will certainly begin no task after the current one. This asks it: call again."""
        asked = self.task, self._given
        if self._asked_to_hold != asked:
            self._asked_to_hold, self._held = asked, slot.IDLE
            self._link.ask(self._remote.address, events.HOLD, self.number, self._given)
        return self._held == self.task != slot.IDLE

    def left_by(self, task: int) -> Left:
        return self._left

    def take(self, event: Event) -> None:
        """Handle an event, once all earlier ones have come."""
        self._early[event.number] = event
        while (due := self._early.pop(self._next, None)) is not None:
            self._next += 1
            self._happened(due)

    def _happened(self, event: Event) -> None:
        content = event.content
        if event.kind == events.STARTED:
            self._remote.process.pid, self._remote.started = content
        elif event.kind == events.LOG:
            self._log.add(content[0], len(content[1]), self._place.log(content[1]))
        elif event.kind == events.PRINTS:
            begin, data = content
            self._prints.add(begin, len(data), self._place.print(self._remote.lane, data))
        elif event.kind == events.OBJECT:
            self._place.keep(content[0], content[1], event.frame or b"")
        elif event.kind == events.AT:
            task, held = content
            self._slot[slot.TASK] = task
            self._held = task if held else slot.IDLE
        elif event.kind == events.MESSAGE:
            (message,) = content
            self._inbox.append(self._in_place(message))
        elif event.kind == events.ENDED:
            self._has_ended(*content)

    def _in_place(self, message: Sequence[Any]) -> list[Any]:
        """A message as a worker of this machine would have sent it."""
        kind, *content = message
        if kind != wire.RESULTS:
            return list(message)
        failed, written, *columns = content
        row = Row(*columns)
        log, prints = _numbers(row.log), _numbers(row.prints)
        row = row._replace(
            log=wire.packed(self._log.spans(log, SPAN)) if log else None,
            prints=wire.packed(self._prints.spans(prints, PRINTED)) if prints else None,
        )
        return [kind, failed, written, *row]

    def _has_ended(
        self,
        code: int | None,
        how: str,
        signal_name: str | None,
        task: int,
        verdict: tuple[int, str] | None,
        log: list[int],
        prints: list[int],
    ) -> None:
        self._slot[slot.TASK] = task
        self.verdict = self.verdict or verdict
        self._left = Left(
            self._log.spans(array("q", log), 2), self._prints.spans(array("q", prints), PRINTED)
        )
        self._remote.has_ended(code, how, signal_name)


def _numbers(column: bytes | None) -> array[int]:
    return wire.unpacked("q", column or b"")


class Moved:
    """Maps parts of a file on another machine to the one in the run folder."""

    def __init__(self) -> None:
        self._parts: deque[tuple[int, int, int | None]] = deque(maxlen=MOST_PARTS)
        """Begin and end there, and the distance to the place here; None if unknown."""

    def add(self, theirs: int, length: int, ours: int | None) -> None:
        """A part that begins there at `theirs` was written here at `ours`."""
        if self._parts and theirs < self._parts[-1][1]:  # the file was emptied
            self._parts.clear()
        self._parts.append((theirs, theirs + length, None if ours is None else ours - theirs))

    def spans(self, numbers: array[int], span: int) -> array[int]:
        """Spans, each a tuple of numbers ending in offset and length, with their places here.

        A span that was written here in two parts becomes two.
        """
        found = array("q")
        for at in range(0, len(numbers), span):
            *head, begin, length = numbers[at : at + span]
            for first, stop, shift in self._parts:
                low, high = max(begin, first), min(begin + length, stop)
                if low < high and shift is not None:
                    found.extend((*head, low + shift, high - low))
        return found
