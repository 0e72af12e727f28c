"""A pool's end of the connection to the host: sends units, receives answers."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import threading
import time
from collections import deque
from contextlib import suppress
from itertools import count
from multiprocessing import ProcessError
from multiprocessing.connection import wait
from types import FunctionType
from weakref import WeakSet

from ...record import schema
from ...record.objects import LONG_COLUMN, ObjectFile, told
from ...typed import Any, Callable
from .. import messages
from ..messages import Link
from . import sites, state
from .calls import Packed, has_no_inputs, packed_call
from .parts import settled
from .pickling import Pickling
from .results import SMALL, Backlog, Unread, opened

MOST_UNITS = 1_000
"""The most unanswered units; the pool's feeder then waits,"""
MOST_BYTES = 4 << 20
"""or the most bytes."""
PROMPT_UNITS = 64
"""Units that are sent immediately. While more are unanswered, further ones wait until there are this many"""
PROMPT_BYTES = 1 << 14
"""or this many bytes of them. The next answer sends what there is."""

LEAVE_SECONDS = 1.0
"""Seconds that workers at rest have to leave before they are killed."""

_numbers = count(1)
_open: WeakSet[PoolLink] = WeakSet()


class WorkerDied(ProcessError):
    """A worker ended while it ran a task, so the task has no result."""


def _close_in_child() -> None:
    for link in list(_open):
        link.close()


os.register_at_fork(after_in_child=_close_in_child)


def _wait_for(workers: list[Any]) -> None:
    """Wait until these have ended, for some time at most."""
    due = time.monotonic() + LEAVE_SECONDS
    left = {worker.sentinel for worker in workers}
    while left and (patience := due - time.monotonic()) > 0:
        left.difference_update(wait(list(left), patience))


