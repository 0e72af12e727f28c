"""A worker process: sets itself up, loads the user's function, and runs the batches that arrive."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing.context
import os
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from multiprocessing import parent_process, resource_tracker

from .. import system
from ..record import schema, wire
from ..record.objects import ObjectFile
from ..record.previews import Previews
from ..system import Connection
from ..system.stdio import point_output, redirect_output
from ..typed import Any, Callable, NamedTuple, cast
from . import function, inherited, kept, lanes, logs, packages, threads
from .calls import intake
from .leaving import leave
from .place import module_path
from .prints import Prints, SharedPrints
from .settled import Settler, SharedSettler
from .slot import IDLE, TASK
from .surroundings import SharedSurroundings, Surroundings
from .tasks import Tasks, WornOut


class Setup(NamedTuple):
    """What a worker must know. Paths are absolute."""

    function: dict[str, str]
    call: str
    parameters: dict[str, dict[str, Any]]
    prepare: dict[str, dict[str, Any]]
    """Arguments for the set-up's parameters."""
    may_be_bad: bool
    """Whether an input may be one that could not be read."""
    log: dict[str, str]
    run_log: str
    output: str
    folder: str
    """The job's folder, which is the current directory of the tasks."""
    memory_limit: int
    """Bytes; 0 means no limit."""
    isolate_failures: bool
    """Send a failed task on its own, so that the host can leave it out and retry it."""
    forked: bool = False
    """Whether it is a copy of the host, with everything that the host has open."""
    file_limit: Any = None
    """The limits on open files for user code, as `system.raise_file_limit` returned them."""
    priority: str = "normal"
    """`low` gives way to other programs."""
    about_threads: str = ""
    """What the first worker writes to run.log if the function uses a library that starts threads."""

    @property
    def run_folder(self) -> str:
        """The folder of the run, with run.log and everything else."""
        return os.path.dirname(self.run_log)


class Station(NamedTuple):
    """What the host gives to one process for its workers."""

    lane: int
    """Its number, from 0: its replacement gets the same number."""
    numbers: list[int]
    """The numbers of its workers. A single one is the process itself; several are threads in it."""
    conns: list[Connection]
    """Their pipes."""
    shared: Any
    """Memory for int64 values that the host sees too: a slot for each worker, then the heartbeat."""
    stack_end: Connection | None
    """Where to write the Python stacks when the host asks."""


def main(station: Station, setup: Setup) -> None:
    """The life of a worker process: set up, load the function, run what arrives until the host hangs up."""
    places, beat = lanes.places(station.numbers, station.shared)
    alone = len(places) == 1
    current_task = places[0].slot.current if alone else lanes.current_task
    os.environ[lanes.NAME] = str(station.lane)
    conns, log = begin(station.conns, setup, current_task, station.stack_end)
    log.tell = places[0].slot.logged if alone else lanes.logged
    if station.stack_end is not None:
        system.show_stack_on_request(station.stack_end)
    settler = Settler() if alone else SharedSettler()
    loaded, answer = _prepared(setup, conns[0], settler)
    system.leave_signal_to_user()
    if station.numbers[0] == 1 and setup.about_threads:
        threads.tell(setup.about_threads, setup.run_log, log)
    for conn in conns:
        wire.send(conn, *answer)
    if loaded is not None:
        if kept.code is not None and not kept.KeptCode(setup.run_folder).complete:
            wire.send(conns[0], wire.LOADED, kept.own_modules())
        _serve(setup, places, conns, loaded, log, settler, beat)
    leave()


def _prepared(
    setup: Setup, conn: Connection, settler: Settler
) -> tuple[function.Loaded | None, tuple[Any, ...]]:
    """The function, loaded and set up, or None; and what the host gets to know of it."""
    pid = os.getpid()
    loaded, answer = None, tuple[Any, ...]()
    try:
        enter(setup)
        loaded = inherited.found.loaded if inherited.found else load(setup)
        if loaded.preparation is not None:
            wire.send(conn, wire.PREPARES)
        loaded.set_up(settler)
        answer = (wire.READY, lanes.is_asked_for(setup.function["source"]))
    except function.LoadError as error:
        loaded, answer = None, (wire.REFUSED, error.key, str(error), error.details)
    if os.getpid() != pid:
        os._exit(0)  # the user's module forked during its import, and its child came back here too
    return loaded, answer


