"""The host of a job: runs it, and leaves a complete run.db."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import sys
import time
import traceback

from . import system
from .errors import BrokenRun
from .incoming.comparison import Comparison
from .incoming.queue import InputQueue, gaps, within
from .incoming.streamed import StreamedQueue
from .inputs import STREAMED
from .inputs.known import sequence
from .loop.app import App
from .loop.code_watch import CodeWatch
from .loop.ledger import Ledger
from .loop.loop import Loop
from .plan import Plan
from .processes.start import NoTemplate
from .record import origin, schema
from .record.lock import RunLock
from .record.past import Past
from .record.reading_back import put_reader
from .record.rebuilt import bring_up_to_date
from .record.store import Store
from .system import Connection, Selector
from .system.stdio import redirect_output
from .typed import TYPE_CHECKING, Any
from .work import logs
from .work.slot import IDLE
from .work.threads import limit_threads

if TYPE_CHECKING:
    from .cluster.link import Link
    from .processes.guardian import Guardian

PYTHON = sys.version.split()[0]
KEPT = "Counted results are kept"
RESULT_LIMIT = 10_000
"""A longer list of results is not logged."""


def run_job(link: Connection, guardian: Guardian | None, data: dict[str, Any]) -> None:
    """Run the job that the app has sent."""
    plan = Plan.read(data, system.raise_file_limit())
    said = limit_threads(plan.blas_threads)  # before any other process is started
    plan = plan._replace(setup=plan.setup._replace(about_threads=said))
    system.adopt_orphans(plan.leftovers == "end")
    redirect_output(plan.setup.output)
    os.chdir(data["run_folder"])  # a neutral place: children import from the current folder
    selector = Selector()
    host = Host(plan, data, link, selector)
    if guardian is not None:
        if plan.leftovers == "leave":
            guardian.leave_leftovers()
        selector.add(guardian.alive, host.end_at_once)
    ended = host.run()
    host.app.say_last("ended", **ended)


class Host:
    """The host's parts, created one after the other and taken down again whatever happens between."""

    def __init__(self, plan: Plan, data: dict[str, Any], link: Connection, selector: Selector) -> None:
        self._plan = plan
        self._data = data
        self._selector = selector
        self._loop: Loop | None = None
        self._link: Link | None = None
        self.app = App(link, data["run_folder"], selector, self._app_spoke)

    def _app_spoke(self) -> None:
        if self._loop is not None:
            self._loop.app_spoke()

    def end_at_once(self) -> None:
        """The guardian is gone, so somebody kills this run. Workers end with this process by themselves."""
        if self._plan.leftovers == "end":
            system.end_descendants()
        os._exit(1)

    def run(self) -> dict[str, Any]:
        """Run the job; returns the final message, whatever happens."""
        template = NoTemplate()
        lock: RunLock | None = None
        try:
            lock = RunLock(self._data["run_folder"])  # before anything in the folder is changed
            if self._plan.own_log and (refusal := logs.refusal(self._plan.own_log)):
                raise BrokenRun(refusal, "log.file")
            code = CodeWatch(self._data["run_folder"], self._plan.setup.function, self.app.notice)
            if self._plan.scheduler is not None:
                code.add(self._connect(self._plan.scheduler))
                # This process has threads from now on: what it starts itself is not a forked copy.
                setup = self._plan.setup._replace(forked=False)
                self._plan = self._plan._replace(start_method="spawn", setup=setup)
            template = _template(self._plan)
            log = logs.set_up(self._plan.setup.log, self._plan.setup.run_log, lambda: IDLE)
            return self._run(log, template, code)
        except BrokenRun as broken:
            return {"state": "failed", "reason": str(broken), "key": broken.key, "ran": False}
        except (sqlite3.Error, OSError) as error:
            reason = f"The run folder cannot be used: {error}. {KEPT}: free some space, and resume."
            return {"state": "failed", "reason": reason, "ran": True}
        except Exception as error:
            reason = f"Poolhouse itself failed: {type(error).__name__}: {error}. {KEPT}: resume the run."
            return {"state": "failed", "reason": reason, "details": traceback.format_exc(), "ran": True}
        finally:
            template.close()
            if self._link is not None:
                self._link.close()
            if lock is not None:
                lock.close()

    def _connect(self, scheduler: str) -> list[tuple[str, str]]:
        """Connect to the cluster; returns names and paths of the modules that were sent there."""
        from .cluster.crew import begin
        from .cluster.link import Link

        self._link = Link(scheduler, self._plan.workers, self._selector, self._cluster_spoke)
        self._link.connect(lambda: not self.app.is_there)
        return begin(self._plan, self._link)

    def _cluster_spoke(self) -> None:
        if self._loop is not None:
            self._loop.cluster_spoke()

    def _run(self, log: logs.AppendHandler, template: NoTemplate, code: CodeWatch) -> dict[str, Any]:
        plan, data = self._plan, self._data
        path = os.path.join(data["run_folder"], schema.DB)
        os.makedirs(os.path.join(data["run_folder"], schema.LANES), exist_ok=True)
        bring_up_to_date(path)
        store = Store(path)
        if not store.claim(data["previous"], time.time()):
            raise BrokenRun("Another process has continued this run in the meantime.")
        past = Past(store)
        past.forget_failed(only=plan.only)
        tasks = _feed(plan, past, store.folder, self.app)
        store.git = origin.GitState(os.path.dirname(plan.setup.function["file"]) or plan.setup.folder)
        _note_start(store, plan, data, tasks.total)
        spool = os.path.join(data["run_folder"], schema.SPOOL)
        shutil.rmtree(spool, ignore_errors=True)  # of a killed host
        self._loop = Loop(plan, tasks, store, log, self.app, self._selector, template, code, self._link)
        ended: dict[str, Any] = {"reason": "", "key": "", "details": ""}
        try:
            ended["state"] = self._loop.run()
            ended["reason"] = self._loop.control.reason
        except BrokenRun as broken:
            ended.update(state="failed", reason=str(broken), key=broken.key, details=broken.details)
        shutil.rmtree(spool, ignore_errors=True)
        ledger = self._loop.ledger
        if plan.log_result and ended["state"] == "finished":
            _log_result(past, ledger.ok, ledger.failed)
        counts = {"ok": ledger.ok, "failed": ledger.failed, "total": tasks.total}
        _note_end(store, ended, ledger, tasks.total)
        ledger.close()
        past.close()
        store.close()
        put_reader(data["run_folder"])
        return {**ended, **counts, "ran": self._loop.ran}


