"""How a host begins and ends, whatever it runs: its guardian, its hello, what it is to do, its exit."""

from __future__ import annotations

import json
import os
import signal
import sys
from multiprocessing import util
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from . import system

if TYPE_CHECKING:
    from .processes.guardian import Guardian
    from .system import Connection


def be_host(handle: int, run: Callable[[Connection, Guardian | None, dict[str, Any]], object]) -> NoReturn:
    """Be the host with the app's pipe `handle`, until its end. Elsewhere than on Windows, a fork of this.

    `run` gets the pipe, which carries JSON lines, and what the app asks for.
    """
    guardian = None
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection

        from .processes.guardian import guard

        guardian = guard(handle)
    link = Connection(handle)
    hello = {"event": "hello", "pid": os.getpid(), "python": sys.version.split()[0]}
    link.send_bytes(json.dumps(hello).encode())
    data = json.loads(link.recv_bytes())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides what Ctrl-C means
    system.ignore_stack_requests()
    run(link, guardian, data)
    vars(util)["_run_finalizers"]()  # removes the temporary folder of multiprocessing
    os._exit(0)  # run.db is closed and the last message sent: an orderly exit would have nothing else to do
