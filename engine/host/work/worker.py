"""A worker process: sets itself up, loads the user's function, and runs the batches that come."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Callable, NamedTuple

from .. import system
from ..record import schema, wire
from ..record.objects import ObjectFile
from . import function, inherited, logs, threads
from .place import module_path
from .surroundings import Surroundings, flush_output, redirect_output
from .tasks import Slot, Tasks


class Setup(NamedTuple):
    """What a worker must know. Paths are absolute."""

    function: dict[str, str]
    call: str
    parameters: dict[str, dict[str, Any]]
    may_be_bad: bool
    """Whether an input may be one that could not be read."""
    log: dict[str, str]
    run_log: str
    output: str
    folder: str
    """The job's folder: the current directory of the tasks."""
    memory_limit: int
    """Bytes; 0 is none."""
    isolate_failures: bool
    """Send a failed task by itself, so that the host can leave it out and try it again."""
    about_threads: str = ""
    """What the first worker writes to run.log if the function uses a library that starts threads."""

    @property
    def run_folder(self) -> str:
        """Where run.log is, and all else of the run."""
        return os.path.dirname(self.run_log)


def main(
    number: int,
    conn: Connection,
    shared: Any,
    stack_end: Connection | None,
    setup: Setup,
    strangers: Sequence[Connection],
) -> None:
    """The life of a worker: set up, load the function, run what comes until the host hangs up.

    `shared` is memory for one int64 that the host sees too: the index of the task being run. `stack_end` is
    where its Python stack is written when the host asks. `strangers` are the ends of other pipes that a fork
    has copied here.
    """
    slot = Slot(shared)
    conn, log = begin(conn, setup, strangers, slot.current)
    if stack_end is not None:
        system.show_stack_on_request(stack_end)
    pid = os.getpid()
    call = None
    answer: tuple[str, ...] = (wire.READY,)
    try:
        enter(setup)
        if inherited.found is not None:
            call = inherited.found.call
        else:
            call = function.load(setup.function, setup.call, setup.parameters, setup.may_be_bad)
    except function.LoadError as error:
        answer = (wire.REFUSED, error.key, str(error), error.details)
    if os.getpid() != pid:
        os._exit(0)  # the user's module forked when it was imported, and its child came back here too
    system.leave_signal_to_user()
    if number == 1 and setup.about_threads:
        threads.tell(setup.about_threads, setup.run_log, log)
    wire.send(conn, *answer)
    if call is not None:
        surroundings = Surroundings(setup.output, log)
        large = ObjectFile(os.path.join(setup.run_folder, schema.OBJECTS), f"{number}-{pid}")
        tasks = Tasks(conn, call, slot, surroundings, setup.isolate_failures, large)
        serve(conn, tasks, log)
        with suppress(ConnectionError):  # the host is gone
            wire.send(conn, wire.LEAVING, system.peak_memory())
    flush_output()
    os._exit(0)  # what the user's code left running must not hold this process


def begin(
    conn: Connection, setup: Setup, strangers: Sequence[Connection], current_task: Callable[[], int]
) -> tuple[Connection, logs.AppendHandler]:
    """What a process that runs user code does first: where it stands, what it dies of, where it writes."""
    for stranger in strangers:
        stranger.close()
    conn = system.out_of_reach(conn)
    system.die_with_host()
    system.lead_group()
    if inherited.found is not None:
        return conn, inherited.found.take_over(current_task)
    return conn, settle(setup, current_task)


def settle(setup: Setup, current_task: Callable[[], int]) -> logs.AppendHandler:
    """Set up what the user's module finds when it is imported, and may change: signals, output, logging."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    redirect_output(setup.output)
    faulthandler.enable(sys.stderr)
    return logs.set_up(setup.log, setup.run_log, current_task)


def serve(conn: Connection, tasks: Tasks, log: logs.AppendHandler) -> None:
    """Run the batches that come until the host hangs up."""
    with suppress(EOFError, ConnectionError):  # the host is gone, and with it everyone who could want more
        while batch := wire.receive_batch(conn):
            log.open_own_file()
            tasks.run(*batch)


def enter(setup: Setup) -> None:
    """Stand where the user's code expects to be: folder, module path, memory limit."""
    ready = inherited.found
    folder = ready.folder if ready else setup.folder
    try:
        os.chdir(folder)
    except OSError as error:
        raise function.LoadError("", f"The job's folder {folder} cannot be entered: {error}.") from None
    if ready:
        sys.path, sys.argv = ready.path, ready.argv
    else:
        before, behind = module_path(setup.function["file"], setup.folder)
        sys.path[:] = [*before, *sys.path, *behind]
        sys.argv = [setup.function["file"]]
    if setup.memory_limit:
        system.limit_memory(setup.memory_limit)
