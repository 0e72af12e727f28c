""" "Try one" runs the form's job on its first input, off the GUI thread, and shows the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.job import Job, Problem, display_name
from gui.form import Form
from gui.kit import threads

if TYPE_CHECKING:
    from engine.trial import Trial
    from gui.trial.thread import TrialThread
    from gui.trial.view import TrialPage


class Trials(QObject):
    """The trial of a form's job, at most one at a time."""

    changed = Signal()
    """A trial began or ended."""
    shown = Signal(object)
    """Its page has something to show."""
    left = Signal()
    """Its page has nothing to show any more."""
    asked = Signal()
    """A trial was requested, whatever comes of it."""
    refused = Signal(list)
    """The job has these problems."""
    failed = Signal(object)
    """An internal error of Poolhouse."""

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self._form = form
        self._thread: TrialThread | None = None
        self._wanted = False
        self._page: TrialPage | None = None
        form.settled.connect(self._settled)

    @property
    def page(self) -> TrialPage:
        """The page with the outcome, created for the first trial."""
        if self._page is None:
            from gui.trial.view import TrialPage

            self._page = TrialPage()
            self._page.cancelled.connect(self.cancel)
            self._page.closed.connect(self._leave)
        return self._page

    @property
    def busy(self) -> bool:
        """Whether a trial is running."""
        return self._thread is not None

    def try_one(self) -> None:
        """Run the function on the first input."""
        if self.busy:
            return
        self.asked.emit()
        self._form.reveal()
        if self._form.busy:
            self._wanted = True
        elif own := self._form.own_problems():
            self._refuse(own)
        else:
            self._begin(self._form.job())

    def _settled(self) -> None:
        if self._wanted:
            self._wanted = False
            self.try_one()

    def _begin(self, job: Job) -> None:
        from gui.trial.thread import TrialThread

        thread = self._thread = TrialThread(job, self)
        thread.tried.connect(self._tried)
        thread.refused.connect(self._refuse)
        thread.failed.connect(self.failed)
        thread.finished.connect(self._finished)
        self.page.begin(display_name(job))
        self.shown.emit(self.page)
        self.changed.emit()
        thread.start()

    def cancel(self) -> None:
        """End the trial at once."""
        if self._thread is not None:
            self._thread.cancel()

    def close(self) -> None:
        """End the trial without waiting, as the page closes."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.cancel()
            for signal in (thread.tried, thread.refused, thread.failed, thread.finished):
                signal.disconnect()
            threads.let_end(thread)

    def _tried(self, found: Trial) -> None:
        self.page.show_trial(found)
        if found.key:
            self._form.show_problems([Problem(found.key, found.text)])

    def _refuse(self, found: list[Problem]) -> None:
        self._leave()
        self.refused.emit(found)

    def _finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        if self.page.trying:  # an internal error, reported elsewhere
            self._leave()
        self.changed.emit()

    def _leave(self) -> None:
        if self._page is not None:
            self._page.clear()
        self.left.emit()
