"""The page that compares ways to run a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from weakref import ref

from engine.job import Job, Problem, Run
from gui.commands import buttons
from gui.compare.view import CompareView
from gui.kit.widgets import restyle
from gui.shell.pages.job import JobPage
from gui.shell.pages.page import Page, Services

BUTTONS = ("compare.begin", "compare.cancel", "compare.use")


class ComparePage(Page):
    """Measures a job as the form had it, and offers the best way to that form."""

    kind = "compare"

    def __init__(self, services: Services, page: JobPage, job: Job, name: str) -> None:
        super().__init__(services)
        self.job = job
        self.name = name
        self._of = ref(page)
        self.buttons = {id_: buttons.push_button(services.actions, id_) for id_ in BUTTONS}
        self.view = CompareView(job, tuple(self.buttons.values()))
        self.whole.addWidget(self.banner)
        self.whole.addWidget(self.view, 1)
        self.view.changed.connect(self._view_changed)
        self.view.refused.connect(self._refused)
        self.view.failed.connect(services.unexpected)

        self._view_changed()

    def _view_changed(self) -> None:
        """The next button to press stands out."""
        done = self.view.verdict is not None and not self.view.busy
        restyle(self.buttons["compare.begin"], "primary", not done)
        restyle(self.buttons["compare.use"], "primary", done)
        self.changed.emit()

    @property
    def title(self) -> str:
        return f"{self.name}: compare"

    def is_of(self, page: JobPage) -> bool:
        """Whether it compares the job of that page."""
        return self._of() is page

    def advised_run(self) -> Run | None:
        """The job's run as advised; None before the verdict."""
        found = self.view.verdict
        if found is None:
            return None
        run = self.job.run
        return replace(
            run,
            mode=found.mode,
            workers=found.workers if found.mode != "serial" else run.workers,
            start_method=found.start_method or run.start_method,
            batch=found.batch or run.batch,
            blas_threads=found.blas_threads or run.blas_threads,
        )

    def flags(self) -> Mapping[str, bool]:
        return {
            "page.compare": True,
            "compare.ready": self.view.plan is not None,
            "compare.busy": self.view.busy,
            "compare.done": self.view.verdict is not None and not self.view.busy,
        }

    def begin(self) -> None:
        """Begin to measure."""
        self.banner.hide()
        self.view.begin()

    def cancel(self) -> None:
        """End the measurements."""
        self.view.cancel()

    def take_focus(self) -> None:
        self.view.table.setFocus()

    def close_page(self) -> None:
        self.view.close_run()

    def _refused(self, problem: Problem) -> None:
        where = f"{problem.key}: " if problem.key else ""
        self.banner.fail("There is nothing to compare.", f"{where}{problem.message}")
