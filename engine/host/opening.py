"""How a host begins and ends, whatever it runs: its guardian, its hello, what it is to do, its exit."""

from __future__ import annotations

import json
import os
import signal
import sys
from multiprocessing import util

from . import system
from .typed import TYPE_CHECKING, Any, Callable, NoReturn

if TYPE_CHECKING:
    from .processes.guardian import Guardian
    from .system import Connection


def be_host(handle: int, run: Callable[[Connection, Guardian | None, dict[str, Any]], object]) -> NoReturn:
    """Be the host with the app's pipe `handle`, until its end. Elsewhere than on Windows, a fork of this.

    `run` gets the pipe, which carries JSON lines, and what the app asks for.
    """
    guardian = None
    if sys.platform != "win32":
        from .processes.guardian import guard

        os.set_inheritable(handle, False)
        try:
            guardian = guard(handle)
        except OSError as error:
            refuse(handle, error)
    link = greet(handle)
    data = json.loads(link.recv_bytes())
    settle()
    run(link, guardian, data)
    leave()


def greet(handle: int, folder: str = "") -> Connection:
    """Say hello to the app, with the run folder if this host has made it; returns the pipe."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection
    link = Connection(handle)
    hello = {"event": "hello", "pid": os.getpid(), "python": sys.version.split()[0], "folder": folder}
    link.send_bytes(json.dumps(hello).encode())
    return link


def settle() -> None:
    """Heed signals as a host does."""
    if sys.platform != "win32":
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is ignored, nobody can wait for a child
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides what Ctrl-C means
    system.ignore_stack_requests()


def give_up(link: Connection, reason: str, key: str) -> None:
    """Tell the app that nothing could run, and which field of the job is at fault."""
    ended = {"event": "ended", "state": "failed", "reason": reason, "key": key, "ran": False}
    link.send_bytes(json.dumps(ended).encode())


def refuse(handle: int, error: OSError) -> NoReturn:
    """Tell the app that no host can be started."""
    give_up(greet(handle), f"The run cannot start: {system.what_is_short(error)}.", "")
    leave()


def leave() -> NoReturn:
    """End this process."""
    vars(util)["_run_finalizers"]()  # removes the temporary folder of multiprocessing
    os._exit(0)  # run.db is closed and the last message sent: an orderly exit would have nothing else to do
