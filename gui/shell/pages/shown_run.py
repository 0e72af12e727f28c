"""One run on a page: header and views, kept up to date with its folder and, while it is live, its session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.job import Job
from gui.kit.banner import Banner
from gui.kit.work import Latest
from gui.run.header import Header
from gui.run.sessions import Sessions
from gui.run.state import SCRIPT, RunState
from gui.shell.pages.run_views import RunViews

if TYPE_CHECKING:
    from engine.launch import Retried
    from engine.runs import Stand
    from gui.run.bridge import Spans
    from gui.run.session import Session

WATCH = 1000
"""Milliseconds between checks of a run that is active elsewhere."""
UNFINISHED = ("stopped", "failed", "interrupted")
"""States of a saved run that can be resumed."""
NOT_ALONE = "Only the script can run its tasks: run the script again"
NOT_RESUMED = "a script is not resumed, but run again"
NO_INPUT = ("EOFError: EOF when reading a line", "EOFError")
"""What `input` and `getpass` raise if there is nothing to read."""
ONLY_IN_TERMINAL = (
    "It asked for input, which a script gets only in a terminal: start it there by poolhouse run."
)
OTHER_PYTHON = "If another Python of this machine has that module, choose it as the interpreter."
_PAST = {"failed": "failed", "interrupted": "was interrupted"}


class ShownRun(QObject):
    """Shows a run, or none, and accepts requests to it."""

    changed = Signal()
    """Another run is shown, or what can be done with it has changed."""
    blamed = Signal(str, str, str)
    """The host found a mistake in the job: the key of the field, the reason, and details."""

    def __init__(self, header: Header, views: RunViews, banner: Banner, sessions: Sessions) -> None:
        super().__init__(header)
        self.folder: Path | None = None
        """The current run; None also while a new run has no folder yet."""
        self.session: Session | None = None
        """The current run, if it is live in this window."""
        self._state: RunState | None = None
        """The state of the session, or its last state."""
        self._stand: Stand | None = None
        """The state of a saved run when it was last read."""
        self._tried: Path | None = None
        """A run that could not be attached: no further attempt is made automatically."""
        self._refusal: tuple[str, str, str] | None = None
        """Why a run did not begin: shown once its session is over."""
        self._header, self._views, self._banner, self._sessions = header, views, banner, sessions
        self._reader = Latest(self)
        self._reader.answered.connect(self._read)
        self._reader.failed.connect(self._unreadable)
        self._watch = QTimer(self, singleShot=True, interval=WATCH)
        self._watch.timeout.connect(self._look)
        sessions.began.connect(self._began)
        header.pool.changed.connect(self.resize)
        views.look_asked.connect(self._ask_workers)
        views.end_asked.connect(self._end_worker)
        views.currentChanged.connect(self.changed)

    # which run

    def show(self, folder: Path | None, stand: Stand | None = None) -> None:
        """Show a run by its folder, or none."""
        self._let_go()
        self.folder, self._stand = folder, stand
        self._views.show_run(folder)
        if session := self._sessions.of(folder):
            self._hold(session)
        elif folder is not None and stand is None:
            self._header.reading()
            self._look()
        elif folder is None:
            self._header.ready()
        self._render()
        if stand is not None:
            self._read(stand)

    def tell_again(self) -> None:
        """Show the state of the run again, after the header has shown something else."""
        if self.folder is None and self.session is None:
            self._header.ready()
        elif self.session is None and self._stand is None:
            self._look()
        self._render()

    def follow(self, session: Session) -> None:
        """Show a live run of this window."""
        self._let_go()
        self.folder = session.state.folder
        self._views.show_run(self.folder)
        self._hold(session)
        self._render()

    def close(self) -> None:
        """The page goes."""
        self._let_go()
        self._views.close_run()

    @property
    def busy(self) -> bool:
        """Whether the current run is live in this window."""
        return self.session is not None

    @property
    def stand(self) -> Stand | None:
        """The state of the saved run; None while it is live, or unknown."""
        return self._stand if self.session is None else None

    @property
    def script(self) -> Stand | None:
        """The state of a saved, finished run of a script: it can be run again."""
        stand = self.stand
        over = stand is not None and stand.facts.mode == SCRIPT and stand.facts.state != "running"
        return stand if over else None

    @property
    def is_script(self) -> bool:
        """Whether the current run is one of a script as it is."""
        if self._state is not None and self.session is not None:
            return self._state.mode == SCRIPT
        return self._stand is not None and self._stand.facts.mode == SCRIPT

    def flags(self) -> dict[str, bool]:
        """The flags for commands."""
        state = self._state if self.session is not None else None
        live = state is not None and state.ended is None and not state.attaching
        begun = live and state is not None and state.begun
        facts = self._stand.facts if self._stand and self.session is None else None
        failed = state.failed > 0 if state else bool(facts and facts.state == "finished" and facts.failed)
        has_more = facts is not None and facts.total is not None and facts.ok + facts.failed < facts.total
        is_script = self.is_script
        return {
            "run.shown": self.folder is not None,
            "results.shown": self.folder is not None and self._views.results_in_front,
            "run.live": live,
            "run.begun": begun,
            "run.paused": begun and state is not None and state.paused,
            "run.stopping": live and state is not None and state.stopping,
            "run.resumable": facts is not None
            and not is_script
            and (facts.state in UNFINISHED or (facts.state == "finished" and has_more)),
            "run.failures": failed and (begun or facts is not None) and not is_script,
            "run.retryable": not is_script
            and (
                (begun and state is not None and not state.stopping)
                or (facts is not None and facts.state != "running")
            ),
        }

    # requests

    def pause(self) -> None:
        """Begin no more tasks until `resume`."""
        if self.session is not None:
            self.session.pause(True)

    def resume(self, changed: Job | None = None, only: Spans | None = None) -> None:
        """Resume a paused run, or a saved one, which then uses the code of the `changed` job if given.

        With `only`, just these tasks of a saved run.
        """
        if self.session is not None:
            self.session.pause(False)
        elif self.folder is not None and self._stand is not None:
            self._banner.hide()
            self._sessions.resume(self.folder, self._stand, changed, only)

    def retry(self, changed: Job | None = None, only: Spans | None = None) -> None:
        """Run the failed tasks again, or those in `only`."""
        if self.session is not None:
            self.session.retry_failed(only)
        else:
            self.resume(changed, only)

    def stop(self) -> None:
        """Stop in an orderly way."""
        if self.session is not None:
            self.session.stop()

    def finish(self) -> None:
        """Begin no more tasks; running ones may take as long as they need."""
        if self.session is not None:
            self.session.finish()

    def kill(self) -> None:
        """Stop immediately."""
        if self.session is not None:
            self.session.kill()

    def resize(self, workers: int) -> None:
        """Change the size of the pool."""
        if self.session is not None:
            self.session.resize(workers)

    def reveal(self) -> None:
        """Show the run's folder in the system's file manager."""
        if self.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    def _ask_workers(self, stacks: bool) -> None:
        if self.session is not None:
            self.session.look(stacks)

    def _end_worker(self, number: int) -> None:
        if self.session is not None:
            self.session.kill_worker(number)

    # the session

    def _began(self, session: Session) -> None:
        """A run begins somewhere: perhaps the one in our folder is resumed or attached."""
        if self.session is None and self.folder is not None and session.state.folder == self.folder:
            self._stop_reading()
            self._hold(session)
            self._render()

    def _hold(self, session: Session) -> None:
        self.session, self._state = session, session.state
        for signal, slot in self._links(session):
            signal.connect(slot)

    def _let_go(self) -> None:
        self._stop_reading()
        if self.session is not None:
            for signal, slot in self._links(self.session):
                signal.disconnect(slot)
        self.session = self._state = self._stand = self._tried = self._refusal = None

    def _links(self, session: Session) -> tuple:
        return (
            (session.changed, self._render),
            (session.opened, self._opened),
            (session.started, self._started),
            (session.grew, self._views.grew),
            (session.looked, self._views.tell_workers),
            (session.retried, self._retried),
            (session.noticed, self._banner.inform),
            (session.ended, self._ended),
            (session.refused, self._refused),
            (session.finished, self._finished),
        )

    def _opened(self) -> None:
        if self._state is not None and self._state.way == "new":
            self.folder = self._state.folder
            self._views.show_run(self.folder)

    def _started(self) -> None:
        if self._state is not None and self._state.way == "resume":
            self._views.reread()

    def _retried(self, retried: Retried) -> None:
        if not retried.tasks:
            self._banner.fail("No task is run again.", retried.reason or "No task has failed so far.")
            return
        if retried.reason:
            what = f"{retried.tasks:,} of the failed tasks run again, the others do not."
            self._banner.inform(what, retried.reason)
        self._views.reread()

    def _ended(self) -> None:
        ended = self._state.ended if self._state else None
        if ended is None:
            return
        if ended.key:
            self.blamed.emit(ended.key, ended.reason, ended.details)
        if ended.state == "finished" and not (ended.ok or ended.failed or ended.total) and not ended.status:
            why = "The script gave no tasks to a pool." if self.is_script else "The job has no inputs."
            self._banner.inform("This run has no tasks.", why)
        if ended.state in _PAST:
            advice = _advice(ended.reason) if self.is_script else ""
            why = f"{ended.reason}\n{advice}" if advice else ended.reason
            self._banner.fail(f"The run {_PAST[ended.state]}.", why, ended.details)

    def _refused(self, key: str, reason: str, details: str) -> None:
        way = self._state.way if self._state else "new"
        if way == "new":
            self._refusal = key, reason, details
        elif way == "resume":
            self._banner.fail("The run was not resumed.", reason, details)
        else:
            self._tried = self.folder
            self._banner.inform(
                "This run cannot be controlled from here.",
                f"{reason} Its results and log are shown as they come.",
                "Try again",
                self._try_again,
            )

    def _finished(self) -> None:
        left = self._state is not None and self._state.left
        if self.session is not None:
            for signal, slot in self._links(self.session):
                signal.disconnect(slot)
        self.session = None
        if self._state is not None and self._state.ended is None:
            self._state = None  # it was refused: fall back to what is on disk
        if left:
            return  # nor is it attached again: the window closes
        self._views.over()
        if self._refusal is not None:
            self._nothing_ran(*self._refusal)
        self._look()
        self._render()

    def _nothing_ran(self, key: str, reason: str, details: str) -> None:
        self.folder = self._refusal = None
        self._views.show_run(None)
        self._header.refused("")
        self._banner.fail("Nothing ran.", reason, details)
        if key:
            self.blamed.emit(key, reason, details)

    # the saved run

    def _look(self) -> None:
        folder = self.folder
        if folder is not None and self.session is None:
            from gui.run.stand import read_stand

            self._reader.ask(lambda: read_stand(folder))

    def _stop_reading(self) -> None:
        self._reader.drop()
        self._watch.stop()

    def _read(self, stand: Stand) -> None:
        if self.session is not None:
            return
        was_kept = self._stand is not None and self._stand.facts.kept
        self._state, self._stand = None, stand
        if self._header.state in ("checking", "refused"):
            self._tell()  # the header's message about the form is newer than the state of the run
        else:
            self._render()
        if stand.facts.state != "running":
            return
        self._watch.start()
        if stand.facts.kept and not (was_kept and self._tried == self.folder):
            self._take_up()

    def _take_up(self) -> None:
        if self.folder is not None and self._stand is not None and self.session is None:
            self._sessions.attach(self.folder, self._stand)

    def _try_again(self) -> None:
        self._tried = None
        self._look()

    def _unreadable(self, error: Exception) -> None:
        self._stand = self._state = None
        self._header.unreadable(str(error))
        self._tell()

    # display

    def _render(self) -> None:
        header, state = self._header, self._state
        if state is not None and not state.attaching:
            header.show_live(state)
        elif self._stand is not None:
            header.show_saved(self._stand, self._remark(self._stand))
        elif self.folder is None and header.state != "refused":
            header.ready()
        self._tell()

    @staticmethod
    def _remark(stand: Stand) -> str:
        """What is worth knowing about a saved run beside its state."""
        facts = stand.facts
        if facts.state == "running" and not facts.kept:
            return "started elsewhere, and controlled there"
        return NOT_RESUMED if facts.mode == SCRIPT and facts.state in UNFINISHED else ""

    def _tell(self) -> None:
        begun = self.session is not None and self.session.state.begun
        self._views.control(begun, self.flags()["run.retryable"], NOT_ALONE if self.is_script else "")
        self.changed.emit()


def _advice(reason: str) -> str:
    """What can be done about the exception with which a script ended."""
    if reason in NO_INPUT:
        return ONLY_IN_TERMINAL
    return OTHER_PYTHON if reason.startswith("ModuleNotFoundError:") else ""
