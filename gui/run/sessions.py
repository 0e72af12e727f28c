"""All live runs of this window, and those that wait for their turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.job import Job, display_name
from engine.progress import Stopwatch
from gui.run.queue import Waiting, new_id
from gui.run.scheduler import Scheduler
from gui.run.state import SCRIPT, RunState, Way

if TYPE_CHECKING:
    from engine.launch import Script
    from engine.runs import Stand
    from gui.run.bridge import Begin, Spans
    from gui.run.session import Session


class Sessions(QObject):
    """Begins runs one after the other, or side by side if the user says so."""

    began = Signal(object)
    """A Session begins, of any kind."""
    finished = Signal(object)
    """A Session is over, and its thread is gone."""
    changed = Signal()
    """The live or waiting runs, or the state of one, have changed."""
    failed = Signal(str, str)
    """A problem with the queue, and why."""

    def __init__(self, root: Path, parent: QObject) -> None:
        """`root` is the folder of all runs; the queue is beside it."""
        super().__init__(parent)
        self.root = root
        self._live: dict[str, Session] = {}
        self._leaving = False
        self._scheduler = Scheduler(root.parent / f"{root.name}-queue", self)
        self._scheduler.begin.connect(self._begin_queued)
        self._scheduler.changed.connect(self.changed)
        self._scheduler.failed.connect(self.failed)

    @property
    def live(self) -> list[Session]:
        """The live runs, in the order in which they began."""
        return list(self._live.values())

    @property
    def queue(self) -> Scheduler:
        """The queue, for reordering."""
        return self._scheduler

    def of(self, folder: Path | None) -> Session | None:
        """The live run in a folder, if this window has it."""
        if folder is None:
            return None
        return next((one for one in self._live.values() if one.state.folder == folder), None)

    def run(self, job: Job, origin: str) -> Waiting | None:
        """Run a job: now, or when earlier ones have ended. None if this was the second press of two."""
        return self._scheduler.run(job, display_name(job), origin)

    def resume(
        self, folder: Path, stand: Stand, changed: Job | None = None, only: Spans | None = None
    ) -> Session:
        """Resume a saved run now; with the code of the `changed` job, and only these tasks, if given."""
        from gui.run.bridge import resumed_run

        return self._take("resume", folder, stand, resumed_run(folder, changed, only))

    def attach(self, folder: Path, stand: Stand) -> Session:
        """Connect to a run that is running without an app."""
        from gui.run.bridge import kept_run

        return self._take("attach", folder, stand, kept_run(folder))

    def run_script(self, script: Script, origin: str) -> Session:
        """Run a script as it is, now and beside others."""
        from gui.run.bridge import script_run
        from gui.run.session import Session

        state = RunState("new", script.path.stem, SCRIPT)
        session = Session(new_id(), state, script_run(script, self.root), self)
        self._scheduler.began(session.id)
        self._hold(session, origin)
        return session

    def leave(self) -> None:
        """The window is about to close: from now on, what waits stays in the queue."""
        self._leaving = True

    def close(self) -> None:
        """The app ends: what waits is kept."""
        self._scheduler.close()

    def _take(self, way: Way, folder: Path, stand: Stand, begin: Begin) -> Session:
        from gui.run.session import Session

        facts = stand.facts
        state = RunState(way, facts.name, facts.mode, folder, watch=Stopwatch(stand.seconds or 0.0))
        session = Session(new_id(), state, begin, self)
        self._scheduler.began(session.id)
        self._hold(session, "")
        return session

    def _begin_queued(self, waiting: Waiting, code: Path | None) -> None:
        from gui.run.bridge import new_run
        from gui.run.session import Session

        job = waiting.job
        state = RunState("new", waiting.name, job.run.mode)
        self._hold(Session(waiting.id, state, new_run(job, self.root, code), self), waiting.origin)

    def _hold(self, session: Session, origin: str) -> None:
        session.origin = origin
        self._live[session.id] = session
        session.opened.connect(lambda: self._scheduler.opened(session.id))
        session.changed.connect(self.changed)
        session.finished.connect(lambda: self._finish(session))
        self.began.emit(session)
        session.start()
        self.changed.emit()

    def _finish(self, session: Session) -> None:
        del self._live[session.id]
        self.finished.emit(session)
        if not self._leaving:
            self._scheduler.ended(session.id)
        self.changed.emit()
        session.deleteLater()
