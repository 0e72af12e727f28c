"""Closing the window while a run goes on: stop it first, or let it go on without the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from gui.kit import ask
from gui.run.runner import Runner

if TYPE_CHECKING:
    from gui.shell.window import Window


class Leaving(QObject):
    """Asks what becomes of the live run, and closes the window when that is done."""

    def __init__(self, window: Window, runner: Runner) -> None:
        super().__init__(window)
        self._window = window
        self._runner = runner
        self._answer = ""
        """`stop` or `keep` once that is settled."""
        window.live.finished.connect(self._run_finished)

    def begin(self) -> None:
        """The window is to be closed while a run goes on."""
        if self._answer:
            if self._answer == "stop":
                self._runner.kill()  # asked a second time: at once
            return
        if self._runner.attaching:
            self._keep()
            return
        answer = ask.live_run(self._window)
        if answer == "cancel":
            return
        if not self._runner.live:  # it ended while the question stood there
            self._close()
        elif answer == "stop":
            self._answer = "stop"
            self._window.live.controls.stop()
        else:
            self._window.document.guard(self._keep)

    def forget(self) -> None:
        """The window stays, or is closing by itself."""
        self._answer = ""

    def _keep(self) -> None:
        self._window.document.modified = False
        if self._runner.live:
            self._answer = "keep"
            self._runner.leave()
        else:
            self._close()

    def _run_finished(self) -> None:
        if self._answer:
            self._close()

    def _close(self) -> None:
        QTimer.singleShot(0, self._window.close)  # a window that is being closed cannot be closed