def _serve(
    setup: Setup,
    places: list[lanes.Place],
    conns: list[Connection],
    loaded: function.Loaded,
    log: logs.AppendHandler,
    settler: Settler,
    beat: memoryview,
) -> None:
    """Run what arrives, in a thread for each lane if there are several."""
    alone = len(places) == 1
    if alone:
        surroundings = Surroundings(setup.output, log, setup.memory_limit)
    else:
        lanes.tell_apart(log)
        at_work = partial(_at_work, places)
        surroundings = SharedSurroundings(setup.output, log, setup.memory_limit, at_work)
    previews = Previews(setup.run_folder)
    watch = lanes.LockWatch(partial(_at_work, places))
    lives: list[tuple[lanes.Place, Callable[[], None]]] = []
    for place, conn in zip(places, conns):
        large = ObjectFile(os.path.join(setup.run_folder, schema.OBJECTS), f"{place.number}-{os.getpid()}")
        isolate = setup.isolate_failures or not alone
        prints = Prints(setup.output, place.slot) if alone else SharedPrints(setup.output, place.slot)
        clock = time.process_time if alone else time.thread_time
        kept_by = large, log, prints, settler, clock, previews
        tasks = Tasks(conn, loaded.call, place.slot, surroundings, isolate, *kept_by)
        lives.append((place, partial(_serve_and_leave, conn, tasks, log, watch)))
    if alone:
        lives[0][1]()
    else:
        lanes.run_in_threads(lives, beat, watch)


def load(setup: Setup) -> function.Loaded:
    """The user's function. Raises `LoadError`."""
    return function.load(setup.function, setup.call, setup.parameters, setup.may_be_bad, setup.prepare)


def _at_work(places: list[lanes.Place]) -> int:
    """How many lanes are on a task."""
    return sum(place.slot.view[TASK] != IDLE for place in places)


def _serve_and_leave(conn: Connection, tasks: Tasks, log: logs.AppendHandler, watch: lanes.LockWatch) -> None:
    before, own = system.waited_for_core(), time.thread_time()
    serve(conn, tasks, log)
    after, own = system.waited_for_core(), time.thread_time() - own
    waited = None if before is None or after is None else after - before
    with suppress(ConnectionError):  # the host is gone
        used = tasks.cpu, own, waited, intake.seconds, watch.looks, watch.held
        wire.send(conn, wire.LEAVING, system.peak_memory(), packages.loaded(), *used)


def begin(
    conns: list[Connection],
    setup: Setup,
    current_task: Callable[[], int],
    stack_end: Connection | None = None,
) -> tuple[list[Connection], logs.AppendHandler]:
    """What a process that runs user code does first: limits, priority, lifetime, output."""
    if setup.forked:
        system.close_all_but(_needed(conns, stack_end))
    conns = list(map(system.out_of_reach, conns))
    system.set_file_limit(setup.file_limit)
    if setup.priority == "low":
        system.give_way()
    if sys.platform != "win32":
        for conn in conns:
            os.register_at_fork(after_in_child=conn.close)  # what user code forks must not hold the pipe
    system.die_with_host()
    gc.freeze()  # objects so far are not the user's: neither the collector nor `leave` need examine them
    system.form_group()
    if inherited.found is not None:
        point_output(setup.output)
        return conns, inherited.found.take_over(current_task)
    return conns, settle(setup, current_task)


def _needed(conns: list[Connection], stack_end: Connection | None) -> set[int]:
    """The descriptors that a forked process needs among those that it has inherited."""
    host = parent_process()
    assert host is not None
    tracker = cast("int | None", vars(vars(resource_tracker)["_resource_tracker"])["_fd"])
    ends = conns if stack_end is None else [*conns, stack_end]
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
    """Ignore an interrupt, which is for whoever runs the run. Unlike SIG_IGN, children do not inherit it."""


def _regard_in_child() -> None:
    if signal.getsignal(signal.SIGINT) is disregard:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def leave_start_method_open() -> None:
    """The run's start method is that of pools inside tasks, unless the user's module sets its own."""
    default: Any = vars(multiprocessing.context)["_default_context"]
    default._default_context, default._actual_context = default.get_context(), None  # noqa: SLF001


def serve(conn: Connection, tasks: Tasks, log: logs.AppendHandler) -> None:
    """Run the batches that arrive until the host hangs up."""
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
    """Report log records that could not be written to the host, if there are any."""
    lost, why = log.newly_lost()
    if lost:
        wire.send(conn, wire.LOST, lost, why)


def enter(setup: Setup, as_it_began: bool = True) -> None:
    """Set up what the user's code expects: folder, module path, memory limit.

    Modules are those that the run began with, or else as they are now.
    """
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
        if as_it_began:
            kept.use(setup.run_folder)
        before, behind = module_path(setup.function["file"], setup.folder)
        sys.path[:] = [*before, *sys.path, *behind]
        sys.argv = [setup.function["file"]]
    if setup.memory_limit:
        system.limit_memory(setup.memory_limit)