class PoolLink:
    """`put` belongs to the thread that feeds the pool, `get` to the one that takes results."""

    def __init__(
        self,
        name: str,
        refusal: Callable[[str], Exception] = WorkerDied,
        pickling: Pickling | None = None,
    ) -> None:
        self.key = f"{os.getpid()}-{next(_numbers)}"
        self.name = name
        self.broken = ""
        """Why no more workers should be started, if so."""
        self.template: Any = None
        self.book: Any = None
        """What its workers know about a notebook, if they are spawned."""
        self.cache: dict[int, Any] = {}
        """The pool's own cache, which its calls wait for."""
        self.is_built = False
        """Whether the pool's constructor has returned: from then on other threads start workers."""
        self.wanted = 0
        """How many workers there should be, if more than the script says."""
        self.prompt = PROMPT_UNITS
        """With fewer unanswered units than this, none waits: twice the number of workers."""
        self.is_stuck = False
        """Whether no more workers can be started."""
        self.pool: Callable[[], Any] = lambda: None
        self.pickling = pickling or Pickling()
        self.site: tuple[str, int] | None = None
        """Where its calls are made, if the stack does not show it."""
        self._refusal = refusal
        self._unread = Unread(refusal)
        self._link = Link(state.host().address)
        self._link.send(messages.POOL, state.host().token, self.key, name)
        folder = os.path.join(state.host().folder, schema.OBJECTS)
        self._file = ObjectFile(folder, f"main-{self.key}")
        """Long inputs that need not pass through the host."""
        self._sending = threading.RLock()
        self._units: list[tuple[Any, ...]] = []
        """Units waiting to be sent together."""
        self._units_size = 0
        self._room = threading.Condition()
        self._is_full = False
        """Whether the feeder waits, or is about to."""
        self._out: dict[tuple[int, int], tuple[int, int]] = {}
        """Unanswered units by job and index: how many tasks, and bytes."""
        self._bytes_out = 0
        """The total of all units, counted by the feeder;"""
        self._bytes_back = 0
        """and of answered ones, counted by the receiver of results."""
        self._parts: dict[tuple[int, int], list[tuple[int, int, str, Any]]] = {}
        self._sites: dict[int, tuple[bool, str, int]] = {}
        self._stages: dict[tuple[str, str, int], int] = {}
        self._stage_keys = count(1)
        self._job = (-1, 0)
        """The call of the last units, and the key of its stage."""
        self._name: tuple[Any, str] = (None, "")
        """The last function whose name was determined."""
        self._answers: deque[tuple[Any, ...] | None] = deque()
        self._over = False
        self._here: set[int] = set()
        """The process ids of the workers that are ready: others may take long until they leave."""
        self.crew: list[Any] = []
        """The processes of the workers, once the pool is terminated."""
        _open.add(self)

    # units

    def called(self, job: int, shared: bool) -> None:
        """A call was made; `shared` if it is one of many similar ones."""
        self._sites[job] = (shared, *(self.site or sites.caller(3)))

    def begin_stage(self) -> None:
        """Calls from now on belong to another stage, even if the call is the same."""
        self._stages.clear()

    def put(self, task: Any) -> None:
        """Send a task in the form of `multiprocessing.pool`; None means that no more come.

        Raises what the pool's own feeder raises if it cannot be pickled.
        """
        if task is None:
            self._say(messages.END)
            return
        job, place, function, args, kwds = task
        if has_no_inputs(function):
            with suppress(KeyError):
                self.cache[job]._set(place, (False, args[0].with_traceback(None)))
            return
        try:
            sent = packed_call(self.pickling, function, args, kwds)
        except Exception as error:
            failed = error
        else:
            self._put(job, place, sent)
            return
        raise self.pickling.unsent(settled(task), failed)

    def _put(self, job: int, place: int, sent: Packed) -> None:
        key = self._stage(job, sent.inner)
        call, size = sent.call, len(sent.call)
        if sent.kind == messages.PIECES and size > LONG_COLUMN and (kept := self._file.keep(sent.call)):
            call = told(kept)
        if self._has_room(size) or self._wait_for_room(size):
            self._bytes_out += size
            self._out[job, place] = (sent.tasks, size)
            self._send_unit(size, (job, place, key, sent.tasks, sent.kind, sent.function, call))

    def _send_unit(self, size: int, unit: tuple[Any, ...]) -> None:
        """Send a unit now, or later with others: while some are unanswered, their answers trigger sending."""
        with self._sending:
            if size > PROMPT_BYTES:
                self._say(messages.UNIT, *unit)
                return
            self._units.append(unit)
            self._units_size += size
            is_idle = len(self._out) - len(self._units) < self.prompt
            if is_idle or len(self._units) >= PROMPT_UNITS or self._units_size > PROMPT_BYTES:
                self._send_units()

    def _send_units(self) -> None:
        """Send the waiting units."""
        with self._sending:
            units, self._units, self._units_size = self._units, [], 0
            if units:
                self._link.send(messages.UNITS, units)

    def _stage(self, job: int, function: Any) -> int:
        """The key of a call's stage, which the host knows."""
        if self._job[0] == job:
            return self._job[1]
        shared, *site = self._sites.pop(job, (False, "", 0))
        named = (self._name_of(function), str(site[0]), int(site[1]))
        key = self._stages.get(named) if shared else None
        if key is None:
            key = next(self._stage_keys)
            self._say(messages.STAGE, key, *named)
            if shared:
                self._stages[named] = key
        if not shared:
            self._job = job, key
        return key

    def _name_of(self, function: Any) -> str:
        if type(function) is not FunctionType:  # do not keep anything else alive
            return sites.name_of(function)
        if self._name[0] is not function:
            self._name = function, sites.name_of(function)
        return self._name[1]

    def _has_room(self, size: int) -> bool:
        bytes_out = self._bytes_out - self._bytes_back
        return not self._over and len(self._out) < MOST_UNITS and bytes_out + size <= MOST_BYTES

    def _wait_for_room(self, size: int) -> bool:
        """Wait until the host can take another unit; False if none is wanted any more."""
        self._send_units()
        with self._room:
            self._is_full = True
            while not self._over and self._out and not self._has_room(size):
                self._room.wait()
            self._is_full = False
        return not self._over

    def _make_room(self) -> None:
        """Wake the feeder once half of the units are answered."""
        bytes_out = self._bytes_out - self._bytes_back
        if (len(self._out) <= MOST_UNITS // 2 and bytes_out <= MOST_BYTES // 2) or not self._out:
            with self._room:
                self._room.notify()

    def _say(self, *message: Any) -> None:
        with self._sending:
            self._send_units()
            self._link.send(*message)

    def end_results(self) -> None:
        """Make `get` return None after all results so far."""
        with suppress(OSError):
            self._say(messages.ECHO)

    def terminate(self) -> None:
        """Nothing is wanted any more. Workers at rest leave in order, as the standard library's do."""
        are_at_rest = not self._out
        self._over = True
        with self._room:
            self._room.notify_all()
        with suppress(OSError):
            self._say(messages.TERMINATE)
            if are_at_rest:
                _wait_for([worker for worker in self.crew if worker.pid in self._here])

    def exited(self, pid: int, code: int | None) -> None:
        """A worker has ended."""
        with suppress(OSError):
            self._say(messages.EXITED, pid, code)

    def stuck(self, reason: str) -> None:
        """No worker can be started any more."""
        self.is_stuck = True
        with suppress(OSError):
            self._say(messages.STUCK, reason)

    def close(self) -> None:
        """The pool is gone."""
        _open.discard(self)
        self._file.close()
        self._link.close()

    # answers

    def get(self) -> Any:
        """Wait for the next result, as `multiprocessing.pool` takes it; None if `end_results` was called."""
        while not self._answers:
            kind, *content = self._link.receive()
            if kind == messages.RESULTS:
                for answer in content[0]:
                    self._take(*answer)
                if self._units:
                    with suppress(OSError):
                        self._send_units()
                if self._is_full:
                    self._make_room()
            elif kind == messages.ECHO:
                self._answers.append(None)
            elif kind == messages.BROKEN:
                self.broken = content[0]
            elif kind == messages.HERE:
                self._here.add(content[0])
            elif kind == messages.GROW:
                self.grow(content[0])
        answer = self._answers.popleft()
        if answer is None:
            return None
        job, place, ok, parts = answer
        if type(parts[0][3]) not in SMALL and self._is_iterated(job):
            late = self._unread.keep(ok, parts)
            if late is not None:
                return job, place, late
        try:
            return job, place, opened(ok, parts, self._refusal)
        except Exception as error:  # it cannot be unpickled here
            return job, place, (False, error)

    def _is_iterated(self, job: int) -> bool:
        """Whether the results of a call wait in an iterator until the script reads them."""
        return type(getattr(self.cache.get(job), "_items", None)) is Backlog

    def grow(self, workers: int) -> None:
        """Make the pool's own thread start workers until there are this many."""
        pool = self.pool()
        if pool is not None and pool._processes < workers:
            self.wanted = pool._processes = workers
            self.prompt = max(self.prompt, 2 * workers)
            pool._change_notifier.put(None)

    def _take(self, job: int, place: int, begin: int, many: int, ok: bool, form: str, payload: Any) -> None:
        key = job, place
        count, size = self._out.get(key, (-1, 0))
        if many == count or (count >= 0 and not ok):
            self._answers.append((job, place, ok, [(begin, many, form, payload)]))
            self._parts.pop(key, None)
        elif count >= 0:
            parts = self._parts.setdefault(key, [])
            parts.append((begin, many, form, payload))
            if sum(part[1] for part in parts) < count:
                return
            self._answers.append((job, place, True, sorted(self._parts.pop(key), key=lambda part: part[0])))
        else:
            return
        self._bytes_back += size
        del self._out[key]
