"""A pool's end of the connection to the host: units go out, answers come in."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import pickle
import threading
from array import array
from collections import deque
from contextlib import suppress
from functools import partial
from itertools import count
from multiprocessing import ProcessError
from typing import Any, Callable, cast
from weakref import WeakSet

from ...record import schema
from ...record.wire import unpacked
from .. import messages
from ..messages import Link
from . import sites, state
from .pickling import Pickling

MOST_UNITS = 1_000
"""This many units may be out without an answer; a pool's feeder waits then,"""
MOST_BYTES = 4 << 20
"""or if they take so much."""

_numbers = count(1)
_open: WeakSet[PoolLink] = WeakSet()


class WorkerDied(ProcessError):
    """A worker ended while it ran a task, so that there is no result of it."""


def _close_in_child() -> None:
    for link in list(_open):
        link.close()


os.register_at_fork(after_in_child=_close_in_child)


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
        """Why no more workers are to be started, if so."""
        self.template: Any = None
        self.cache: dict[int, Any] = {}
        """The pool's own, of what its calls wait for."""
        self.is_built = False
        """Whether the pool's constructor is through: others than its caller start workers from then on."""
        self.wanted = 0
        """How many workers there are to be, if more than the script says."""
        self.is_stuck = False
        """Whether no more workers can be started."""
        self.pool: Callable[[], Any] = lambda: None
        self.pickling = pickling or Pickling()
        self.site: tuple[str, int] | None = None
        """Where its calls are made, if that cannot be seen from the stack."""
        self._refusal = refusal
        self._link = Link(state.host().address)
        self._link.send(messages.POOL, state.host().token, self.key, name)
        self._sending = threading.Lock()
        self._room = threading.Condition()
        self._out: dict[tuple[int, int], tuple[int, int]] = {}
        """Units without an answer, by job and place: how many tasks, and bytes."""
        self._bytes = 0
        self._parts: dict[tuple[int, int], list[tuple[int, int, str, Any]]] = {}
        self._sites: dict[int, tuple[bool, str, int]] = {}
        self._stages: dict[tuple[str, str, int], int] = {}
        self._stage_keys = count(1)
        self._job = (-1, 0)
        """The call that units were put of last, and the key of its stage."""
        self._answers: deque[tuple[Any, ...] | None] = deque()
        self._over = False
        _open.add(self)

    # Units.

    def called(self, job: int, shared: bool) -> None:
        """A call was made; `shared` if it is one of many of its kind."""
        self._sites[job] = (shared, *(self.site or sites.caller(3)))

    def begin_stage(self) -> None:
        """What is called from now on is another stage, though it may be the same call again."""
        self._stages.clear()

    def put(self, task: Any) -> None:
        """Send a task as `multiprocessing.pool` makes them; None: no more come."""
        if task is None:
            self._say(messages.END)
            return
        job, place, function, args, kwds = task
        try:
            kind, count, call, name = _sorted(function, args, kwds)
            pickled = self.pickling.calls(call)
        except Exception as error:
            with suppress(KeyError):
                self.cache[job]._set(place, (False, self.pickling.unsent(error)))
            return
        key = self._stage(job, name)
        if self._wait_for_room(len(pickled)):
            with self._room:
                self._out[job, place] = (count, len(pickled))
                self._bytes += len(pickled)
            self._say(messages.UNIT, job, place, key, count, kind, pickled)

    def _stage(self, job: int, function: Any) -> int:
        """The key of the stage of a call, which the host knows."""
        if self._job[0] == job:
            return self._job[1]
        shared, *site = self._sites.pop(job, (False, "", 0))
        named = (sites.name_of(function), str(site[0]), int(site[1]))
        key = self._stages.get(named) if shared else None
        if key is None:
            key = next(self._stage_keys)
            self._say(messages.STAGE, key, *named)
            if shared:
                self._stages[named] = key
        if not shared:
            self._job = job, key
        return key

    def _wait_for_room(self, size: int) -> bool:
        """Wait until the host may have another unit; False if none is wanted any more."""
        with self._room:
            while not self._over and self._out and not self._has_room(size):
                self._room.wait()
        return not self._over

    def _has_room(self, size: int) -> bool:
        return len(self._out) < MOST_UNITS and self._bytes + size <= MOST_BYTES

    def _say(self, *message: Any) -> None:
        with self._sending:
            self._link.send(*message)

    def end_results(self) -> None:
        """Have `get` give None once all results so far are given."""
        with suppress(OSError):
            self._say(messages.ECHO)

    def terminate(self) -> None:
        """Nothing is wanted any more."""
        self._over = True
        with self._room:
            self._room.notify_all()
        with suppress(OSError):
            self._say(messages.TERMINATE)

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
        self._link.close()

    # Answers.

    def get(self) -> Any:
        """Wait for the next result as `multiprocessing.pool` takes them; None if `end_results` was called."""
        while not self._answers:
            kind, *content = self._link.receive()
            if kind == messages.RESULTS:
                for answer in content[0]:
                    self._take(*answer)
            elif kind == messages.ECHO:
                self._answers.append(None)
            elif kind == messages.BROKEN:
                self.broken = content[0]
            elif kind == messages.GROW:
                self._grow(content[0])
        answer = self._answers.popleft()
        if answer is None:
            return None
        job, place, parts = answer
        try:
            return job, place, _value(parts, self._refusal)
        except Exception as error:  # it cannot be unpickled here
            return job, place, (False, error)

    def _grow(self, workers: int) -> None:
        """Have the pool's own thread start workers until there are this many."""
        pool = self.pool()
        if pool is not None and pool._processes < workers:
            self.wanted = pool._processes = workers
            pool._change_notifier.put(None)

    def _take(self, job: int, place: int, begin: int, many: int, ok: bool, form: str, payload: Any) -> None:
        key = job, place
        if key not in self._out:
            return
        if ok and many < self._out[key][0]:
            parts = self._parts.setdefault(key, [])
            parts.append((begin, many, form, payload))
            if sum(part[1] for part in parts) < self._out[key][0]:
                return
            self._answers.append((job, place, (True, sorted(self._parts[key], key=lambda part: part[0]))))
        else:
            self._answers.append((job, place, (ok, [(begin, many, form, payload)])))
        self._parts.pop(key, None)
        with self._room:
            self._bytes -= self._out.pop(key)[1]
            self._room.notify()


