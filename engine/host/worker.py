"""A worker process: loads the user's function and runs batches of tasks through it."""

from __future__ import annotations

import faulthandler
import logging
import os
import pickle
import signal
import struct
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Callable, NamedTuple

from . import function, logs, schema, system, wire
from .values import SCALARS, Unpicklable, Values

HEADER = struct.Struct("<q")
"""Before the pickled inputs of a batch: the index of its first task."""
IDLE = -1
"""In the slot: no task is being run."""
FLUSH_SECONDS = 0.1
"""Finished tasks of a batch are not held back longer than this by the ones behind them."""
FLUSH_BYTES = 8 << 20
"""Nor once their results are larger than this."""
MAX_MESSAGE = 2_000
MAX_TRACEBACK = 20_000


class Setup(NamedTuple):
    """What a worker must know. Paths are absolute."""

    function: dict[str, str]
    call: str
    log: dict[str, str]
    run_log: str
    output: str
    folder: str
    """The job's folder: the current directory of the tasks."""
    memory_limit: int
    """Bytes; 0 is none."""
    isolate_failures: bool
    """Send a failed task by itself, so that the host can leave it out and try it again."""


def main(conn: Connection, slot: Any, setup: Setup, strangers: Sequence[Connection]) -> None:
    """The life of a worker: set up, load the function, run what comes until the host hangs up.

    `slot` is shared memory for one int64: the index of the task being run. `strangers` are the ends of other
    pipes that a fork has copied here.
    """
    for stranger in strangers:
        stranger.close()
    conn = system.out_of_reach(conn)
    system.die_with_host()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    indexes = memoryview(slot).cast("B").cast("q")
    redirect_output(setup.output)
    handler = logs.set_up(setup.log, setup.run_log, lambda: indexes[0])
    try:
        enter(setup)
        call = function.load(setup.function, setup.call)
    except function.LoadError as error:
        conn.send_bytes(wire.encode((wire.REFUSED, error.key, str(error), error.details)))
        return
    tasks = Tasks(conn, call, indexes, setup.isolate_failures)
    conn.send_bytes(wire.encode((wire.READY,)))
    with suppress(EOFError, ConnectionError):  # the host is gone, and with it everyone who could want more
        while message := conn.recv_bytes():
            handler.open_own_file()
            (first,) = HEADER.unpack_from(message)
            tasks.run(first, pickle.loads(memoryview(message)[HEADER.size :]))
    flush_output()
    os._exit(0)  # what the user's code left running must not hold this process


def enter(setup: Setup) -> None:
    """Stand where the user's code expects to be: folder, module path, memory limit."""
    try:
        os.chdir(setup.folder)
    except OSError as error:
        raise function.LoadError("", f"The job's folder {setup.folder} cannot be entered: {error}.") from None
    sys.path.insert(0, setup.folder)
    if setup.function["file"]:
        sys.path.insert(0, os.path.dirname(setup.function["file"]))
    sys.argv = [setup.function["file"]]
    if setup.memory_limit:
        system.limit_memory(setup.memory_limit)


def redirect_output(path: str) -> None:
    """Point stdout and stderr, of Python and of C, at the end of `path`, and stdin at nothing."""
    fd = system.open_append(path)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    os.close(fd)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    faulthandler.enable(sys.stderr)


def flush_output() -> None:
    """Bring what user code printed to the file, where it has left us the streams to do it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed or replaced by the user's code
            stream.flush()


class Tasks:
    """Runs batches and sends their results."""

    def __init__(
        self, conn: Connection, call: Callable[[Any], Any], indexes: memoryview, isolate_failures: bool
    ) -> None:
        self._conn = conn
        self._call = call
        self._indexes = indexes
        self._isolate_failures = isolate_failures
        self._values = Values()
        self._ends: array[float] = array("d")
        self._failed: list[wire.Failed] = []
        self._epoch = time.time() - time.perf_counter()

    def run(self, first: int, items: Sequence[Any]) -> None:
        """Run the tasks of one batch; results go out at its end, and on the way where it takes long."""
        call, indexes, values, ends = self._call, self._indexes, self._values, self._ends
        clock, scalars, epoch = time.perf_counter, SCALARS, self._epoch
        start = epoch + clock()
        due = start + FLUSH_SECONDS
        for index, item in enumerate(items, first):
            indexes[0] = index
            try:
                value = call(item)
                if value.__class__ not in scalars:
                    value = values.encode(value)
            except BaseException as error:
                if self._isolate_failures:
                    due = start
                    if ends:
                        last_end = ends[-1]
                        self._send(first, start)
                        first, start = index, last_end
                value = self._fail(index, error)
            values.items.append(value)
            now = epoch + clock()
            ends.append(now)
            if now >= due or values.size > FLUSH_BYTES:
                self._send(first, start)
                first, start = index + 1, epoch + clock()
                due = start + FLUSH_SECONDS
        indexes[0] = IDLE
        if ends:
            self._send(first, start)

    def _send(self, first: int, start: float) -> None:
        """Send the results at hand: those of the tasks from `first` on, begun at `start`."""
        ends = self._ends
        statuses = bytearray(len(ends))
        for failed in self._failed:
            statuses[failed.task - first] = failed.status
        starts = array("d", [start])
        starts.extend(ends[:-1])
        row = wire.Results(
            first, len(ends), bytes(statuses), wire.packed(starts), wire.packed(ends), *self._values.columns()
        )
        failed = [tuple(f) for f in self._failed]
        flush_output()
        self._conn.send_bytes(wire.encode((wire.RESULTS, tuple(row), failed)))
        self._values.clear()
        del ends[:]
        self._failed.clear()

    def _fail(self, index: int, error: BaseException) -> str | None:
        """Record that a task failed, in the log too; gives what stands for its value."""
        shown = None
        status = schema.MEMORY if isinstance(error, MemoryError) else schema.ERROR
        if isinstance(error, Unpicklable) and error.__cause__ is not None:
            status, shown, error = schema.UNPICKLABLE, error.display, error.__cause__
        message = describe(error)
        trace = function.format_trace(error, skip=os.path.dirname(__file__))[-MAX_TRACEBACK:]
        self._failed.append(wire.Failed(index, status, message, trace, time.time()))
        with suppress(Exception):  # the user's code broke logging; run.db has the failure all the same
            logging.getLogger().error("Task %d failed: %s\n%s", index, message, trace.rstrip("\n"))
        return shown


def describe(error: BaseException) -> str:
    """`Type: message`, bounded, also for an exception that cannot be shown."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception as broken:
        return f"{name} (its message failed with {type(broken).__name__})"
    return (f"{name}: {text}" if text else name)[:MAX_MESSAGE]
