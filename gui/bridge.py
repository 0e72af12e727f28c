"""The bridge from a live run to the window: one thread that starts the host and hands on what it tells."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QObject, QThread, Signal

from engine.job import Job
from engine.launch import Ended, Host, LaunchError, LinkLost, Progress, Started
from engine.runs import create

INTERVAL = 0.05
"""Seconds between two signals of progress, at the least."""


class RunBridge(QThread):
    """Runs one job. After `start` comes either `refused`, or `started`, `progressed` and at last `ended`."""

    opened = Signal(Path)
    """The run folder is made. Where `refused` follows, it is gone again."""
    started = Signal(object)
    """engine.launch.Started"""
    progressed = Signal(object)
    """engine.launch.Progress: the newest, at most 20 a second, and the last one always."""
    ended = Signal(object)
    """engine.launch.Ended; its state is `interrupted` where the host died."""
    refused = Signal(str, str, str)
    """Nothing ran: the key of the field at fault (or empty), the reason, and details."""

    def __init__(self, job: Job, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._runs = runs
        self._lock = Lock()
        self._host: Host | None = None
        self._asked = ""
        self._started = Started(None, 0, 0.0)
        self._progress = Progress(0, 0, 0)
        self._untold = False
        self._told = 0.0

    def stop(self) -> None:
        """Let the run end in order. Returns at once."""
        self._command("stop")

    def kill(self) -> None:
        """End the run now. Returns at once."""
        self._command("kill")

    def _command(self, command: str) -> None:
        with self._lock:
            self._asked = command
            host = self._host
        if host:
            _tell(host, command)

    def run(self) -> None:
        try:
            folder = create(self._job, self._runs)
        except OSError as error:
            self.refused.emit("", f"No run folder could be made in {self._runs}: {error.strerror}.", "")
            return
        self.opened.emit(folder)
        try:
            host = Host.start(self._job, folder)
        except LaunchError as error:
            shutil.rmtree(folder, ignore_errors=True)
            self.refused.emit(error.key, error.reason, error.details)
            return
        with host:
            self._begin(host)
            self._finish(self._drain(host))

    def _begin(self, host: Host) -> None:
        with self._lock:
            self._host = host
            asked = self._asked
        if asked:
            _tell(host, asked)

    def _drain(self, host: Host) -> Ended | LinkLost:
        """Hand on what the host tells until its last word."""
        while True:
            message = host.receive(self._patience())
            if isinstance(message, (Ended, LinkLost)):
                return message
            if isinstance(message, Started):
                self._started = message
                self.started.emit(message)
            elif isinstance(message, Progress):
                self._progress, self._untold = message, True
            self._tell_progress()

    def _patience(self) -> float | None:
        """How long to wait for a message: for ever, unless there is progress to tell."""
        return max(self._told + INTERVAL - time.monotonic(), 0.0) if self._untold else None

    def _tell_progress(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._untold and (at_once or now - self._told >= INTERVAL):
            self._told, self._untold = now, False
            self.progressed.emit(self._progress)

    def _finish(self, last: Ended | LinkLost) -> None:
        with self._lock:
            self._host = None
        self._tell_progress(at_once=True)
        if isinstance(last, LinkLost):
            reached = self._progress
            last = Ended("interrupted", last.reason, ok=reached.ok, failed=reached.failed, ran=True)
            last = replace(last, total=self._started.total)
        if last.state == "failed" and not last.ran:
            self.refused.emit(last.key, last.reason, last.details)
        else:
            self.ended.emit(last)


def _tell(host: Host, command: str) -> None:
    if command == "kill":
        host.kill()
    else:
        host.stop()
