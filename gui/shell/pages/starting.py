"""From the form's job to its run: wait for the form, check the job, pass it on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.job import Job, Problem
from gui.form import Form
from gui.kit.work import Latest


class Starting(QObject):
    """Checks the job of a form, and passes it on if nothing is wrong."""

    changed = Signal()
    """A check began or ended."""
    accepted = Signal(object)
    """The valid job."""
    refused = Signal(list)
    """The problems found."""

    def __init__(self, form: Form, unexpected: Callable[[BaseException], None]) -> None:
        super().__init__(form)
        self._form = form
        self._unexpected = unexpected
        self._wanted = False
        self.checking = False
        """Whether a job is being checked before its run."""
        self._checker = Latest(self)
        self._checker.answered.connect(self._checked)
        self._checker.failed.connect(self._failed)
        form.settled.connect(self._settled)

    def run(self) -> None:
        """Check the form's job, and pass it on."""
        if self.checking:
            return
        self._form.reveal()
        if self._form.busy:
            self._wanted = True
            return
        job = self._form.job()
        self.checking = True
        self._checker.ask(lambda: _examined(job))
        self.changed.emit()

    def forget(self) -> None:
        """The form shows another job: what is being checked is not run."""
        self._wanted = self.checking = False
        self._checker.drop()
        self.changed.emit()

    def _settled(self) -> None:
        if self._wanted:
            self._wanted = False
            self.run()

    def _checked(self, outcome: tuple[Job, list[Problem]]) -> None:
        job, found = outcome
        self.checking = False
        problems = self._form.all_problems(found)
        if problems:
            self.refused.emit(found)
        else:
            self._form.show_problems(found)
            self.accepted.emit(job)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.checking = False
        self._unexpected(error)
        self.changed.emit()


def _examined(job: Job) -> tuple[Job, list[Problem]]:
    from engine.check import check

    return job, check(job)
