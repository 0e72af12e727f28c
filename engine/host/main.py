"""The host process: takes its orders from the app's pipe, runs the job, and leaves run.db complete."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sqlite3
import sys
import time
from multiprocessing.connection import Connection
from typing import Any

from . import system
from .errors import BrokenRun
from .incoming.comparison import Comparison
from .incoming.queue import InputQueue, gaps
from .incoming.streamed import StreamedQueue
from .inputs import STREAMED
from .inputs.known import sequence
from .loop.app import App
from .loop.loop import Host
from .plan import Plan
from .processes.start import NoTemplate
from .record import schema
from .record.lock import RunLock
from .record.store import Store
from .work import logs
from .work.surroundings import redirect_output
from .work.tasks import IDLE
from .work.threads import limit_threads

PYTHON = sys.version.split()[0]
RESULT_LIMIT = 10_000
"""A list of results longer than this is not logged."""


def main(link: Connection) -> None:
    """Run the job that comes over `link`, a pipe to the app that carries JSON lines."""
    hello = {"event": "hello", "pid": os.getpid(), "python": PYTHON}
    link.send_bytes(json.dumps(hello).encode())
    data = json.loads(link.recv_bytes())
    app = App(link, data["run_folder"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides what Ctrl-C means
    system.ignore_stack_requests()
    plan = Plan.read(data)
    said = limit_threads(plan.blas_threads)  # before any other process is started
    plan = plan._replace(setup=plan.setup._replace(about_threads=said))
    redirect_output(plan.setup.output)
    os.chdir(data["run_folder"])  # a neutral place: what children find in the current folder they import
    ground = NoTemplate()
    lock: RunLock | None = None
    try:
        lock = RunLock(data["run_folder"])  # before anything in the folder is changed
        ground = _ground(plan)
        log = logs.set_up(plan.setup.log, plan.setup.run_log, lambda: IDLE)
        ended = _run(plan, data, log, app, ground)
    except BrokenRun as broken:
        ended = {"state": "failed", "reason": str(broken), "key": broken.key, "ran": False}
    except (sqlite3.Error, OSError) as error:
        reason = f"The run folder cannot be used: {error}. What was counted is kept: make room, and resume."
        ended = {"state": "failed", "reason": reason, "ran": True}
    finally:
        ground.close()
        if lock is not None:
            lock.close()
    app.tell("ended", **ended)


def _ground(plan: Plan) -> NoTemplate:
    if plan.start_method != "forkserver":
        return NoTemplate()
    from .processes.template import Server  # there is none on Windows

    try:
        return Server(plan.setup)
    except OSError as error:
        reason = f"The server that forks workers cannot be started: {error}. Try another start method."
        raise BrokenRun(reason, "run.start_method") from error


def _run(
    plan: Plan, data: dict[str, Any], log: logs.AppendHandler, app: App, ground: NoTemplate
) -> dict[str, Any]:
    store = Store(os.path.join(data["run_folder"], schema.DB))
    if not store.claim(data["previous"], time.time()):
        raise BrokenRun("Another process has gone on with this run meanwhile.")
    store.forget_failed()
    tasks = _feed(plan, store, app)
    store.facts(
        reason="",
        total=tasks.total,
        python=PYTHON,
        executable=sys.executable,
        workers=plan.workers,
        start_method=plan.start_method,
        mode=plan.mode,
        blas_threads=plan.blas_threads,
        folder=plan.setup.folder,
        ended=None,
        paused=False,
        kept=False,
    )
    if data["previous"] is None:
        store.facts(started=time.time(), name=data["name"], version=data["version"])
    store.commits.commit()
    spool = os.path.join(data["run_folder"], schema.SPOOL)
    shutil.rmtree(spool, ignore_errors=True)  # of a host that was killed
    host = Host(plan, tasks, store, log, app, ground)
    ended: dict[str, Any] = {"reason": "", "key": "", "details": ""}
    try:
        ended["state"] = host.run()
        ended["reason"] = host.control.reason
    except BrokenRun as broken:
        ended.update(state="failed", reason=str(broken), key=broken.key, details=broken.details)
    shutil.rmtree(spool, ignore_errors=True)
    ok, failed = host.ledger.ok, host.ledger.failed
    if plan.log_result and ended["state"] == "finished":
        _log_result(store, ok, failed)
    counts = {"ok": ok, "failed": failed, "total": tasks.total}
    memory = host.ledger.memory
    store.facts(state=ended["state"], reason=ended["reason"], ended=time.time(), memory=memory, **counts)
    store.close()
    return {**ended, **counts, "ran": host.ran}


def _feed(plan: Plan, store: Store, app: App) -> InputQueue | StreamedQueue:
    if plan.inputs["kind"] in STREAMED:
        compare = Comparison(store.input_of, app.notice).compare
        return StreamedQueue(store.done(), store.inputs_again, plan.limit, store.folder, compare)
    items = sequence(plan.inputs)[: plan.limit or None]
    return InputQueue(items, gaps(store.done(), len(items)))


def _log_result(store: Store, ok: int, failed: int) -> None:
    """Log the ordered results as the parent of a `Pool.map` would."""
    if failed:
        logging.error("Result: not listed, %d of %d tasks failed", failed, ok + failed)
    elif ok > RESULT_LIMIT:
        logging.info("Result: %d results, more than the %d that are listed", ok, RESULT_LIMIT)
    else:
        logging.info("Result: [%s]", ", ".join(store.displayed_results()))
