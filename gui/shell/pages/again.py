"""Runs tasks of a run again, beside a form whose code may have changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.job import Job
from gui.form import Form
from gui.kit import ask
from gui.kit.work import Latest
from gui.shell.pages.shown_run import ShownRun

if TYPE_CHECKING:
    from gui.run.bridge import Spans


class Again(QObject):
    """Retries or resumes the current run. If the form has other code, the user chooses which to use."""

    def __init__(self, form: Form, shown: ShownRun, unexpected: Callable[[BaseException], None]) -> None:
        super().__init__(form)
        self._form, self._shown = form, shown
        self._then: Callable[[Job | None], object] = shown.retry
        self._reader = Latest(self)
        self._reader.answered.connect(self._compared)
        self._reader.failed.connect(unexpected)

    def retry(self, tasks: Spans | None = None) -> None:
        """Run the failed tasks again, or those in `tasks`."""
        self._begin(lambda changed: self._shown.retry(changed, tasks))

    def resume(self) -> None:
        """Run all tasks that have no result, or resume a paused run."""
        if self._shown.busy:
            self._shown.resume()
        else:
            self._begin(self._shown.resume)

    def close(self) -> None:
        """The page goes."""
        self._reader.drop()

    def _begin(self, then: Callable[[Job | None], object]) -> None:
        folder, job = self._shown.folder, self._form.job()
        if folder is None:
            return
        self._then = then
        if self._form.busy or self._form.own_problems() or not self._form.function.is_chosen:
            then(None)  # there is no other code
        else:
            self._reader.ask(lambda: (folder, job, _has_code_of(folder, job)))

    def _compared(self, outcome: tuple[Path, Job, bool]) -> None:
        folder, job, same = outcome
        if folder != self._shown.folder:
            return
        answer = "as it was" if same else ask.changed_code(self._form.window(), live=self._shown.busy)
        if answer != "cancel":
            self._then(job if answer == "changed" else None)


def _has_code_of(folder: Path, job: Job) -> bool:
    from engine.runs import open_run, same_code

    with open_run(folder) as run:
        return same_code(run.job, job)
