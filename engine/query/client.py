"""Asks query processes: chooses the process for a source, and replaces one that dies.

    ask ──> [ manager thread ] ──> one process for small sources   ──> engine.query.loop
                    │         ──> one for each large source, four in all
    told <──────────┘

Nobody who asks waits: all state belongs to the client's own thread, which also receives the answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from math import inf
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from engine.query.link import Link
from engine.query.messages import Ask, Cancel, Done, Failed, Part, Release, Told, Turn
from engine.query.program import Started, start
from engine.query.request import QueryError, Request, cause
from engine.query.seat import Pending, Seat, Teller
from engine.query.sources import size_of

MOST_PROCESSES = 4
LARGE = 64 << 20
"""Size in bytes from which a source gets a process of its own."""
LOOK_AGAIN_SECONDS = 5.0
"""Seconds until a source in the shared process, such as a live run, is measured again."""
MEASURE_SECONDS = 1.0
"""A drive that does not report a file size in this time may block a process, so the source gets its own."""
SILENCE_SECONDS = 20.0
"""A process that has work and says nothing for this long is ended,"""
START_SECONDS = 20.0
"""and so is one that says nothing at first."""
TRIES = 2
"""A request that has killed this many processes is an error."""
SPARE_SECONDS = 1.0
"""Seconds from the start, or from the use of the spare process, to the start of the next one."""
TICK = 1.0
PATIENCE = 5.0
"""Seconds that closing may take."""

A = TypeVar("A")


@dataclass(frozen=True)
class _Asked:
    pending: Pending


@dataclass(frozen=True)
class _Cancelled:
    number: int


@dataclass(frozen=True)
class _Released:
    path: Path


@dataclass(frozen=True)
class _Measured:
    path: Path
    size: int


@dataclass(frozen=True)
class _Heard:
    link: Link
    message: object


_Closed = object()
_SpareWanted = object()


class Client:
    """Any thread may ask. `told` is called in the client's own thread, and must return quickly."""

    def __init__(self, start_process: Callable[[], Started] = start) -> None:
        self._start = start_process
        self._events: SimpleQueue[object] = SimpleQueue()
        self._numbers = count(1)
        self._thread: threading.Thread | None = None
        self._is_closed = False
        # What follows belongs to the manager thread.
        self._spare_due = inf
        """When a spare process may be started; `inf` if none is wanted."""
        self._shared = Seat()
        self._seats: list[Seat] = [self._shared]
        self._places: dict[Path, Seat] = {}
        self._measured_by: dict[Path, float] = {}
        self._look_again_at: dict[Path, float] = {}
        """When each source in the shared process is measured next."""
        self._outgrown: set[Path] = set()
        """Sources that get a process of their own as soon as no request about them is pending."""
        self._unplaced: dict[Path, list[Pending]] = {}
        self._newest: dict[Hashable, int] = {}

    # callable from any thread

    def ask(self, request: Request[Any], told: Teller, key: Hashable = None) -> int:
        """Ask; returns a number for `cancel`. Of several requests with the same key, the newest wins."""
        number = next(self._numbers)
        self._put(_Asked(Pending(number, request, told, key)))
        return number

    def answer(self, request: Request[A]) -> A:
        """Ask and wait for the answer, in a thread that may wait. Raises `QueryError`."""
        told: SimpleQueue[Told] = SimpleQueue()
        self.ask(request, told.put)
        while not self._is_closed:
            try:
                message = told.get(timeout=TICK)
            except Empty:
                continue
            if isinstance(message, Done):
                return message.value
            if isinstance(message, Failed):
                raise QueryError(message.reason)
        raise QueryError("The program ends.")

    def cancel(self, number: int) -> None:
        """Nobody waits for this answer any more. It may still arrive if it is on its way."""
        self._put(_Cancelled(number))

    def release(self, source: Path) -> None:
        """Nobody will ask about a source soon: what is cached for it can go."""
        self._put(_Released(source))

    def keep_spare(self) -> None:
        """Have a process ready for the next large source, once there is time: to start one takes a while."""
        self._put(_SpareWanted)

    def close(self) -> None:
        """End all processes."""
        self._is_closed = True
        if self._thread:
            self._events.put(_Closed)
            self._thread.join(PATIENCE)

    def _put(self, event: object) -> None:
        if self._is_closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._manage, name="query client", daemon=True)
            self._thread.start()
        self._events.put(event)

    # the manager thread

    def _manage(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=TICK)
            except Empty:
                event = None
            if event is _Closed:
                break
            self._heed(event)
            now = time.monotonic()
            self._look(now)
            if now >= self._spare_due:
                self._add_spare()
        for seat in self._seats:
            if seat.link:
                seat.link.close()

    def _heed(self, event: object) -> None:
        match event:
            case _Asked(pending):
                self._supersede(pending)
                self._place(pending)
            case _Cancelled(number):
                self._drop(number)
            case _Released(path):
                self._release(path)
            case _Measured(path, size):
                self._settle(path, size)
            case _Heard(link, message):
                seat = next((seat for seat in self._seats if seat.link is link), None)
                if seat:
                    self._hear(seat, message)
            case _:
                if event is _SpareWanted:
                    self._spare_due = time.monotonic() + SPARE_SECONDS

    def _look(self, now: float) -> None:
        """Find processes that have been silent for too long."""
        for path in [path for path, due in self._measured_by.items() if now > due]:
            self._settle(path, LARGE)
        for path in [path for path, due in self._look_again_at.items() if now > due]:
            self._look_again_at[path] = inf
            self._start_measure(path)
        for seat in self._seats:
            patience = SILENCE_SECONDS if seat.has_spoken else START_SECONDS
            if seat.link and seat.pending and now > seat.heard_at + patience:
                seat.heard_at = now
                seat.link.kill()

    # choosing a process

    def _supersede(self, pending: Pending) -> None:
        if pending.key is not None:
            older = self._newest.get(pending.key)
            if older is not None:
                self._drop(older)
            self._newest[pending.key] = pending.number

    def _drop(self, number: int) -> None:
        for seat in self._seats:
            pending = seat.pending.pop(number, None)
            if pending:
                self._forget_key(pending)
                if seat.link:
                    seat.link.send(Cancel(number))
        for waiting in self._unplaced.values():
            for pending in [pending for pending in waiting if pending.number == number]:
                waiting.remove(pending)
                self._forget_key(pending)

    def _forget_key(self, pending: Pending) -> None:
        if self._newest.get(pending.key) == pending.number:
            del self._newest[pending.key]

    def _place(self, pending: Pending) -> None:
        path = pending.request.source
        self._move_if_outgrown(path)
        seat = self._places.get(path)
        if seat:
            self._send(seat, pending)
        elif path in self._unplaced:
            self._unplaced[path].append(pending)
        else:
            self._unplaced[path] = [pending]
            self._measured_by[path] = time.monotonic() + MEASURE_SECONDS
            self._start_measure(path)

    def _start_measure(self, path: Path) -> None:
        threading.Thread(target=self._measure, args=(path,), daemon=True).start()

    def _measure(self, path: Path) -> None:
        self._events.put(_Measured(path, size_of(path)))

    def _settle(self, path: Path, size: int) -> None:
        """The size of a source is known: choose its process."""
        self._measured_by.pop(path, None)
        waiting = self._unplaced.pop(path, None)
        if waiting is None:  # it has one
            if path in self._look_again_at:
                self._look_again_at[path] = time.monotonic() + LOOK_AGAIN_SECONDS
                if size >= LARGE:
                    self._outgrown.add(path)
            return
        is_large = size >= LARGE
        seat = self._places[path] = self._own_seat() if is_large else self._shared
        if not is_large:
            self._look_again_at[path] = time.monotonic() + LOOK_AGAIN_SECONDS
        for pending in waiting:
            self._send(seat, pending)

    def _move_if_outgrown(self, path: Path) -> None:
        """Move a source to its own process. To those who ask, it looks as if a process had been replaced."""
        if path not in self._outgrown:
            return
        if any(pending.request.source == path for pending in self._shared.pending.values()):
            return
        self._release(path)
        self._places[path] = self._own_seat()

    def _own_seat(self) -> Seat:
        if self._spare_due < inf:
            self._spare_due = time.monotonic() + SPARE_SECONDS
        own = [seat for seat in self._seats if seat.is_own]
        used = list(self._places.values())
        least = min(own, key=used.count, default=None)
        if least and (len(self._seats) >= MOST_PROCESSES or least not in used):
            return least
        self._seats.append(Seat(is_own=True))
        return self._seats[-1]

    def _unused(self) -> list[Seat]:
        """Seats for large sources that have none."""
        return [seat for seat in self._seats if seat.is_own and seat not in self._places.values()]

    def _add_spare(self) -> None:
        """Start a process ahead, if every other one has a source."""
        is_busy = any(seat.pending for seat in self._seats)
        if is_busy or self._unused() or len(self._seats) >= MOST_PROCESSES:
            return
        self._seats.append(Seat(is_own=True))
        self._fill(self._seats[-1])

    def _send(self, seat: Seat, pending: Pending) -> None:
        seat.pending[pending.number] = pending
        if seat.link is None and not self._fill(seat):
            return
        assert seat.link is not None
        if len(seat.pending) == 1:
            seat.heard_at = time.monotonic()
        seat.link.send(Ask(pending.number, pending.request))

    def _fill(self, seat: Seat) -> bool:
        """Start a process in a seat."""
        try:
            process, connection = self._start()
        except OSError as error:
            self._fail_all(seat, f"A query process cannot be started: {cause(error)}")
            return False
        seat.link = Link(process, connection, lambda link, message: self._events.put(_Heard(link, message)))
        seat.turn, seat.has_spoken, seat.heard_at = -1, False, time.monotonic()
        return True

    def _release(self, path: Path) -> None:
        seat = self._places.pop(path, None)
        self._look_again_at.pop(path, None)
        self._outgrown.discard(path)
        if seat is None or seat.link is None:
            return
        is_needed = seat.pending or (self._spare_due < inf and self._unused() == [seat])
        if seat in self._unused() and not is_needed:
            self._seats.remove(seat)
            seat.link.close()
        else:
            seat.link.send(Release(path))

    # answers

    def _hear(self, seat: Seat, message: object) -> None:
        seat.heard_at = time.monotonic()
        if message is None:
            self._mourn(seat)
            return
        seat.has_spoken, seat.early_deaths = True, 0
        if isinstance(message, Turn):
            seat.turn = message.number
        elif isinstance(message, Part) and message.number in seat.pending:
            seat.pending[message.number].tell(message)
        elif isinstance(message, (Done, Failed)) and message.number in seat.pending:
            pending = seat.pending.pop(message.number)
            self._forget_key(pending)
            pending.tell(message)

    def _mourn(self, seat: Seat) -> None:
        """A process died: replace it, and send it all unanswered requests."""
        assert seat.link is not None
        seat.link.close()
        seat.link = None
        seat.early_deaths += not seat.has_spoken
        if seat.early_deaths >= TRIES:
            seat.early_deaths = 0
            self._fail_all(seat, "The process that reads for the window ends immediately after it starts.")
            return
        culprit = seat.pending.get(seat.turn)
        if culprit:
            culprit.deaths += 1
            if culprit.deaths >= TRIES:
                del seat.pending[culprit.number]
                self._forget_key(culprit)
                name = f"{type(culprit.request).__name__} of {culprit.request.source}"
                culprit.tell(
                    Failed(culprit.number, f"The process that reads it died twice while it did so ({name}).")
                )
        for pending in list(seat.pending.values()):
            self._send(seat, pending)

    def _fail_all(self, seat: Seat, reason: str) -> None:
        pending, seat.pending = seat.pending, {}
        for one in pending.values():
            self._forget_key(one)
            one.tell(Failed(one.number, reason))
