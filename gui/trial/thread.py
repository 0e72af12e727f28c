"""The thread that checks and tries one job."""

from __future__ import annotations

from threading import Lock

from PySide6.QtCore import QObject, QThread, Signal

from engine.check import check
from engine.job import Job
from engine.launch import HostHandle
from engine.trial import trial


class TrialThread(QThread):
    """Checks and tries one job; emits one of its signals, then `finished`."""

    tried = Signal(object)
    """engine.trial.Trial"""
    refused = Signal(list)
    """The problems that the check found."""
    failed = Signal(object)
    """An internal error of Poolhouse."""

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self._job = job
        self._lock = Lock()
        self._host: HostHandle | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """End the trial now. Returns immediately."""
        with self._lock:
            self._cancelled = True
            if self._host is not None:
                self._host.kill()

    def _hold(self, host: HostHandle) -> None:
        with self._lock:
            self._host = host
            if self._cancelled:
                host.kill()

    def run(self) -> None:
        try:
            if found := check(self._job):
                self.refused.emit(found)
            else:
                self.tried.emit(trial(self._job, self._hold, lambda: self._cancelled))
        except Exception as error:  # noqa: BLE001 - told in the window
            self.failed.emit(error)
