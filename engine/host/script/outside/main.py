"""The host of a script: takes the run folder, runs the script, and reports how that ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import sqlite3
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from ... import system
from ...errors import BrokenRun
from ...loop.app import App
from ...record import schema
from ...record.lock import RunLock
from ...record.store import Store
from ...system import Selector
from .run import ScriptRun


class ScriptHost:
    """The host of a script: reports how the run ended, whatever happens."""

    def __init__(self, link: Connection, data: dict[str, Any], selector: Selector) -> None:
        self._data = data
        self._selector = selector
        self._run: ScriptRun | None = None
        self._app = App(link, data["run_folder"], selector, self._app_spoke)

    def _app_spoke(self) -> None:
        if self._run is not None:
            self._run.app_spoke()

    def end_at_once(self) -> None:
        """The guardian is gone, so somebody kills this run."""
        system.end_descendants()
        os._exit(1)

    def run(self) -> None:
        """Run the script to its end."""
        ended = self._ended()
        system.end_descendants()
        self._app.say_last("ended", **ended)

    def _ended(self) -> dict[str, Any]:
        lock: RunLock | None = None
        try:
            lock = RunLock(self._data["run_folder"])
            store = Store(os.path.join(self._data["run_folder"], schema.DB))
            if not store.claim(self._data["previous"], time.time()):
                raise BrokenRun("Another process has this run.")
            self._run = ScriptRun(self._data, store, self._app, self._selector)
            return self._run.run()
        except BrokenRun as broken:
            return {"state": "failed", "reason": str(broken), "key": broken.key, "ran": False}
        except (sqlite3.Error, OSError) as error:
            return {"state": "failed", "reason": f"The run folder cannot be used: {error}.", "ran": True}
        except Exception as error:
            reason = f"Poolhouse itself failed: {type(error).__name__}: {error}."
            return {"state": "failed", "reason": reason, "details": traceback.format_exc(), "ran": True}
        finally:
            if lock is not None:
                lock.close()
