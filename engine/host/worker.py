"""A worker process: sets itself up, loads the user's function, and runs the batches that come."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from . import function, logs, system, wire
from .tasks import Tasks, flush_streams


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
    exact: bool
    """Say of every task that it begins, however quick it is: a time limit needs to know."""


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
    tasks = Tasks(conn, call, indexes, setup.isolate_failures, setup.exact)
    conn.send_bytes(wire.encode((wire.READY,)))
    with suppress(EOFError, ConnectionError):  # the host is gone, and with it everyone who could want more
        while message := conn.recv_bytes():
            handler.open_own_file()
            tasks.run(*wire.unpack_batch(message))
    flush_streams()
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
