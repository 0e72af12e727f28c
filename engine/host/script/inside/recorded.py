"""Reports to the host what threads and processes of the script do: as display text, never pickled."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import threading
import time
from array import array
from contextlib import suppress
from itertools import count

from ...record import rows, schema
from ...record.display import MAX_TEXT, display
from ...record.rows import Times
from ...record.values import Values, is_scalar, is_text
from ...typed import Any, Callable
from ...work.failures import describe, format_trace
from .. import messages
from ..messages import Link
from . import sites, state
from .chunk import shown, shown_call
from .traces import without_ours

ROW_SECONDS = 0.1
"""Seconds after which consecutive calls are reported, even if more follow."""

_epoch = time.time() - time.perf_counter()


class Recorder:
    """What this process reports. It connects to the host with the first report."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._stages: dict[tuple[str, str, int], int] = {}
        self._keys = count(1)

    def stage(self, function: Any, site: tuple[str, int], shared: bool) -> int:
        """The key of a stage; `shared` if all calls of one function from one place belong together."""
        name = sites.name_of(function)
        with self._lock:
            key = self._stages.get((name, *site)) if shared else None
            if key is None:
                key = next(self._keys)
                self._say(messages.STAGE, key, name, *site)
                if shared:
                    self._stages[(name, *site)] = key
        return key

    def tell(self, *message: Any) -> None:
        with self._lock:
            self._say(*message)

    def _say(self, *message: Any) -> None:
        with suppress(OSError):  # the host is gone, and this process soon will be
            if self._link is None:
                self._link = Link(state.host().address)
                self._link.send(messages.RECORDER, state.host().token, os.getpid())
            self._link.send(*message)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()


_recorder = [Recorder()]


def _begin_again() -> None:
    """A forked process reports on its own."""
    _recorder[0].close()
    _recorder[0] = Recorder()


os.register_at_fork(after_in_child=_begin_again)


def recorder() -> Recorder:
    """The recorder of this process."""
    return _recorder[0]


def left() -> None:
    """This thread makes no more calls."""
    recorder().tell(messages.LEFT, threading.get_ident())


class Calls:
    """Consecutive calls of one function in a thread: reported once there are `most`, or after some time."""

    def __init__(self, function: Any, stage: int, most: int, show: Callable[..., Any]) -> None:
        self._function = function
        self._stage = stage
        self._left = most
        self._show = show
        self._values = Values()
        self._inputs: list[Any] = []
        self._starts, self._seconds = array("d"), array("d")
        self._failed: list[tuple[Any, ...]] = []

    def __call__(self, *args: Any, **kwds: Any) -> Any:
        given = self._show(*args, **kwds)
        start = time.perf_counter()
        try:
            value = self._function(*args, **kwds)
        except BaseException as error:
            self._keep(given, start, None)
            text = format_trace(error.with_traceback(without_ours(error.__traceback__)))
            status = schema.MEMORY if isinstance(error, MemoryError) else schema.ERROR
            self._failed.append((len(self._inputs) - 1, status, describe(error), text, time.time()))
            self._tell()
            raise
        self._keep(given, start, value)
        self._left -= 1
        if not self._left or self._starts[-1] + self._seconds[-1] > self._starts[0] + ROW_SECONDS:
            self._tell()
        return value

    def _keep(self, given: Any, start: float, value: Any) -> None:
        self._starts.append(start)
        self._seconds.append(time.perf_counter() - start)
        self._inputs.append(given)
        if is_scalar(value) or (is_text(value) and len(value) <= MAX_TEXT):
            self._values.items.append(value)
        else:
            self._values.items.append(display(value)[:MAX_TEXT])

    def _tell(self) -> None:
        values = self._values
        statuses = None
        if self._failed:
            statuses = bytes(len(self._inputs) - 1) + bytes([self._failed[0][1]])
        times = Times(1, self._starts, self._seconds, self._starts[-1] + self._seconds[-1])
        inputs = values.kept_inputs(self._inputs)
        values.mend()
        row = rows.pack(0, statuses, times, values.columns(), None, _epoch)
        thread = threading.get_ident(), threading.current_thread().name
        recorder().tell(messages.RAN, *thread, self._stage, self._failed, inputs, *row)
        self._inputs, self._failed = [], []
        values.clear()
        del self._starts[:], self._seconds[:]


def call(function: Any, site: tuple[str, int]) -> Calls:
    """A function that is called once, by any thread."""
    return Calls(function, recorder().stage(function, site, shared=True), 1, _shown_call)


def items(function: Any, stage: int, many: int, star: bool) -> Calls:
    """A function that is called with each item of a chunk."""
    return Calls(function, stage, many, _shown_call if star else shown)


def _shown_call(*args: Any, **kwds: Any) -> Any:
    return shown_call(args, kwds)
