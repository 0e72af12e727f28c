"""The live run of a window: starts the bridge, keeps its last words, lets go of it in order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from engine.job import Job, display_name
from engine.launch import Ended, Progress, Started
from engine.runs import RunFacts
from gui.run.bridge import Begin, RunBridge, kept_run, new_run, resumed_run

Way = Literal["new", "resume", "attach"]


class Runner(QObject):
    """At most one run at a time."""

    opened = Signal(Path)
    started = Signal(object)
    progressed = Signal(object)
    looked = Signal(object)
    retried = Signal(object)
    noticed = Signal(str, str)
    ended = Signal(object)
    refused = Signal(str, str, str)
    finished = Signal()
    """The bridge is gone; another run may start."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge: RunBridge | None = None
        self.way: Way = "new"
        """How the run came here: begun anew, gone on with, or taken up while it goes on."""
        self.name = ""
        self.mode = ""
        self.folder: Path | None = None
        self.last_started: Started | None = None
        self.last_progress: Progress | None = None
        self.last_ended: Ended | None = None
        self.size = 0
        """Workers that the pool is to have; 0 where that is not known yet."""
        self.stopping = False
        """Whether the live run was asked to stop."""
        self.paused = False
        """Whether it was asked to pause."""
        self.left = False
        """Whether it was let go of, and goes on without this window."""

    @property
    def live(self) -> bool:
        """Whether a run is going on, or being taken up."""
        return self._bridge is not None

    @property
    def attaching(self) -> bool:
        """Whether a run is being taken up and has not answered yet."""
        return self.live and self.way == "attach" and self.last_started is None

    @property
    def has_begun(self) -> bool:
        """Whether the run goes on and its function is loaded."""
        return self.live and self.last_started is not None

    @property
    def state(self) -> str:
        """How the live run stands."""
        if self.last_started is None:
            return "starting"
        return "stopping" if self.stopping else "paused" if self.paused else "running"

    def start(self, job: Job, root: Path) -> None:
        """Run `job`, its folder below `root`."""
        self._begin("new", display_name(job), job.run.mode, new_run(job, root))

    def go_on(self, folder: Path, facts: RunFacts) -> None:
        """Go on with the run in `folder`."""
        self._begin("resume", facts.name, facts.mode, resumed_run(folder))

    def attach(self, folder: Path, facts: RunFacts) -> None:
        """Take up the run in `folder`, which goes on without an app."""
        self._begin("attach", facts.name, facts.mode, kept_run(folder))

    def _begin(self, way: Way, name: str, mode: str, begin: Begin) -> None:
        self._forget()
        self.way, self.name, self.mode = way, name, mode
        bridge = RunBridge(begin)
        bridge.opened.connect(self._open)
        bridge.started.connect(self._start)
        bridge.progressed.connect(self._progress)
        bridge.looked.connect(self.looked)
        bridge.retried.connect(self.retried)
        bridge.noticed.connect(self.noticed)
        bridge.ended.connect(self._end)
        bridge.refused.connect(self._refuse)
        bridge.left.connect(self._leave)
        bridge.finished.connect(self._finish)
        self._bridge = bridge
        bridge.start()

    # What can be asked of the live run. Nothing happens where there is none.

    def stop(self) -> None:
        """Stop the run in order."""
        if self._bridge is not None:
            self.stopping = True
            self._bridge.stop()

    def finish(self) -> None:
        """Begin no more tasks, and let those that run end."""
        if self._bridge is not None:
            self.stopping = True
            self._bridge.finish()

    def kill(self) -> None:
        """End the run at once."""
        if self._bridge is not None:
            self.stopping = True
            self._bridge.kill()

    def pause(self, paused: bool) -> None:
        """Hand out no more tasks, or hand them out again."""
        if self._bridge is not None:
            self.paused = paused
            self._bridge.pause() if paused else self._bridge.resume()

    def resize(self, workers: int) -> None:
        """Change the size of the pool."""
        if self._bridge is not None:
            self.size = workers
            self._bridge.resize(workers)

    def kill_worker(self, number: int) -> None:
        """End one worker."""
        if self._bridge is not None:
            self._bridge.kill_worker(number)

    def retry_failed(self) -> None:
        """Run the tasks that failed so far again."""
        if self._bridge is not None:
            self._bridge.retry_failed()

    def look(self, *, stacks: bool) -> None:
        """Ask what the workers are on."""
        if self._bridge is not None:
            self._bridge.look(stacks=stacks)

    def leave(self) -> None:
        """Let the run go on without this window, and let go of it."""
        if self._bridge is not None:
            self._bridge.leave()

    # What the bridge tells.

    def _open(self, folder: Path) -> None:
        self.folder = folder
        self.opened.emit(folder)

    def _start(self, started: Started) -> None:
        self.last_started, self.size = started, started.workers
        self.started.emit(started)

    def _progress(self, progress: Progress) -> None:
        if self.last_progress is None and self.way == "attach":
            self.paused = progress.state == "paused"  # from then on it is as this window says
        self.stopping = self.stopping or progress.state == "stopping"
        self.last_progress = progress
        self.progressed.emit(progress)

    def _end(self, ended: Ended) -> None:
        self.last_ended = ended
        self.ended.emit(ended)

    def _refuse(self, key: str, reason: str, details: str) -> None:
        self._forget()
        self.refused.emit(key, reason, details)

    def _leave(self) -> None:
        self.left = True

    def _forget(self) -> None:
        self.name, self.folder, self.last_started, self.last_progress = "", None, None, None
        self.last_ended, self.size = None, 0
        self.stopping = self.paused = self.left = False

    def _finish(self) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.wait()
            bridge.deleteLater()
        self.finished.emit()
