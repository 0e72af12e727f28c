"""Run and Stop: from the form's job to its run, and what the window shows of a run, live or saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.job import Job, Problem, check, display_name
from engine.launch import Ended, Progress, Started
from engine.progress import summary
from engine.runs import LOG, RunFacts
from gui import opening
from gui.runner import Runner
from gui.work import Latest

if TYPE_CHECKING:
    from gui.window import Window


class Live(QObject):
    """The run that goes on, at most one, and the run that is shown: they need not be the same."""

    finished = Signal()
    """The live run is over and its thread gone."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._shown: Path | None = None
        self._run_when_settled = False
        self._end_seen = False
        self._runner = Runner(self)
        self._checker = Latest(self)
        self._facts = Latest(self)
        self._checker.answered.connect(self._checked)
        self._facts.answered.connect(window.header.facts)
        for latest in (self._checker, self._facts):
            latest.failed.connect(window.unexpected)
        window.form.settled.connect(self._settled)
        window.form.changed.connect(self._amended)
        window.header.elsewhere.asked.connect(self._come_back)
        runner = self._runner
        runner.opened.connect(self._opened)
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.ended.connect(self._ended)
        runner.refused.connect(self._refused)
        runner.finished.connect(self._finished)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._runner.live

    @property
    def checking(self) -> bool:
        """Whether a job is being checked before its run."""
        return self._checker.busy

    @property
    def shown(self) -> Path | None:
        """The folder of the run that is shown."""
        return self._shown

    @property
    def _following(self) -> bool:
        """Whether the run shown is the live one."""
        return self._shown is not None and self._shown == self._runner.folder

    def run(self) -> None:
        """Check the job, then run it."""
        window = self._window
        if self.running or self.checking:
            return
        window.banner.hide()
        window.form.reveal()
        if window.form.busy:
            self._run_when_settled = True
            return
        job = window.form.job()
        self._facts.drop()
        window.header.checking()
        self._checker.ask(lambda: (job, check(job)))
        self._enable()

    def stop(self) -> None:
        """Stop the live run in order; what is done is kept."""
        if self.running:
            self._runner.stop()
            if self._following or self._runner.folder is None:
                self._window.header.stopping()
            self._tell_elsewhere()
            self._enable()

    def kill(self) -> None:
        """End the live run at once."""
        self._runner.kill()

    def _settled(self) -> None:
        if self._run_when_settled:
            self._run_when_settled = False
            self.run()

    def _checked(self, outcome: tuple[Job, list[Problem]]) -> None:
        job, found = outcome
        window = self._window
        window.form.show_problems(found)
        problems = window.form.all_problems(found)
        if problems:
            self.nothing_ran(problems[0].key, len(problems))
        else:
            window.header.starting()
            self._end_seen = False
            self._runner.start(job, window.root)
        self._enable()

    def nothing_ran(self, key: str, count: int = 1) -> None:
        """Say that things in the form need a change, the first of them at `key`."""
        text = "One thing in the form needs" if count == 1 else f"{count} things in the form need"
        self._window.header.refused(f"{text} a change.")
        self._window.form.focus_problem(key)

    def _amended(self) -> None:
        """What was refused was changed since: show again what is shown below."""
        header = self._window.header
        if header.state == "refused" and not self.checking and not self.running:
            if self._shown is None:
                header.ready()
            else:
                self._read_facts()

    def _opened(self, folder: Path) -> None:
        self.show_run(folder)
        self._window.header.starting()
        self._keep_stopping()
        self._window.runs.refresh()

    def _started(self, started: Started) -> None:
        if self._following:
            self._window.header.started(started)
            self._keep_stopping()
        self._tell_elsewhere()

    def _keep_stopping(self) -> None:
        """A run that is stopping says so, whatever else it tells."""
        if self._runner.stopping:
            self._window.header.stopping()

    def _progressed(self, progress: Progress) -> None:
        if self._following:
            self._window.header.progressed(progress)
            self._grew()
        self._tell_elsewhere()

    def _grew(self) -> None:
        self._window.results.grew()
        self._window.log.grew()

    def _ended(self, ended: Ended) -> None:
        window, job = self._window, self._runner.job
        if self._following:
            window.header.ended(ended)
            self._grew()
        self._tell_elsewhere()
        window.runs.refresh()
        if ended.key:
            self._blame(ended.key, ended.reason)
        if ended.state in ("failed", "interrupted"):
            which = "" if self._following or job is None else f" of {display_name(job)}"
            window.banner.fail(f"The run{which} {_PAST[ended.state]}.", ended.reason, ended.details)

    def _refused(self, key: str, reason: str, details: str) -> None:
        self.show_run(None)
        if key:
            self._blame(key, reason)
        self._window.banner.fail("Nothing ran.", reason, details)
        self._window.runs.refresh()

    def _blame(self, key: str, reason: str) -> None:
        """Show what the host found wrong beside its field."""
        self._window.form.reveal()
        self._window.form.show_problems([Problem(key, reason)])
        self.nothing_ran(key)

    def _finished(self) -> None:
        if self._following:
            self._read_facts()
        elif self._shown is None and self._window.header.state != "refused":
            self._window.header.refused("")
        self._enable()
        self.finished.emit()

    def _read_facts(self) -> None:
        folder = self._shown
        if folder is not None:
            self._facts.ask(lambda: opening.read_facts(folder))

    def show_run(self, folder: Path | None, facts: RunFacts | None = None) -> None:
        """Show the results and log of a run, or none."""
        window = self._window
        self._shown = folder
        self._facts.drop()
        window.results.show_run(folder)
        window.log.show_file(folder / LOG if folder else None)
        window.runs.select(folder)
        window.stack.setCurrentWidget(window.tabs if folder else window.welcome)
        window.menus.reveal.setEnabled(folder is not None)
        self._show_state(facts)
        self._tell_elsewhere()
        self._enable()

    def _tell_elsewhere(self) -> None:
        """Where another run is shown, say how the live one stands, and at last how it ended."""
        runner, strip = self._runner, self._window.header.elsewhere
        if self._following and runner.last_ended:
            self._end_seen = True
        if runner.job is None or runner.folder is None or self._following or self._end_seen:
            strip.hide()
            return
        name, ended = display_name(runner.job), runner.last_ended
        total = runner.last_started.total if runner.last_started else None
        done = runner.last_progress.done if runner.last_progress else 0
        if ended is not None:
            strip.tell(name, ended.state, summary(ended.ok + ended.failed, ended.total))
        elif runner.last_started is None:
            strip.tell(name, "starting", "")
        else:
            strip.tell(name, "stopping" if runner.stopping else "running", summary(done, total))

    def _come_back(self) -> None:
        """Show the live run again."""
        if self._runner.folder is not None:
            self._window.open(self._runner.folder)

    def _show_state(self, facts: RunFacts | None) -> None:
        header = self._window.header
        if self.running and self._following:
            if self._runner.last_started:
                header.started(self._runner.last_started)
            if self._runner.last_progress:
                header.progressed(self._runner.last_progress)
            self._keep_stopping()
        elif facts is not None:
            header.facts(facts)
        elif self._shown is None:
            header.ready()

    def reveal_folder(self) -> None:
        """Show the run's folder in the system's file manager."""
        if self._shown is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._shown)))

    def _enable(self) -> None:
        window = self._window
        may_stop = self.running and not self._runner.stopping
        for widget in (window.header.run, window.menus.run):
            widget.setEnabled(not self.running and not self.checking)
        for widget in (window.header.stop, window.menus.stop):
            widget.setEnabled(may_stop)


_PAST = {"failed": "failed", "interrupted": "was interrupted"}
