"""The bridge between a live run and the window: one thread that talks to the host."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QObject, QThread, Signal

from engine.job import Job, JobError, pinned, save
from engine.launch import (
    Ended,
    HostHandle,
    LaunchError,
    LinkLost,
    Message,
    Noticed,
    Progress,
    Retried,
    Script,
    Started,
    Workers,
)
from engine.runs import JOB, UnreadableRun, amend, create, open_run

CODE = "code"
"""In the run folder: the function's file, if it changed between Run and the start of the run."""
INTERVAL = 0.05
"""The least number of seconds between two progress signals."""
LISTEN = 0.2
"""The longest time between two checks whether it was asked to leave."""

LEAVE_SECONDS = 5.0
"""How long a run that will continue without the app may take to start."""

Begin = Callable[[Callable[[Path], None], Callable[[], bool]], HostHandle]
"""Connects to a host, unless cancelled meanwhile. Reports the run folder as soon as it is known.

Raises LaunchError.
"""

PRIORITY = "low"
"""The priority of a run whose job sets none: a user in front of a window wants to keep working."""


def new_run(job: Job, root: Path, code: Path | None = None) -> Begin:
    """Run `job` in a new folder below `root`; `code` is its function's file as it was when queued."""

    def begin(opened: Callable[[Path], None], given_up: Callable[[], bool]) -> HostHandle:
        try:
            folder = create(job, root)
            as_queued = _with_code(job, code, folder) if code else job
        except OSError as error:
            raise LaunchError(f"No run folder could be created in {root}: {error.strerror}.") from error
        opened(folder)
        try:
            return HostHandle.start(as_queued, folder, priority=PRIORITY, given_up=given_up)
        except LaunchError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    return begin


def script_run(script: Script, root: Path) -> Begin:
    """Run a script as it is, in a new folder below `root`."""

    def begin(opened: Callable[[Path], None], given_up: Callable[[], bool]) -> HostHandle:
        try:
            folder = script.new_folder(root)
        except OSError as error:
            raise LaunchError(f"No run folder could be created in {root}: {error.strerror}.") from error
        opened(folder)
        try:
            return HostHandle.run_script(script, folder, given_up)
        except LaunchError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    return begin


def _with_code(job: Job, code: Path, folder: Path) -> Job:
    """The job with its function from `code`, kept in the run folder, if the file has changed since."""
    file = job.resolve(job.function.file)
    if file.is_file() and file.read_bytes() == code.read_bytes():
        return job
    (folder / CODE).mkdir()
    kept = shutil.copyfile(code, folder / CODE / file.name)
    changed = job.with_(function=replace(job.function, file=str(kept)))
    save(pinned(changed), folder / JOB)
    return changed


Spans = Sequence[tuple[int, int]]
"""Tasks as (first, stop), in order."""


def resumed_run(folder: Path, changed: Job | None = None, only: Spans | None = None) -> Begin:
    """Continue the run in `folder` with its job as it was run, or with the function of the `changed` one.

    With `only`, run just these tasks.
    """

    def begin(opened: Callable[[Path], None], given_up: Callable[[], bool]) -> HostHandle:
        opened(folder)
        try:
            if changed is not None:
                amend(folder, changed)
            with open_run(folder) as run:
                job = run.job
            return HostHandle.start(job, folder, resume=True, only=only, priority=PRIORITY, given_up=given_up)
        except JobError as error:
            raise LaunchError(f"The job of this run cannot be read: {error}") from error
        except OSError as error:
            raise LaunchError(f"The job of this run cannot be changed: {error}") from error
        except UnreadableRun as error:
            raise LaunchError(str(error)) from error

    return begin


def kept_run(folder: Path) -> Begin:
    """Connect to the run in `folder`, which is running without an app."""

    def begin(opened: Callable[[Path], None], _given_up: Callable[[], bool]) -> HostHandle:
        opened(folder)
        try:
            return HostHandle.attach(folder)
        except UnreadableRun as error:
            raise LaunchError(str(error)) from error

    return begin


