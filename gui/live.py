"""From the form's job to its run, and what the window shows of a run, live or saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.job import Job, Problem, check
from engine.launch import Ended, Progress, Retried, Started, Workers
from engine.progress import summary
from engine.runs import LOG, RunFacts, list_runs
from gui import opening
from gui.controls import Controls
from gui.runner import Runner
from gui.work import Latest

if TYPE_CHECKING:
    from gui.window import Window


WATCH = 1000
"""Milliseconds between two looks at how a run stands that goes on elsewhere."""


class Live(QObject):
    """The run that goes on, at most one, and the run that is shown: they need not be the same."""

    began = Signal(object)
    """The job that is run from now on."""
    finished = Signal()
    """The live run is over and its thread gone."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._shown: Path | None = None
        self.facts: RunFacts | None = None
        """How the run shown stood when it was last read; None where it is not known."""
        self._run_when_settled = False
        self._end_seen = False
        self._runner = Runner(self)
        self.controls = Controls(window, self, self._runner)
        self._checker = Latest(self)
        self._facts = Latest(self)
        self._finder = Latest(self)
        self._watch = QTimer(self, singleShot=True, interval=WATCH)
        self._watch.timeout.connect(self._read_facts)
        self._checker.answered.connect(self._checked)
        self._facts.answered.connect(self._facts_read)
        self._finder.answered.connect(self._kept_found)
        for latest in (self._checker, self._finder):
            latest.failed.connect(window.unexpected)
        self._facts.failed.connect(self._facts_lost)
        window.form.settled.connect(self._settled)
        window.form.changed.connect(self._amended)
        window.header.elsewhere.asked.connect(self._come_back)
        runner = self._runner
        runner.opened.connect(self._opened)
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.looked.connect(self._looked)
        runner.retried.connect(self._retried)
        runner.noticed.connect(self._noticed)
        runner.ended.connect(self._ended)
        runner.refused.connect(self._refused)
        runner.finished.connect(self._finished)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._runner.live

    @property
    def runner(self) -> Runner:
        """The live run itself."""
        return self._runner

    @property
    def checking(self) -> bool:
        """Whether a job is being checked before its run."""
        return self._checker.busy

    @property
    def shown(self) -> Path | None:
        """The folder of the run that is shown."""
        return self._shown

    @property
    def following(self) -> bool:
        """Whether the run shown is the live one, which this window has begun or taken up."""
        return self._following and self._runner.has_begun

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
        self.controls.update()

    def resume(self) -> None:
        """Go on with the saved run that is shown."""
        if self._shown is not None and self.facts is not None and not self.running:
            self._window.banner.hide()
            self._begin_following()
            self._runner.go_on(self._shown, self.facts)
            self.controls.update()

    def take_up(self, folder: Path, facts: RunFacts) -> None:
        """Get hold of a run that goes on without an app, unless another one is in hand."""
        if facts.kept and not self.running:
            self._runner.attach(folder, facts)
            self.controls.update()

    def _take_up_again(self) -> None:
        if self._shown is not None and self.facts is not None:
            self.take_up(self._shown, self.facts)

    def find_kept(self) -> None:
        """Show the newest run that goes on without an app, if there is one."""
        root = self._window.root
        self._finder.ask(lambda: next((run.folder for run in list_runs(root) if run.kept), None))

    def _kept_found(self, folder: Path | None) -> None:
        if folder is not None and self._shown is None and not self._window.document.modified:
            self._window.open(folder)

    def turned(self) -> None:
        """The live run was asked to stop, to pause or to go on."""
        if self._following or self._runner.folder is None:
            self._window.header.turned(self._runner.state)
        self._tell_elsewhere()

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
            self._begin_following()
            if job.python:
                window.settings.add_python(Path(job.python))
            self._runner.start(job, window.root)
            self.began.emit(job)
        self.controls.update()

    def _begin_following(self) -> None:
        self._facts.drop()
        self._watch.stop()
        self._window.header.starting()
        self._end_seen = False

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
        if self._runner.way == "attach":
            return
        self.show_run(folder)
        self._show_state(None)
        self._window.runs.refresh()

    def _started(self, started: Started) -> None:
        if self._following:
            self._window.header.started(started)
            if self._runner.way == "resume":
                self._read_anew()
            self._show_state(None)
        self._tell_elsewhere()
        self.controls.update()
        self._window.runs.refresh()

    def _progressed(self, progress: Progress) -> None:
        if self._following:
            self._window.header.progressed(progress, self._runner.state)
            self._grew()
        self._tell_elsewhere()
        self.controls.update()

    def _retried(self, retried: Retried) -> None:
        if not retried.tasks:
            self._window.banner.fail("No task is run again.", retried.reason or "No task has failed so far.")
            return
        if retried.reason:
            self._window.banner.inform(
                f"{retried.tasks:,} of the failed tasks run again, others not.", retried.reason
            )
        if self._following:
            self._read_anew()

    def _noticed(self, what: str, why: str) -> None:
        if self._following:
            self._window.banner.inform(what, why)

    def _read_anew(self) -> None:
        """The failed tasks were taken out of rows that the views have read."""
        self._window.results.show_run(self._shown)
        self._window.workers.show_run(self._shown)

    def _looked(self, answer: Workers) -> None:
        if self._following:
            self._window.workers.tell(answer)

    def _grew(self) -> None:
        self._window.results.grew()
        self._window.log.grew()

    def _ended(self, ended: Ended) -> None:
        window = self._window
        if self._following:
            window.header.ended(ended)
            self._grew()
        self._tell_elsewhere()
        window.runs.refresh()
        if ended.key:
            self._blame(ended.key, ended.reason, ended.details)
        if ended.state in ("failed", "interrupted"):
            which = "" if self._following else f" of {self._runner.name}"
            window.banner.fail(f"The run{which} {_PAST[ended.state]}.", ended.reason, ended.details)

    def _refused(self, key: str, reason: str, details: str) -> None:
        way, banner = self._runner.way, self._window.banner
        if way == "new":
            self.show_run(None)
            if key:
                self._blame(key, reason, details)
            banner.fail("Nothing ran.", reason, details)
        elif way == "resume":
            self._read_facts()
            banner.fail("The run was not resumed.", reason, details)
        elif self.facts is not None and self.facts.state == "running":
            banner.inform(
                "This run cannot be controlled from here.",
                f"{reason} Its results and log are shown as they come.",
                "Try again",
                self._take_up_again,
            )
        self._window.runs.refresh()

    def _blame(self, key: str, reason: str, details: str) -> None:
        """Show what the host found wrong beside its field."""
        self._window.form.reveal()
        self._window.form.show_problems([Problem(key, reason)])
        if key == "function.source":
            self._window.form.function.mark_source(details)
        self.nothing_ran(key)

    def _finished(self) -> None:
        if self._runner.left:
            pass  # nor is it taken up again: the window goes
        elif self._following:
            self._read_facts()
        elif self._shown is None and self._window.header.state != "refused":
            self._window.header.refused("")
        self.controls.update()
        self.finished.emit()

    def _read_facts(self) -> None:
        folder = self._shown
        if folder is not None:
            self._facts.ask(lambda: opening.read_facts(folder))

    def _facts_read(self, facts: RunFacts) -> None:
        was_kept = self.facts is not None and self.facts.kept
        self.facts = facts
        self._show_state(facts)
        self.controls.update()
        if self._shown is not None and not was_kept:
            self.take_up(self._shown, facts)

    def _facts_lost(self, error: Exception) -> None:
        """The run shown cannot be read any more."""
        self.facts = None
        self._window.header.outcome("unreadable", 0, 0, 0, str(error))
        self.controls.update()

    def close(self) -> None:
        """The window goes."""
        self._watch.stop()
        for latest in (self._facts, self._finder):
            latest.drop()

    def show_run(self, folder: Path | None, facts: RunFacts | None = None) -> None:
        """Show the results and log of a run, or none."""
        window = self._window
        self._shown, self.facts = folder, facts
        self._facts.drop()
        self._watch.stop()
        window.results.show_run(folder)
        window.workers.show_run(folder)
        window.log.show_file(folder / LOG if folder else None)
        window.runs.select(folder)
        window.stack.setCurrentWidget(window.tabs if folder else window.welcome)
        window.menus.reveal.setEnabled(folder is not None)
        self._show_state(facts)
        self._tell_elsewhere()
        self.controls.update()

    def _tell_elsewhere(self) -> None:
        """Where another run is shown, say how the live one stands, and at last how it ended."""
        runner, strip = self._runner, self._window.header.elsewhere
        if self._following and runner.last_ended:
            self._end_seen = True
        if runner.folder is None or runner.attaching or self._following or self._end_seen:
            strip.hide()
            return
        name, ended = runner.name, runner.last_ended
        total = runner.last_started.total if runner.last_started else None
        done = runner.last_progress.done if runner.last_progress else 0
        if ended is not None:
            strip.tell(name, ended.state, summary(ended.ok + ended.failed, ended.total))
        else:
            strip.tell(name, runner.state, summary(done, total) if runner.has_begun else "")

    def _come_back(self) -> None:
        """Show the live run again."""
        if self._runner.folder is not None:
            self._window.open(self._runner.folder)

    def _show_state(self, facts: RunFacts | None) -> None:
        header, runner = self._window.header, self._runner
        if self.running and self._following and not runner.attaching:
            if runner.last_started:
                header.started(runner.last_started)
            else:
                header.starting()
            if runner.last_progress:
                header.progressed(runner.last_progress, runner.state)
            elif runner.state != "running":
                header.turned(runner.state)
        elif facts is not None:
            header.facts(facts)
            if facts.state == "running":
                self._watch.start()
                if not facts.kept:
                    header.add("Started elsewhere, and controlled there.")
        elif self._shown is None:
            header.ready()

    def reveal_folder(self) -> None:
        """Show the run's folder in the system's file manager."""
        if self._shown is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._shown)))


_PAST = {"failed": "failed", "interrupted": "was interrupted"}