def _sorted(function: Any, args: tuple[Any, ...], kwds: dict[str, Any]) -> tuple[str, int, Any, Any]:
    """What kind of unit a task of `multiprocessing.pool` is: kind, tasks, call, and the function in it."""
    from multiprocessing import pool

    if function is pool.mapstar:  # pyright: ignore
        (inner, batch), *_ = args
        return messages.MAP, len(batch), (inner, batch), inner
    if function is pool.starmapstar:  # pyright: ignore
        (inner, batch), *_ = args
        return messages.STAR, len(batch), (inner, batch), inner
    if function is pool._helper_reraises_exception:  # pyright: ignore
        raise args[0]  # an iterable of inputs has failed, and whoever feeds the pool takes note
    if type(function) is partial and getattr(function.func, "__name__", "") == "_process_chunk":
        (inner,) = function.args
        batch = tuple(args[0])
        return messages.STAR, len(batch), (inner, batch), inner
    if is_batch(function):
        batch = cast("Any", function)
        return messages.BATCH, len(batch.items), batch, batch.items[0][0]
    return messages.ONE, 1, (function, args, kwds), cast("Any", function)


def is_batch(function: Any) -> bool:
    """Whether it is a batch of calls as joblib makes them."""
    kind = cast("type[Any]", type(function))
    return kind.__name__ == "BatchedCalls" and kind.__module__ == "joblib.parallel"


def _value(answer: tuple[bool, list[tuple[int, int, str, Any]]], refusal: Callable[[str], Exception]) -> Any:
    """What a unit gave, as `multiprocessing.pool` is told."""
    ok, parts = answer
    if len(parts) == 1:
        _, many, form, payload = parts[0]
        if form == messages.REFUSED:
            return False, refusal(payload)
        return ok, _opened(form, many, payload)
    values: list[Any] = []
    for _, many, form, payload in parts:
        values += _opened(form, many, payload)
    return True, values


def _opened(form: str, many: int, payload: Any) -> Any:
    if form == messages.PICKLE:
        return pickle.loads(_data(payload))
    if form == messages.NOTHING:
        return [None] * many
    return _numbers_of(form, _data(payload)).tolist()


def _numbers_of(form: str, data: bytes) -> array[Any]:
    return unpacked("q" if form == messages.INTS else "d", data)


def _data(payload: Any) -> bytes:
    """Bytes, or what is at their place in `objects/`."""
    if isinstance(payload, bytes):
        return payload
    name, begin, size = payload.split(":") if isinstance(payload, str) else payload
    with open(os.path.join(state.host().folder, schema.OBJECTS, name), "rb") as file:
        file.seek(int(begin))
        return file.read(int(size))
