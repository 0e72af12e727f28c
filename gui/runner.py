"""The live run of a window: starts the bridge, keeps its last words, lets go of it in order."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.job import Job
from engine.launch import Ended, Progress, Started
from gui.bridge import RunBridge


class Runner(QObject):
    """At most one run at a time."""

    opened = Signal(Path)
    started = Signal(object)
    progressed = Signal(object)
    ended = Signal(object)
    refused = Signal(str, str, str)
    finished = Signal()
    """The bridge is gone; another run may start."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge: RunBridge | None = None
        self.job: Job | None = None
        self.folder: Path | None = None
        self.last_started: Started | None = None
        self.last_progress: Progress | None = None
        self.last_ended: Ended | None = None
        self.stopping = False
        """Whether the live run was asked to stop."""

    @property
    def live(self) -> bool:
        """Whether a run is going on."""
        return self._bridge is not None

    def start(self, job: Job, root: Path) -> None:
        """Run `job`, its folder below `root`."""
        self._forget()
        self.job = job
        bridge = RunBridge(job, root)
        bridge.opened.connect(self._open)
        bridge.started.connect(self._start)
        bridge.progressed.connect(self._progress)
        bridge.ended.connect(self._end)
        bridge.refused.connect(self._refuse)
        bridge.finished.connect(self._finish)
        self._bridge = bridge
        bridge.start()

    def stop(self) -> None:
        """Stop the run in order."""
        if self._bridge is not None:
            self.stopping = True
            self._bridge.stop()

    def kill(self) -> None:
        """End the run at once."""
        if self._bridge is not None:
            self._bridge.kill()

    def _open(self, folder: Path) -> None:
        self.folder = folder
        self.opened.emit(folder)

    def _start(self, started: Started) -> None:
        self.last_started = started
        self.started.emit(started)

    def _progress(self, progress: Progress) -> None:
        self.last_progress = progress
        self.progressed.emit(progress)

    def _end(self, ended: Ended) -> None:
        self.last_ended = ended
        self.ended.emit(ended)

    def _refuse(self, key: str, reason: str, details: str) -> None:
        self._forget()  # its folder is gone
        self.refused.emit(key, reason, details)

    def _forget(self) -> None:
        self.job, self.folder, self.last_started, self.last_progress = None, None, None, None
        self.last_ended, self.stopping = None, False

    def _finish(self) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.wait()
            bridge.deleteLater()
        self.finished.emit()
