"""Loaded by the server that forks workers: prepares what all of them need, including the user's function."""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing import connection, get_start_method, process, spawn
from multiprocessing.connection import Connection, Pipe

from ..typed import Any

assert sys.platform != "win32"

from ..record import wire
from ..system import posix
from ..work import function, inherited, lanes, worker
from ..work.slot import IDLE
from ..work.surroundings import flush_output
from .fork_safety import ForkSafety

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _leave_no_trace() -> str:
    """Hide from the user's code what `preload` did so that the server finds `boot`; returns its address."""
    sys.modules.pop("boot", None)  # the frozen server knows the private name anyway
    sys.path[:] = [entry for entry in sys.path if entry != HERE]
    _, ours, before = os.environ.get("PYTHONPATH", "").partition(HERE)
    if before:
        os.environ["PYTHONPATH"] = before.lstrip(os.pathsep)
    elif ours:
        del os.environ["PYTHONPATH"]
    return os.environ.pop(inherited.ADDRESS, "")


def _load_for_all(address: str) -> None:
    """Load the function that the host names, and report the outcome."""
    watch = not posix.die_with_parent()
    conn = _connect(address)
    preparation, setup = conn.recv()
    _look_like_a_worker(preparation, conn)
    answer = _load(setup, conn if watch else None)
    wire.send(conn, *answer)
    if answer[0] != wire.READY:
        conn.recv_bytes()  # nothing arrives: the host ends this process, or is gone
    conn.close()


def _connect(address: str) -> Connection:
    end = socket.socket(socket.AF_UNIX)
    end.connect(address)
    return posix.out_of_reach(Connection(end.detach()))


def _look_like_a_worker(preparation: dict[str, Any], conn: Connection) -> None:
    """Let the user's module see what it would see in a worker, even if it asks whether it is in one."""
    posix.lead_group()
    spawn.prepare(preparation)
    parent: Any = vars(process)["_ParentProcess"]("MainProcess", os.getppid(), conn.fileno())
    setattr(process, "_parent_process", parent)  # noqa: B010


def _load(setup: worker.Setup, watched: Connection | None) -> tuple[Any, ...]:
    """Load the function; returns the answer to the host. Ends with the other end of `watched`."""
    pid = os.getpid()
    os.environ[lanes.NAME] = "0"  # asking for it here makes copying unsafe, but must not fail
    log = worker.settle(setup, lambda: IDLE)
    fitness, main = ForkSafety(), sys.modules["__main__"]
    try:
        limited = posix.memory_limited(setup.memory_limit)
        with limited, _end_with(watched), inherited.noting_exits() as at_exit:
            worker.enter(setup._replace(memory_limit=0))
            loaded = worker.load(setup)
    except function.LoadError as error:
        return wire.REFUSED, error.key, str(error), error.details
    finally:
        if os.getpid() != pid:
            os._exit(0)  # the user's module forked during its import, and its child came back here too
        flush_output()
    asks = lanes.is_asked_for(setup.function["source"])
    reason = "it asks which worker it is in" if asks else fitness.lost()
    if reason:
        return wire.UNFIT, reason
    inherited.found = inherited.Preloaded(
        loaded, log, os.getcwd(), sys.path, sys.argv, sys.modules["__main__"], get_start_method(True), at_exit
    )
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main  # each copy checks whether it knows that
    return wire.READY, *log.give_up_held()


@contextmanager
def _end_with(conn: Connection | None) -> Generator[None, None, None]:
    """End this process when the other end of `conn` closes, if there is one."""
    if conn is None:
        yield
        return
    done, told = map(posix.out_of_reach, Pipe(duplex=False))

    def wait() -> None:
        if conn in connection.wait([conn, done]):
            os._exit(1)

    watcher = threading.Thread(target=wait)
    watcher.start()
    try:
        yield
    finally:
        told.close()
        watcher.join()
        done.close()


_address = _leave_no_trace()
if _address:
    try:
        _load_for_all(_address)
    except EOFError:
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the host hears of it, and continues without
