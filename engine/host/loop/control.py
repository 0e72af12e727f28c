"""The app's requests to a run: they change this state, and the host's loop follows it."""

from __future__ import annotations

from .. import system
from ..processes.worker import WorkerHandle
from ..record import schema
from ..typed import Callable
from .app import App

TERMINATE_SECONDS = 3.0
"""Seconds after a stop until workers are asked to end,"""
KILL_SECONDS = 5.0
"""and until they are killed."""


class Control:
    """Carries out the app's requests.

    `workers` is the loop's list; `retry` queues failed tasks again, `look` asks workers where they are,
    `note` records facts of the run.
    """

    def __init__(
        self,
        workers: list[WorkerHandle],
        size: int,
        retry: Callable[..., object],
        look: Callable[..., object],
        note: Callable[..., None],
    ) -> None:
        self._workers = workers
        self._retry = retry
        self._look = look
        self._note = note
        self._keeps_on = False
        self._stopping_since: float | None = None
        self._ends_workers = True
        """Whether a stop ends workers that take long to finish their tasks."""
        self.size = size
        """Of the pool. Surplus workers leave after their current batch."""
        self.paused = False
        self.reason = ""
        """Why the run stopped early, if it did."""

    @property
    def stopping(self) -> bool:
        """Whether no more tasks may begin."""
        return self._stopping_since is not None

    @property
    def state(self) -> str:
        return "stopping" if self.stopping else "paused" if self.paused else "running"

    def stop(self, reason: str = "It was stopped.") -> None:
        """Begin no more tasks. Running tasks get some seconds to end."""
        if self._stopping_since is None:
            self._stopping_since = system.clock()
            self.reason = reason

    def press(self, worker: WorkerHandle, now: float) -> None:
        """End a worker that takes too long to finish after a stop."""
        if self._stopping_since is None or not self._ends_workers:
            return
        waited = now - self._stopping_since
        if waited >= KILL_SECONDS:
            worker.home.process.kill()
        elif waited >= TERMINATE_SECONDS:
            worker.home.process.terminate()

    def kill_workers(self) -> None:
        for worker in self._workers:
            worker.home.process.kill()

    def be_alone(self) -> None:
        """The app is gone: stop, unless it asked the run to continue."""
        if not self._keeps_on:
            self.stop("The app that started it has ended.")
            self.kill_workers()

    def obey(self, app: App) -> None:
        """Carry out the app's requests."""
        for command in app.commands():
            commands: dict[str, Callable[..., object]] = {
                "stop": self.stop,
                "finish": self._finish,
                "kill": self._kill,
                "pause": lambda: self._pause(True),
                "resume": lambda: self._pause(False),
                "resize": self._resize,
                "kill_worker": self._kill_worker,
                "retry_failed": self._retry,
                "look": self._look,
                "keep_on": self._keep_on,
            }
            commands[command.pop("do")](**command)
        if not app.is_there:
            self.be_alone()

    def _finish(self) -> None:
        """Begin no more tasks. Running tasks get all the time they need."""
        self._ends_workers = False
        self.stop()

    def _kill(self) -> None:
        self._ends_workers = True
        self.stop()
        self.kill_workers()

    def _pause(self, paused: bool) -> None:
        self.paused = paused
        self._note(paused=paused)

    def _resize(self, workers: int) -> None:
        self.size = workers

    def _kill_worker(self, number: int) -> None:
        """End one worker now; its current task fails."""
        for worker in self._workers:
            if worker.number == number:
                worker.end_for(schema.DIED, "The worker was ended by hand")

    def _keep_on(self) -> None:
        """From now on the run continues without its app."""
        self._keeps_on = True
        self._note(kept=True)
