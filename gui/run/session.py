"""One live run: starts its bridge, keeps its state, and passes on requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.launch import Ended, Progress, Started
from gui.run.bridge import Begin, RunBridge, Spans
from gui.run.state import RunState


class Session(QObject):
    """A run from its start to its end, or until the app detaches from it. Used once."""

    changed = Signal()
    """`state` has changed."""
    opened = Signal()
    """Its folder is known."""
    started = Signal()
    grew = Signal()
    """More tasks have ended, or its state has changed."""
    looked = Signal(object)
    """engine.launch.Workers"""
    retried = Signal(object)
    """engine.launch.Retried"""
    noticed = Signal(str, str)
    ended = Signal()
    refused = Signal(str, str, str)
    """Nothing ran: the key of the faulty field (or empty), the reason, and details."""
    finished = Signal()
    """The bridge is gone: the last signal."""

    def __init__(self, id_: str, state: RunState, begin: Begin, parent: QObject) -> None:
        super().__init__(parent)
        self.id = id_
        self.state = state
        self.origin = ""
        """What it was started from: the page that shows it."""
        bridge = self._bridge = RunBridge(begin)
        bridge.opened.connect(self._open)
        bridge.started.connect(self._start)
        bridge.progressed.connect(self._progress)
        bridge.looked.connect(self.looked)
        bridge.retried.connect(self.retried)
        bridge.noticed.connect(self.noticed)
        bridge.ended.connect(self._end)
        bridge.refused.connect(self.refused)
        bridge.left.connect(self._leave)
        bridge.finished.connect(self._finish)
        self.live = True

    def start(self) -> None:
        """Begin. Signals report what happens."""
        self._bridge.start()

    # Requests to the run.

    def stop(self) -> None:
        """Stop in an orderly way; the second time, at once."""
        if self.state.stopping:
            self.kill()
        else:
            self._stopping(RunBridge.stop)

    def finish(self) -> None:
        """Begin no more tasks; running ones may take as long as they need."""
        self._stopping(RunBridge.finish)

    def kill(self) -> None:
        """End it immediately."""
        self._stopping(RunBridge.kill)

    def pause(self, paused: bool) -> None:
        """Pause or resume."""
        if self.live and self.state.begun and not self.state.stopping:
            self.state.take_pause(paused, time.monotonic())
            self._bridge.pause() if paused else self._bridge.resume()
            self.changed.emit()

    def resize(self, workers: int) -> None:
        """Change the size of the pool."""
        if self.live:
            self.state.size = workers
            self._bridge.resize(workers)

    def kill_worker(self, number: int) -> None:
        """End one worker."""
        if self.live:
            self._bridge.kill_worker(number)

    def retry_failed(self, only: Spans | None = None) -> None:
        """Run again the tasks that failed so far, or these of them."""
        if self.live:
            self._bridge.retry_failed(only)

    def look(self, stacks: bool) -> None:
        """Ask what the workers are doing."""
        if self.live:
            self._bridge.look(stacks=stacks)

    def leave(self) -> None:
        """Detach: let it continue without this app."""
        if self.live:
            self._bridge.leave()

    def _stopping(self, how: Callable[[RunBridge], None]) -> None:
        if self.live:
            self.state.stopping = True
            how(self._bridge)
            self.changed.emit()

    # Messages from the bridge.

    def _open(self, folder: Path) -> None:
        self.state.folder = folder
        self.opened.emit()
        self.changed.emit()

    def _start(self, started: Started) -> None:
        self.state.take_started(started, time.monotonic())
        self.started.emit()
        self.changed.emit()

    def _progress(self, progress: Progress) -> None:
        self.state.take_progress(progress, time.monotonic())
        self.grew.emit()
        self.changed.emit()

    def _end(self, ended: Ended) -> None:
        self.state.take_end(ended, time.monotonic())
        self.grew.emit()
        self.ended.emit()
        self.changed.emit()

    def _leave(self) -> None:
        self.state.left = True

    def _finish(self) -> None:
        self._bridge.wait()
        self._bridge.deleteLater()
        self.live = False
        self.finished.emit()