class RunBridge(QThread):
    """The bridge of one run.

    After `start` it emits either `refused`, or `started`, `progressed` and finally `ended` or `left`.
    """

    opened = Signal(Path)
    """The run folder exists. If a new run is `refused`, it has been removed again."""
    started = Signal(object)
    """engine.launch.Started"""
    progressed = Signal(object)
    """engine.launch.Progress: the newest, at most 20 a second; the last one is never dropped."""
    looked = Signal(object)
    """engine.launch.Workers, the answer to `look`"""
    retried = Signal(object)
    """engine.launch.Retried, the answer to `retry_failed`"""
    noticed = Signal(str, str)
    """A message for the user, and the reason."""
    ended = Signal(object)
    """engine.launch.Ended; its state is `interrupted` if the host died."""
    refused = Signal(str, str, str)
    """Nothing ran: the key of the faulty field (or empty), the reason, and details."""
    left = Signal()
    """The run continues without this app, as requested."""

    def __init__(self, begin: Begin, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begin_run = begin
        self._lock = Lock()
        self._host: HostHandle | None = None
        self._asked: list[Callable[[HostHandle], None]] = []
        """Requests to send once the host is there."""
        self._leaving = False
        self._stopped = False
        self._left_at = 0.0
        self._started = Started(None, 0, 0.0)
        self._progress = Progress(0, 0, 0)
        self._untold = False
        self._told = 0.0

    # Requests to the run. Each returns immediately, and may be made before the host is there.

    def stop(self) -> None:
        """Stop the run in an orderly way."""
        self._stopped = True
        self._command(HostHandle.stop)

    def finish(self) -> None:
        """Begin no more tasks; running ones may take as long as they need."""
        self._stopped = True
        self._command(HostHandle.finish)

    def kill(self) -> None:
        """End the run now."""
        self._stopped = True
        self._command(HostHandle.kill)

    def pause(self) -> None:
        """Hand out no tasks until `resume`."""
        self._command(HostHandle.pause)

    def resume(self) -> None:
        """Hand out tasks again."""
        self._command(HostHandle.resume)

    def resize(self, workers: int) -> None:
        """Change the size of the pool."""
        self._command(lambda host: host.resize(workers))

    def retry_failed(self, only: Spans | None = None) -> None:
        """Run again the tasks that failed so far, or these of them; `retried` reports how many."""
        self._command(lambda host: host.retry_failed(only))

    def kill_worker(self, number: int) -> None:
        """End one worker."""
        self._command(lambda host: host.kill_worker(number))

    def look(self, *, stacks: bool) -> None:
        """Ask what the workers are doing. `looked` has the answer, with Python stacks if requested."""
        self._command(lambda host: host.look(stacks=stacks))

    def leave(self) -> None:
        """Detach: let the run continue without this app."""
        self._command(HostHandle.keep_on)
        self._left_at = time.monotonic()
        self._leaving = True

    def _command(self, command: Callable[[HostHandle], None]) -> None:
        with self._lock:
            host = self._host
            if host is None:
                self._asked.append(command)
        if host is not None:
            command(host)

    def run(self) -> None:
        try:
            host = self._begin_run(self.opened.emit, self._given_up)
        except LaunchError as error:
            self.refused.emit(error.key, error.reason, error.details)
            return
        with host:
            self._greet(host)
            self._finish(self._drain(host))

    def _given_up(self) -> bool:
        """Whether nobody waits for the host any more."""
        left = self._leaving and time.monotonic() - self._left_at > LEAVE_SECONDS
        return self._stopped or left

    def _greet(self, host: HostHandle) -> None:
        with self._lock:
            self._host = host
            asked = self._asked
        for command in asked:
            command(host)

    def _drain(self, host: HostHandle) -> Ended | LinkLost | None:
        """Pass on the host's messages until the last one; None if the run is left to itself."""
        while not self._leaving:
            message = host.receive(self._patience())
            if isinstance(message, (Ended, LinkLost)):
                return message
            self._hand_on(message)
            self._tell_progress()
        return None

    def _hand_on(self, message: Message | None) -> None:
        if isinstance(message, Started):
            self._started = message
            self.started.emit(message)
        elif isinstance(message, Progress):
            self._progress, self._untold = message, True
        elif isinstance(message, Workers):
            self.looked.emit(message)
        elif isinstance(message, Retried):
            self.retried.emit(message)
        elif isinstance(message, Noticed):
            self.noticed.emit(message.what, message.why)

    def _patience(self) -> float:
        """How long to wait for a message."""
        return max(self._told + INTERVAL - time.monotonic(), 0.0) if self._untold else LISTEN

    def _tell_progress(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._untold and (at_once or now - self._told >= INTERVAL):
            self._told, self._untold = now, False
            self.progressed.emit(self._progress)

    def _finish(self, last: Ended | LinkLost | None) -> None:
        with self._lock:
            self._host = None
        if last is None:
            self.left.emit()
            return
        self._tell_progress(at_once=True)
        if isinstance(last, LinkLost):
            reached = self._progress
            last = Ended("interrupted", last.reason, ok=reached.ok, failed=reached.failed, ran=True)
            last = last._replace(total=self._started.total)
        if last.state == "failed" and not last.ran:
            self.refused.emit(last.key, last.reason, last.details)
        else:
            self.ended.emit(last)
