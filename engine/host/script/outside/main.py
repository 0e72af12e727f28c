"""The host of a script: starts the script, takes the run folder meanwhile, and says how that ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import time
from multiprocessing.connection import Connection

from ... import system
from ...errors import BrokenRun
from ...loop.app import App
from ...record import schema
from ...system import Selector
from ...system.stdio import redirect_output
from ...typed import TYPE_CHECKING, Any
from . import program
from .place import Place
from .program import Program

if TYPE_CHECKING:
    from ...processes.guardian import Guardian
    from ...record.lock import RunLock
    from ...record.store import Store
    from .main_process import MainProcess
    from .run import ScriptRun


def run_script(
    link: Connection,
    guardian: Guardian | None,
    data: dict[str, Any],
    begun: tuple[Place, MainProcess] | None = None,
) -> None:
    """Run a script as it is, whose main process is a child of this one, and may have `begun`."""
    system.adopt_orphans()
    redirect_output(os.path.join(data["run_folder"], schema.OUTPUT))
    os.chdir(data["run_folder"])
    selector = system.Selector()
    host = ScriptHost(link, data, selector, guardian, begun)
    if guardian is not None:
        selector.add(guardian.alive, host.end_at_once)
    host.run()


class ScriptHost:
    """The host of a script: reports how the run ended, whatever happens."""

    def __init__(
        self,
        link: Connection,
        data: dict[str, Any],
        selector: Selector,
        guardian: Guardian | None,
        begun: tuple[Place, MainProcess] | None,
    ) -> None:
        self._data = data
        self._guardian = guardian
        self._begun = begun
        self._place: Place | None = None
        self._selector = selector
        self._run: ScriptRun | None = None
        self._lock: RunLock | None = None
        self._app = App(link, data["run_folder"], selector, self._app_spoke)

    def _app_spoke(self) -> None:
        if self._run is not None:
            self._run.app_spoke()

    def end_at_once(self) -> None:
        """The guardian is gone, so somebody kills this run."""
        system.end_descendants()
        if self._place is not None:
            self._place.close()
        os._exit(1)

    def run(self) -> None:
        """Run the script to its end."""
        try:
            ended = self._ended()
        except Exception as error:
            ended = _failed(error, has_run=self._run is not None)
        finally:
            if self._lock is not None:
                self._lock.close()
        system.end_descendants()
        self._app.say_last("ended", **ended)

    def _ended(self) -> dict[str, Any]:
        place, process = self._begun or (Place(), None)
        self._place = place
        if self._guardian is not None and process is None:
            self._guardian.remove(place.folder)
        try:
            main = Program(process or program.start(self._data["script"]), self._selector)
            try:
                store = self._taken(process.began if process else time.time())
                if process is None:
                    main.begin(place, self._data["run_folder"])
                from .run import ScriptRun

                self._run = ScriptRun(self._data, store, self._app, self._selector, place, main)
                return self._run.run()
            finally:
                main.close()
        finally:
            place.close()

    def _taken(self, started: float) -> Store:
        """Take the run folder. What that needs is loaded while the script's interpreter starts up."""
        from ...record.lock import RunLock
        from ...record.store import Store
        from .start import note_start

        system.raise_file_limit()  # for many workers; the script has its own limit by now
        self._lock = RunLock(self._data["run_folder"])
        store = Store(os.path.join(self._data["run_folder"], schema.DB))
        if not store.claim(self._data["previous"], time.time()):
            raise BrokenRun("Another process has this run.")
        note_start(self._data, store, started)
        return store


def _failed(error: Exception, has_run: bool) -> dict[str, Any]:
    """How the run ended if it broke; `has_run` says whether the script may have begun."""
    import errno
    import sqlite3
    import traceback

    if isinstance(error, BrokenRun):
        return {"state": "failed", "reason": str(error), "key": error.key, "ran": has_run and not error.key}
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        reason = f"The run cannot go on: {system.what_is_short(error)}."
        return {"state": "failed", "reason": reason, "ran": True}
    if isinstance(error, (sqlite3.Error, OSError)):
        return {"state": "failed", "reason": f"The run folder cannot be used: {error}.", "ran": True}
    reason = f"Poolhouse itself failed: {type(error).__name__}: {error}."
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return {"state": "failed", "reason": reason, "details": details, "ran": True}
