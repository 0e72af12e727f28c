"""The host process: reads its task from the app's pipe, and becomes the host of a job or of a script."""

from __future__ import annotations

import json
import os
import signal
import sys
from multiprocessing import util
from typing import TYPE_CHECKING, Any, NoReturn

from . import system
from .record import schema

if TYPE_CHECKING:
    from .processes.guardian import Guardian
    from .system import Connection


def be_host(handle: int) -> NoReturn:
    """Be the host with the app's pipe `handle`, until its end. Elsewhere than on Windows, a fork of this."""
    guardian = None
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection

        from .processes.guardian import guard

        guardian = guard(handle)
    _main(Connection(handle), guardian)
    vars(util)["_run_finalizers"]()  # removes the temporary folder of multiprocessing
    os._exit(0)  # run.db is closed and the last message sent: an orderly exit would have nothing else to do


def _main(link: Connection, guardian: Guardian | None) -> None:
    """Run what comes over `link`, a pipe to the app that carries JSON lines."""
    hello = {"event": "hello", "pid": os.getpid(), "python": sys.version.split()[0]}
    link.send_bytes(json.dumps(hello).encode())
    data = json.loads(link.recv_bytes())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides what Ctrl-C means
    system.ignore_stack_requests()
    if data.get("script"):
        _run_script(link, guardian, data)
        return
    from .main import run_job

    run_job(link, guardian, data)


def _run_script(link: Connection, guardian: Guardian | None, data: dict[str, Any]) -> None:
    """Run a script as it is, whose main process is a child of this one."""
    assert sys.platform != "win32"  # there, scripts run as jobs
    from .script.outside.main import ScriptHost
    from .system.stdio import redirect_output

    system.adopt_orphans()
    redirect_output(os.path.join(data["run_folder"], schema.OUTPUT))
    os.chdir(data["run_folder"])
    selector = system.Selector()
    host = ScriptHost(link, data, selector)
    if guardian is not None:
        selector.add(guardian.alive, host.end_at_once)
    host.run()
