"""Try one: the form's job on its first input, off the GUI thread, and what is shown of it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from engine.job import Job, Problem, check, display_name
from engine.launch import Host
from engine.trial import Trial, trial
from gui.trial.view import TrialPage

if TYPE_CHECKING:
    from gui.shell.window import Window


class TrialThread(QThread):
    """Checks and tries one job; one of its signals comes, and then `finished`."""

    tried = Signal(object)
    """engine.trial.Trial"""
    refused = Signal(list)
    """The problems that the check found."""
    failed = Signal(object)
    """An exception that is Poolhouse's own."""

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self._job = job
        self._lock = Lock()
        self._host: Host | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """End the trial now. Returns at once."""
        with self._lock:
            self._cancelled = True
            if self._host is not None:
                self._host.kill()

    def _hold(self, host: Host) -> None:
        with self._lock:
            self._host = host
            if self._cancelled:
                host.kill()

    def run(self) -> None:
        try:
            if found := check(self._job):
                self.refused.emit(found)
            else:
                self.tried.emit(trial(self._job, self._hold))
        except Exception as error:  # noqa: BLE001 - told in the window
            self.failed.emit(error)


class Trials(QObject):
    """The window's trial, at most one at a time."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._thread: TrialThread | None = None
        self._wanted = False
        self.page = TrialPage()
        window.stack.addWidget(self.page)
        self.page.cancelled.connect(self.cancel)
        self.page.closed.connect(self._leave)
        window.form.settled.connect(self._settled)

    @property
    def busy(self) -> bool:
        """Whether a trial goes on."""
        return self._thread is not None

    def try_one(self) -> None:
        """Run the function on the first input."""
        window = self._window
        if self.busy:
            return
        window.banner.hide()
        window.form.reveal()
        if window.form.busy:
            self._wanted = True
        elif own := window.form.own_problems():
            self._refused(own)
        else:
            self._begin(window.form.job())

    def _settled(self) -> None:
        if self._wanted:
            self._wanted = False
            self.try_one()

    def _begin(self, job: Job) -> None:
        thread = self._thread = TrialThread(job, self)
        thread.tried.connect(self._tried)
        thread.refused.connect(self._refused)
        thread.failed.connect(self._window.unexpected)
        thread.finished.connect(self._finished)
        self.page.begin(display_name(job))
        self._window.stack.setCurrentWidget(self.page)
        self._enable()
        thread.start()

    def cancel(self) -> None:
        """End the trial at once."""
        if self._thread is not None:
            self._thread.cancel()

    def close(self) -> None:
        """End the trial, and wait until it has: the window goes."""
        if self._thread is not None:
            self._thread.cancel()
            self._thread.wait()

    def _tried(self, found: Trial) -> None:
        self.page.show_trial(found)
        if found.key:
            self._window.form.show_problems([Problem(found.key, found.text)])

    def _refused(self, found: list[Problem]) -> None:
        self._leave()
        self._window.form.show_problems(found)
        problems = self._window.form.all_problems(found)
        self._window.live.nothing_ran(problems[0].key, len(problems))

    def _finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        if self.page.trying:  # it failed in Poolhouse itself, which the banner says
            self._leave()
        self._enable()

    def _leave(self) -> None:
        """Show again what stood there before."""
        window = self._window
        self.page.clear()
        if window.stack.currentWidget() is self.page:
            window.stack.setCurrentWidget(window.tabs if window.live.shown else window.welcome)

    def _enable(self) -> None:
        for widget in (self._window.header.try_one, self._window.menus.try_one):
            widget.setEnabled(not self.busy)