def _template(plan: Plan) -> NoTemplate:
    if sys.platform == "win32" or plan.start_method != "forkserver":
        return NoTemplate()
    from .processes.template import Template

    try:
        return Template(plan.setup)
    except OSError as error:
        reason = f"The server that forks workers cannot be started: {error}. Try another start method."
        raise BrokenRun(reason, "run.start_method") from error


def _note_start(store: Store, plan: Plan, data: dict[str, Any], total: int | None) -> None:
    store.facts(
        reason="",
        total=total,
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
        **origin.machine(),
    )
    store.stage(plan.setup.function["name"], plan.setup.function["file"] or None)
    if data["previous"] is None:
        store.facts(started=time.time(), name=data["name"], version=data["version"])
    store.commits.commit()


def _note_end(store: Store, ended: dict[str, Any], ledger: Ledger, total: int | None) -> None:
    store.event(schema.ENDED)
    store.facts(
        state=ended["state"],
        reason=ended["reason"],
        ended=time.time(),
        memory=ledger.memory,
        packages=ledger.packages,
        cpu=ledger.cpu,
        own_cpu=ledger.own_cpu,
        waited=ledger.waited,
        intake=ledger.intake,
        lock_held=ledger.lock_held,
        total=total,
    )


def _feed(plan: Plan, past: Past, objects: str, app: App) -> InputQueue | StreamedQueue:
    if plan.inputs["kind"] in STREAMED:
        if plan.only is not None:  # what is left out has not all run: there is nothing to compare with
            todo = within(gaps(past.done(), schema.MOST_TASKS), plan.only)
            return StreamedQueue(gaps(todo, schema.MOST_TASKS), past.inputs_again, plan.limit, objects)
        compare = Comparison(past.input_of, app.notice).compare
        return StreamedQueue(past.done(), past.inputs_again, plan.limit, objects, compare)
    items = sequence(plan.inputs)[: plan.limit or None]
    todo = gaps(past.done(), len(items))
    return InputQueue(items, todo if plan.only is None else within(todo, plan.only))


def _log_result(past: Past, ok: int, failed: int) -> None:
    """Log the ordered results as the parent of a `Pool.map` would."""
    if failed:
        logging.error("Result: not listed, %d of %d tasks failed", failed, ok + failed)
    elif ok > RESULT_LIMIT:
        logging.info("Result: %d results, more than the %d that are listed", ok, RESULT_LIMIT)
    else:
        logging.info("Result: [%s]", ", ".join(past.displayed_results()))
