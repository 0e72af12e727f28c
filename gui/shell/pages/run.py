"""The page of one run, live or saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gui.kit.work import Latest
from gui.run.header import Header
from gui.shell.pages.page import Page, Services
from gui.shell.pages.run_views import RunViews
from gui.shell.pages.shown_run import ShownRun

if TYPE_CHECKING:
    from engine.launch import Script
    from engine.runs import Stand
    from gui.logs.view import LogView
    from gui.run.bridge import Spans

_STAMP = re.compile(r"^\d{4}-\d\d-\d\d_\d{6}_(?=.)")
"""The prefix of a run folder's name: the time."""
BUTTONS = ("run.job", "run.script", "run.again", "run.pause", "run.resume", "run.stop", "run.retry")
OF_JOBS = ("run.job", "run.retry")
OF_SCRIPTS = ("run.script", "run.again")
WAYS_TO_STOP = ("run.stop", "run.finish", "run.kill")


class RunPage(Page):
    """Shows one run folder. A preview may be reused for another one."""

    kind = "run"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.header = Header(services.actions, BUTTONS, WAYS_TO_STOP)
        self.views = RunViews(services.actions)
        self.shown = ShownRun(self.header, self.views, self.banner, services.sessions)
        self._name = ""
        self._has_job = False
        self.whole.addWidget(self.header)
        self.whole.addWidget(self.banner)
        self.whole.addWidget(self.views, 1)
        self.shown.changed.connect(self._run_changed)
        self.views.changed.connect(self.changed)
        self.views.retry_asked.connect(self._retry)
        self._reader = Latest(self)
        self._reader.answered.connect(self._run_again)
        self._reader.failed.connect(self._not_again)

    def _run_changed(self) -> None:
        self.header.offer(OF_SCRIPTS if self.shown.is_script else OF_JOBS, (*OF_JOBS, *OF_SCRIPTS))
        self.changed.emit()

    def _not_again(self, error: Exception) -> None:
        self.banner.fail("The script was not run again.", str(error))

    def _retry(self, tasks: Spans | None) -> None:
        self.used.emit()
        self.shown.retry(None, tasks)

    def show_run(self, folder: Path, stand: Stand | None, fault: str = "", name: str = "") -> None:
        """Show a run; `fault` says why its job cannot be read, and `name` is known before the run is read."""
        self._name = name or _STAMP.sub("", folder.name)
        self._has_job = not fault
        self.banner.hide()
        self.shown.show(folder, stand)
        if fault:
            self.banner.fail("The job of this run cannot be read.", f"{fault}\nIts results and log can.")

    @property
    def title(self) -> str:
        if self.shown.session is not None:
            return self.shown.session.state.name
        return self.shown.stand.facts.name if self.shown.stand else self._name

    @property
    def icon(self) -> str:
        return "results"

    @property
    def place(self) -> Path | None:
        return self.shown.folder

    @property
    def log(self) -> Path | None:
        """The log file of the run."""
        from engine.runs import LOG

        return self.shown.folder / LOG if self.shown.folder else None

    @property
    def shown_run(self) -> Path | None:
        return self.shown.folder

    def flags(self) -> Mapping[str, bool]:
        again = self.shown.script is not None
        return {
            "page.run": True,
            "run.has_job": self._has_job and not again,
            "run.again": again,
            **self.shown.flags(),
            **self._log_flags(),
        }

    def run_again(self) -> None:
        """Run the script of this run again, as it was run."""
        folder = self.shown.folder
        if folder is not None and self.shown.script is not None:
            self._reader.ask(lambda: _script(folder))

    def _run_again(self, script: Script | None) -> None:
        if script is not None:
            self.shown.follow(self.services.sessions.run_script(script, ""))

    @property
    def log_view(self) -> LogView | None:
        return self.views.log_in_front

    def _log_flags(self) -> Mapping[str, bool]:
        return self.log_view.flags() if self.log_view else {}

    def take_focus(self) -> None:
        self.views.take_focus()

    def show_task(self, task: int) -> None:
        self.views.open_task(task)

    def close_page(self) -> None:
        self._reader.drop()
        self.shown.close()


def _script(folder: Path) -> Script | None:
    from gui.run.stand import script_of

    return script_of(folder)
