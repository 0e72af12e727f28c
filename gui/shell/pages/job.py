"""The page of a job: its form, and beside it its active run, else its last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from engine.job import Job, Problem
from gui.document.copying import Copying
from gui.document.document import Document
from gui.document.history import History
from gui.document.last_values import LastValues
from gui.form import Form
from gui.kit.work import Latest
from gui.run.header import Header
from gui.run.queue import Waiting, new_id
from gui.shell.pages.again import Again
from gui.shell.pages.page import Page, Services
from gui.shell.pages.run_views import RunViews
from gui.shell.pages.shown_run import ShownRun
from gui.shell.pages.starting import Starting
from gui.shell.welcome import Welcome
from gui.trial.trials import Trials

if TYPE_CHECKING:
    from gui.logs.view import LogView
    from gui.run.session import Session

BUTTONS = ("trial.start", "run.start", "run.pause", "run.resume", "run.stop", "run.retry")
WAYS_TO_STOP = ("run.stop", "run.finish", "run.kill")
SPLITTER = "job splitter"


class JobPage(Page):
    """One job, saved or not."""

    kind = "job"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.form = Form()
        self.header = Header(services.actions, BUTTONS, WAYS_TO_STOP)
        self.views = RunViews(services.actions)
        self.welcome = Welcome()
        self.shown = ShownRun(self.header, self.views, self.banner, services.sessions)
        self.document = Document(self.form, self.banner, services.settings)
        self.history = History(self.form)
        self.copying = Copying(self.form, self.document, self.banner, services.settings, services.unexpected)
        self.last_values = LastValues(
            self.form, self.document, self.history, self.banner, services.unexpected
        )
        self.trials = Trials(self.form)
        self.starting = Starting(self.form, services.unexpected)
        self.again = Again(self.form, self.shown, services.unexpected)
        self.opened: Path | None = None
        """What was opened here, for the next start."""
        self._own = new_id()
        self._queued = ""
        """The id of this page's waiting run that the banner mentions."""
        self._checker = Latest(self, delay=300)
        self._finder = Latest(self)
        self.form.function.python.recent = services.settings.pythons
        self._lay_out()
        self._connect()
        self._welcome()

    def _lay_out(self) -> None:
        self.stack = QStackedWidget()
        for widget in (self.welcome, self.views):
            self.stack.addWidget(widget)
        self.stack.setMinimumWidth(200)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(8)
        for widget in (self.form, self.stack):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        for at in (0, 1):
            self.splitter.setCollapsible(at, False)
        self.splitter.setSizes([395, 670])
        self.splitter.restoreState(self.services.settings.bytes(SPLITTER))
        self.splitter.splitterMoved.connect(self._keep_splitter)
        self.whole.addWidget(self.header)
        self.whole.addWidget(self.banner)
        self.whole.addWidget(self.splitter, 1)

    def _keep_splitter(self) -> None:
        self.services.settings.put(SPLITTER, self.splitter.saveState())

    def _connect(self) -> None:
        services = self.services
        self.form.changed.connect(self._edited)
        self.form.reread.connect(self._check)
        self.document.changed.connect(self._welcome)
        self.document.changed.connect(self.changed)
        self.document.replaced.connect(self.history.begin)
        self.history.changed.connect(self.changed)
        self.shown.changed.connect(self._run_changed)
        self.views.changed.connect(self.changed)
        self.views.retry_asked.connect(self.again.retry)
        self.shown.blamed.connect(self._blame)
        self.starting.changed.connect(self._check_changed)
        self.starting.accepted.connect(self._accepted)
        self.starting.refused.connect(self._refused)
        self.trials.asked.connect(self.banner.hide)
        self.trials.changed.connect(self.changed)
        self.trials.shown.connect(self._show_trial)
        self.trials.left.connect(self._trial_left)
        self.trials.refused.connect(self._refused)
        self.trials.failed.connect(services.unexpected)
        self._checker.answered.connect(self.form.show_problems)
        self._checker.failed.connect(services.unexpected)
        self._finder.answered.connect(self._last_found)
        self._finder.failed.connect(services.unexpected)
        self.welcome.open_asked.connect(services.open_asked)
        self.welcome.example_asked.connect(services.open_example)
        services.sessions.began.connect(self._began)
        services.sessions.finished.connect(self._follow_next)

    # as a page

    @property
    def title(self) -> str:
        return self.document.name

    @property
    def icon(self) -> str:
        return "form"

    @property
    def place(self) -> Path | None:
        return self.document.path or self.opened

    @property
    def modified(self) -> bool:
        return self.document.modified

    @property
    def untouched(self) -> bool:
        """Whether the page is empty, so that something may be opened in it."""
        return not self.modified and self.form.empty and self.document.path is None and not self.shown.busy

    @property
    def shown_run(self) -> Path | None:
        return self.shown.folder

    def flags(self) -> Mapping[str, bool]:
        return {
            "page.job": True,
            "view.form": not self.form.isHidden(),
            "job.checking": self.starting.checking,
            "trial.busy": self.trials.busy,
            "edit.undo": self.history.can_undo,
            "edit.redo": self.history.can_redo,
            **self.shown.flags(),
            **self._log_flags(),
        }

    def guard(self, then: Callable[[], None]) -> None:
        self.document.guard(then)

    def save(self, then: Callable[[], None]) -> None:
        self.document.save(then)

    @property
    def log_view(self) -> LogView | None:
        return self.views.log_in_front

    def _log_flags(self) -> Mapping[str, bool]:
        return self.log_view.flags() if self.log_view else {}

    def take_focus(self) -> None:
        if self.form.empty and not self.form.isHidden():
            self.form.function.file.setFocus()
        elif not self.form.isHidden():
            self.form.setFocus()
        else:
            self.views.take_focus()

    def show_task(self, task: int) -> None:
        self.views.open_task(task)

    def close_page(self) -> None:
        for latest in (self._checker, self._finder):
            latest.drop()
        self.trials.close()
        self.again.close()
        self.shown.close()

    def show_views(self) -> None:
        if self.shown.folder is not None:
            self.stack.setCurrentWidget(self.views)

    # the job

    def show_form(self, shown: bool) -> None:
        """Show or hide the form."""
        self.form.setVisible(shown)
        self.changed.emit()

    def whole_job(self, otherwise: str) -> bool:
        """Whether the form holds a valid job; if not, the banner says what was not done, and why."""
        own = self.form.own_problems()
        if own or self.form.busy:
            self.form.reveal()
            why = own[0].message if own else "The inputs are still being read. Try again in a moment."
            self.banner.fail(otherwise, why, of_fields=True)
            return False
        return True

    def adopt(
        self, job: Job, name: str, path: Path | None = None, *, reveal: bool = True, check: bool = True
    ) -> None:
        """Show a job on this page; `path` is its file."""
        self.opened = path
        self.starting.forget()
        self.document.show(job, name, path, reveal=reveal)
        if check:
            self._check()
        if not self.shown.busy:
            self.shown.show(None)
        root = self.services.sessions.root
        self._finder.ask(lambda: (job, _newest_run(job, root)))
        self._follow_next()

    def _last_found(self, outcome: tuple[Job, Path | None]) -> None:
        job, folder = outcome
        if self.shown.folder is None and not self.shown.busy and job.function == self.form.job().function:
            self.shown.show(folder)

    def _edited(self) -> None:
        self.used.emit()
        self.banner.fields_changed()
        if self.header.state == "refused" and not self.starting.checking:
            self.shown.tell_again()
        self._welcome()
        self._check()

    def _check(self) -> None:
        """Check the job while it is edited."""
        if not self.form.busy and not self.starting.checking:
            job = self.form.job()
            self._checker.ask(lambda: _problems(job))

    def _welcome(self) -> None:
        self.welcome.show_for(newcomer=self.form.empty, chosen=self.form.function.is_chosen)

    # its run

    @property
    def origin(self) -> str:
        """Identifies runs of this page."""
        return str(self.document.path) if self.document.path else self._own

    def run(self) -> None:
        """Check the job, then run it."""
        self.used.emit()
        self.banner.hide()
        self._checker.drop()
        if not self.shown.busy:
            self.header.checking()
        self.starting.run()

    def _accepted(self, job: Job) -> None:
        services = self.services
        if job.python:
            services.settings.add_python(Path(job.python))
        before = [one.state.name for one in services.sessions.live]
        waiting = services.sessions.run(job, self.origin)
        if waiting is not None:
            self.last_values.keep(job)
            if waiting in services.sessions.queue.waiting:
                self._tell_queued(waiting, before)

    def _check_changed(self) -> None:
        if not (self.starting.checking or self.shown.busy) and self.header.state == "checking":
            self.shown.tell_again()  # no run came of it: the job waits, or the check failed
        self.changed.emit()

    def _tell_queued(self, waiting: Waiting, live: list[str]) -> None:
        queue = self.services.sessions.queue
        ahead = [one.name for one in queue.waiting[: queue.waiting.index(waiting)]]
        self._queued = waiting.id
        self.banner.inform(
            "The run is queued.",
            f"It starts after “{(ahead or live or ['the one before'])[-1]}”,"
            " with the job and its source as they are now.",
            "Start it now",
            lambda: queue.beside(waiting.id),
        )

    def _began(self, session: Session) -> None:
        if session.origin not in (self._own, self.origin):
            return
        if session.id == self._queued:
            self._queued = ""
            self.banner.hide()
        if not self.shown.busy:
            self._finder.drop()
            self.shown.follow(session)

    def _follow_next(self, _over: Session | None = None) -> None:
        """Show another active run of this job, if none is shown."""
        if not self.shown.busy:
            mine = [one for one in self.services.sessions.live if one.origin in (self._own, self.origin)]
            if mine:
                self.shown.follow(mine[0])

    def _run_changed(self) -> None:
        shown = self.views if self.shown.folder is not None or self.shown.busy else self.welcome
        if self.stack.currentWidget() in (self.views, self.welcome) or self.shown.busy:
            self.stack.setCurrentWidget(shown)
        self.changed.emit()

    def _show_trial(self, page: QWidget) -> None:
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)

    def _trial_left(self) -> None:
        if self.stack.currentWidget() not in (self.views, self.welcome):
            self.stack.setCurrentWidget(self.views if self.shown.folder is not None else self.welcome)

    # problems

    def _refused(self, found: list[Problem]) -> None:
        self.form.show_problems(found)
        problems = self.form.all_problems(found)
        self._nothing_ran(problems[0].key, len(problems))

    def _nothing_ran(self, key: str, count: int = 1) -> None:
        """Say that the form needs a change, the first one at `key`."""
        text = "One thing in the form needs" if count == 1 else f"{count} things in the form need"
        if not self.shown.busy:
            self.header.refused(f"{text} a change.")
        self.form.focus_problem(key)

    def _blame(self, key: str, reason: str, details: str) -> None:
        """Show what the host found wrong beside its field."""
        self.form.reveal()
        self.form.show_problems([Problem(key, reason)])
        if key == "function.source":
            self.form.function.mark_source(details)
        self._nothing_ran(key)


# Called off the GUI thread; what they need is loaded once there is a job


def _problems(job: Job) -> list[Problem]:
    from engine.check import check

    return check(job)


def _newest_run(job: Job, root: Path) -> Path | None:
    from gui.run.stand import newest_run

    return newest_run(job, root)
