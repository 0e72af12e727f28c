"""A worker process: sets itself up, loads the user's function, and runs the batches that come."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing.context
import os
import signal
import sys
from contextlib import suppress
from multiprocessing import parent_process, resource_tracker
from typing import Any, Callable, NamedTuple, cast

from .. import system
from ..record import schema, wire
from ..record.objects import ObjectFile
from ..system import Connection
from . import function, inherited, kept, logs, packages, threads
from .leaving import leave
from .place import module_path
from .prints import Prints
from .slot import Slot
from .surroundings import Surroundings, point_output, redirect_output
from .tasks import Tasks, WornOut


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
    forked: bool = False
    """Whether it is a copy of the host, and has all that the host has open."""
    file_limit: Any = None
    """The limits on open files that user code is to have, as `system.raise_file_limit` gave them."""
    priority: str = "normal"
    """`low`: it gives way to other programs."""
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
) -> None:
    """The life of a worker: set up, load the function, run what comes until the host hangs up.

    `shared` is memory for a `Slot`, which the host sees too. `stack_end` is
    where its Python stack is written when the host asks.
    """
    slot = Slot(shared)
    conn, log = begin(conn, setup, slot.current, stack_end)
    log.tell = slot.logged
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
        if kept.code is not None and not kept.KeptCode(setup.run_folder).complete:
            wire.send(conn, wire.LOADED, kept.own_modules())
        surroundings = Surroundings(setup.output, log, setup.memory_limit)
        large = ObjectFile(os.path.join(setup.run_folder, schema.OBJECTS), f"{number}-{pid}")
        prints = Prints(setup.output, slot)
        tasks = Tasks(conn, call, slot, surroundings, setup.isolate_failures, large, log, prints)
        serve(conn, tasks, log)
        with suppress(ConnectionError):  # the host is gone
            wire.send(conn, wire.LEAVING, system.peak_memory(), packages.loaded())
    leave()


def begin(
    conn: Connection,
    setup: Setup,
    current_task: Callable[[], int],
    stack_end: Connection | None = None,
) -> tuple[Connection, logs.AppendHandler]:
    """What a process that runs user code does first: where it stands, what it dies of, where it writes."""
    if setup.forked:
        system.close_all_but(_needed(conn, stack_end))
    conn = system.out_of_reach(conn)
    system.set_file_limit(setup.file_limit)
    if setup.priority == "low":
        system.give_way()
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=conn.close)  # what user code forks must not hold the pipe
    system.die_with_host()
    gc.freeze()  # what is there by now is not the user's: neither the collector nor `leave` need look at it
    system.form_group()
    if inherited.found is not None:
        point_output(setup.output)
        return conn, inherited.found.take_over(current_task)
    return conn, settle(setup, current_task)


def _needed(conn: Connection, stack_end: Connection | None) -> set[int]:
    """The descriptors that a forked process needs of those that it has inherited."""
    host = parent_process()
    assert host is not None
    tracker = cast("int | None", vars(vars(resource_tracker)["_resource_tracker"])["_fd"])
    ends = [conn] if stack_end is None else [conn, stack_end]
    kept = {host.sentinel, *(end.fileno() for end in ends)}
    return kept if tracker is None else {*kept, tracker}


def settle(setup: Setup, current_task: Callable[[], int]) -> logs.AppendHandler:
    """Set up what the user's module finds when it is imported, and may change: signals, output, logging."""
    signal.signal(signal.SIGINT, disregard)
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=_regard_in_child)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    redirect_output(setup.output)
    faulthandler.enable(sys.stderr)
    return logs.set_up(setup.log, setup.run_log, current_task)


def disregard(number: int, frame: object) -> None:
    """An interrupt is for who runs the run. Children do not inherit this, as they would SIG_IGN."""


def _regard_in_child() -> None:
    if signal.getsignal(signal.SIGINT) is disregard:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def leave_start_method_open() -> None:
    """The run's start method is that of pools inside of tasks, unless the user's module sets its own."""
    default: Any = vars(multiprocessing.context)["_default_context"]
    default._default_context, default._actual_context = default.get_context(), None  # noqa: SLF001


def serve(conn: Connection, tasks: Tasks, log: logs.AppendHandler) -> None:
    """Run the batches that come until the host hangs up."""
    with suppress(
        EOFError, ConnectionError, WornOut
    ):  # the host is gone, and with it everyone who could want more
        while batch := wire.receive_batch(conn):
            log.open_own_file()
            try:
                tasks.run(*batch)
            finally:
                tell_lost(conn, log)


def tell_lost(conn: Connection, log: logs.AppendHandler) -> None:
    """Tell the host of log records that could not be written, if there are any."""
    lost, why = log.newly_lost()
    if lost:
        wire.send(conn, wire.LOST, lost, why)


def enter(setup: Setup) -> None:
    """Stand where the user's code expects to be: folder, module path, memory limit."""
    ready = inherited.found
    folder = ready.folder if ready else setup.folder
    try:
        os.chdir(folder)
    except OSError as error:
        raise function.LoadError("", f"The job's folder {folder} cannot be entered: {error}.") from None
    leave_start_method_open()
    if ready:
        ready.stand_in()
    else:
        kept.use(setup.run_folder)
        before, behind = module_path(setup.function["file"], setup.folder)
        sys.path[:] = [*before, *sys.path, *behind]
        sys.argv = [setup.function["file"]]
    if setup.memory_limit:
        system.limit_memory(setup.memory_limit)
