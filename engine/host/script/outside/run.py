"""The run of a script: one loop, from its lock to its last fact."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import signal
import time

from ... import system
from ...errors import BrokenRun
from ...loop.app import App
from ...loop.at_hand import AtHand
from ...loop.counts import Counted
from ...loop.elapsed import Elapsed
from ...record import output, schema
from ...record.reading_back import put_reader
from ...record.store import Store
from ...system import Orphans, Selector
from ...typed import Any, Callable
from . import program
from .family import Family
from .ledger import Ledger
from .place import Place
from .program import Program
from .stacks import Look, Main

WATCH_SECONDS = 0.2
LOOK_SECONDS = 1.0
STOP_SECONDS = 3.0
"""Seconds that a script has to end after a request, before it is forced to."""
END_SECONDS = 10.0
"""Seconds that killed processes have to end."""
POLL_SECONDS = 0.002
STOPPING = {
    -signal.SIGINT: "It was stopped by Ctrl-C.",
    -signal.SIGHUP: "It was stopped, since its terminal was closed.",
}
"""Why it was stopped if the terminal did that, by exit code."""
FOLDER_GONE = "The run folder was removed or replaced during the run."


class ScriptRun:
    """The parts of the run. It listens to `app`; the `Family` listens to all processes of the script."""

    def __init__(
        self,
        data: dict[str, Any],
        store: Store,
        app: App,
        selector: Selector,
        place: Place,
        program: Program,
    ) -> None:
        self._data = data
        self._script: dict[str, Any] = data["script"]
        self._store = store
        self._app = app
        self._selector = selector
        self._place = place
        self._program = program
        self._ledger = Ledger(store)
        self._family = Family(place, selector, store, self._ledger, data["run_folder"])
        self._family.size = self._script["workers"]
        self._counted = Counted(self._ledger, store, self._tell_progress)
        self._at_hand = AtHand(store, self._family.hands)
        self._elapsed = Elapsed(0.0, store.facts)
        self._orphans = Orphans(end=True)
        self._looks: list[Look] = []
        self._stopped = ""
        """Why it was stopped, if it was."""
        self._stop_due: float | None = None
        self._looked_at = 0.0
        self._began = time.time()
        self._is_code_kept = False

    def run(self) -> dict[str, Any]:
        """Follow the main process to its end; returns the message about that."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop("It was asked to end by SIGTERM."))
        self._selector.add(self._store.commits.ended, self._counted.take_in)
        self._app.tell("started", total=None, workers=self._family.size, time=time.time())
        self._store.worker_started(schema.MAIN, self._program.pid, self._program.began)
        self._program.identified = self._identified
        if self._program.interpreter is not None:
            self._identified(self._program.interpreter)
        try:
            while self._program.exit_code is None:
                self._selector.wait(self._patience())
                self._look_around(system.clock())
            self._program.listen()
            if self._program.interpreter is None and not self._stopped:
                raise program.not_started(self._script["command"][0], self._program.exit_code)
            return self._ended(self._program.exit_code)
        finally:
            self._clear_away()

    def _identified(self, interpreter: dict[str, Any]) -> None:
        """The script's interpreter has said what it is. Raises `BrokenRun` if it is too old."""
        program.require_new_enough(self._script["command"][0], interpreter["python"])
        self._store.facts(**interpreter)

    def _ended(self, code: int) -> dict[str, Any]:
        self._family.hear_the_rest()
        name = system.describe_exit(code)[1]
        self._store.worker_ended(schema.MAIN, time.time(), code, name, None)
        if self._stopped or code in STOPPING:
            state, reason = "stopped", self._stopped or STOPPING[code]
        elif code:
            last = self._family.traceback.rstrip().rpartition("\n")[2]
            state, reason = "failed", last or program.how_it_ended(code)
        else:
            state, reason = "finished", ""
        self._at_hand.end()
        self._keep_code()
        self._counted.all()
        self._elapsed.keep()
        self._store.facts(
            state=state,
            reason=reason,
            ended=time.time(),
            total=self._ledger.submitted,
            status=code,
            workers=self._family.most,
        )
        self._store.event(schema.ENDED)
        counts = {"ok": self._store.ok, "failed": self._store.failed, "total": self._ledger.submitted}
        self._store.close()
        put_reader(self._data["run_folder"])
        details = self._family.traceback if state == "failed" else ""
        ended = {"state": state, "reason": reason, "details": details, "status": code, "ran": True}
        return {**ended, **counts, "line_open": self._place.is_line_open()}

    def _clear_away(self) -> None:
        """End all that the script has left."""
        due = time.monotonic() + END_SECONDS
        self._program.kill()
        while self._program.exit_code is None and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        while self._orphans.look((), everybody=True) and time.monotonic() < due:
            time.sleep(POLL_SECONDS)
        self._family.close()

    # timers

    def _patience(self) -> float:
        now = system.clock()
        patience = min([WATCH_SECONDS, *(pool.patience() for pool in self._family.pools)])
        if self._family.is_one_ending:
            patience = min(patience, 0.02)
        patience = min([patience, *(look.patience(now) for look in self._looks)])
        if (commit := self._counted.patience(now)) is not None:
            patience = min(patience, commit)
        return max(0.0, patience)

    def _look_around(self, now: float) -> None:
        for pool in self._family.pools:
            pool.call_back()
            pool.feed()
            pool.flush()
        if now >= self._at_hand.due:
            self._at_hand.look(now)
            self._ledger.look()
        self._counted.look(now, False)
        self._looks = [look for look in self._looks if not look.look(now)]
        if self._stop_due is not None and now >= self._stop_due:
            self._program.kill()
        if self._family.is_one_ending:
            self._family.look_at_workers()
        if now >= self._looked_at + LOOK_SECONDS:
            self._looked_at = now
            self._look_seldom(now)

    def _keep_code(self) -> None:
        """Keep a copy of the script, unless it was changed after it began."""
        from ...record.code import CodeKeeper, stamp  # not at the start: main is waiting for its pools then

        if self._is_code_kept:
            return
        self._is_code_kept = True
        state = stamp(self._script["path"])
        if state is not None and state[0] < self._began * 1e9:
            CodeKeeper(self._data["run_folder"]).keep([("", self._script["path"])], False)

    def _look_seldom(self, now: float) -> None:
        if time.time() >= self._began + LOOK_SECONDS:
            self._keep_code()
        self._elapsed.look(now)
        self._family.look()
        self._orphans.look({self._program.pid})
        output.bound_all(self._data["run_folder"])
        if not self._store.is_in_place():
            raise BrokenRun(FOLDER_GONE)
        if not self._app.is_there and self._app.look_for_another():
            self._app.tell("started", total=None, workers=self._family.size, time=time.time())
        self._tell_progress()

    def _tell_progress(self) -> None:
        ok, failed = self._counted.ok, self._counted.failed
        workers = len(self._family.workers)
        state = "stopping" if self._stopped else "paused" if self._family.paused else "running"
        total = self._ledger.submitted
        self._app.tell_state(
            "progress", ok=ok, failed=failed, total=total, workers=workers, state=state, share=None
        )

    # the app's requests

    def app_spoke(self) -> None:
        """The app has sent something, or is gone."""
        commands: dict[str, Callable[..., object]] = {
            "stop": self._stop,
            "finish": self._stop,
            "kill": self._kill,
            "interrupt": self._interrupt,
            "pause": lambda: self._pause(True),
            "resume": lambda: self._pause(False),
            "resize": self._family.resize,
            "kill_worker": self._kill_worker,
            "retry_failed": self._cannot_retry,
            "look": self._tell_where,
            "keep_on": self._keep_on,
        }
        for command in self._app.commands():
            commands[command.pop("do")](**command)
        if not self._app.is_there and not self._keeps_on:
            self._stopped = self._stopped or "The app that started it has ended."
            self._kill()
        self._tell_progress()

    _keeps_on = False

    def _keep_on(self) -> None:
        self._keeps_on = True
        self._store.facts(kept=True)

    def _stop(self, reason: str = "It was stopped.") -> None:
        self._stopped = self._stopped or reason
        if self._stop_due is None:
            self._stop_due = system.clock() + STOP_SECONDS
            self._program.send(signal.SIGTERM)

    def _kill(self) -> None:
        self._stopped = self._stopped or "It was stopped."
        self._program.kill()

    def _interrupt(self) -> None:
        """Ctrl-C that the terminal has not sent to the script itself."""
        self._program.send(signal.SIGINT)

    def _pause(self, paused: bool) -> None:
        self._family.pause(paused)
        self._store.facts(paused=paused)
        if self._elapsed.turn(paused):
            self._store.event(schema.PAUSED if paused else schema.RESUMED)

    def _kill_worker(self, number: int) -> None:
        for worker in self._family.workers:
            if worker.number == number:
                worker.kill()

    def _cannot_retry(self) -> None:
        self._app.tell(
            "retried", tasks=0, reason="The tasks of a script are called by the script: run it again."
        )

    def _tell_where(self, stacks: bool = False) -> None:
        """Where is it now?"""
        main = Main(self._place.slot(schema.MAIN), self._program.pid, self._program.started_at)
        told = self._app.tell
        self._looks.append(
            Look(main, self._family.workers, stacks, lambda found: told("workers", workers=found))
        )
