"""What the buttons and the Run menu do with the live run, or with the saved one that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.run.runner import Runner

if TYPE_CHECKING:
    from gui.run.live import Live
    from gui.shell.window import Window

UNFINISHED = ("stopped", "failed", "interrupted")
"""States of a saved run that can be gone on with."""
RESIZABLE = ("pool", "process-per-input")
"""Modes in which a run has a number of workers that can be changed."""


class Controls(QObject):
    """Connects buttons and menu entries, and says which of them can be used now."""

    def __init__(self, window: Window, live: Live, runner: Runner) -> None:
        super().__init__(live)
        self._window = window
        self._live = live
        self._runner = runner

    def connect_all(self) -> None:
        """Connect buttons and menu entries, once both are there."""
        header, menus = self._window.header, self._window.menus
        header.run.clicked.connect(self._live.run)
        header.pause.clicked.connect(self.pause)
        header.stop.clicked.connect(self.stop)
        header.stop.offer([menus.finish, menus.kill])
        header.retry.clicked.connect(self.retry)
        header.pool.changed.connect(self._runner.resize)
        workers = self._window.workers
        workers.look_asked.connect(lambda stacks: self._runner.look(stacks=stacks))
        workers.end_asked.connect(self._runner.kill_worker)
        self.update()

    # What a person asks for.

    def pause(self) -> None:
        """Pause the live run, go on with a paused one, or resume the saved one that is shown."""
        runner = self._runner
        if runner.has_begun and not runner.stopping:
            runner.pause(not runner.paused)
            self._turned()
        elif not runner.live and self._can_resume():
            self._live.resume()

    def stop(self) -> None:
        """Stop the live run in order; one that is stopping already, at once."""
        if self._runner.stopping:
            self._runner.kill()
        else:
            self._runner.stop()
        self._turned()

    def finish(self) -> None:
        """Begin no more tasks; those that run have all the time they take."""
        self._runner.finish()
        self._turned()

    def kill(self) -> None:
        """End the live run at once."""
        self._runner.kill()
        self._turned()

    def retry(self) -> None:
        """Run the failed tasks again, of the live run or of the saved one that is shown."""
        if not self._can_retry():
            return
        if self._runner.live:
            self._runner.retry_failed()
        else:
            self._live.resume()

    def _turned(self) -> None:
        self._live.turned()
        self.update()

    # What can be asked for now.

    def _can_resume(self) -> bool:
        facts = self._live.facts
        return facts is not None and facts.state in UNFINISHED

    def _can_retry(self) -> bool:
        runner, facts = self._runner, self._live.facts
        if runner.live:
            progress = runner.last_progress
            return progress is not None and progress.failed > 0 and not runner.stopping
        return facts is not None and facts.state == "finished" and facts.failed > 0

    def update(self) -> None:
        """Show and enable what can be used."""
        header, menus, runner = self._window.header, self._window.menus, self._runner
        busy = runner.live or self._live.checking
        controllable = runner.live and not runner.attaching
        for run in (header.run, menus.run):
            run.setEnabled(not busy)
        for begin in (header.run, header.try_one):
            begin.setVisible(not controllable)
        for stop in (header.stop, header.stop.arrow, menus.stop, menus.kill):
            stop.setEnabled(controllable)
        menus.finish.setEnabled(controllable and not runner.stopping)
        header.stop.show_as(shown=controllable)
        header.stop.urge(runner.stopping)
        menus.stop.setText(header.stop.text().replace("S", "&S"))
        self._window.workers.control(self._live.following)
        self._update_pause(busy)
        header.retry.setVisible(self._can_retry())
        menus.retry.setEnabled(self._can_retry())
        header.pool.setVisible(runner.has_begun and not runner.stopping and runner.mode in RESIZABLE)
        if runner.size:
            header.pool.tell(runner.size)

    def _update_pause(self, busy: bool) -> None:
        header, menus, runner = self._window.header, self._window.menus, self._runner
        saved = not busy and self._can_resume()
        usable = saved or (runner.has_begun and not runner.stopping)
        if saved:
            tip = "Run all tasks of this run that have no result, failed ones too"
        else:
            tip = "Go on with the run" if runner.paused else "Begin no more tasks until you resume"
        header.pause.turn(saved or runner.paused, tip)
        header.pause.setVisible(usable)
        menus.pause.setText("R&esume" if header.pause.resumes else "&Pause")
        menus.pause.setIcon(header.pause.icon())
        menus.pause.setEnabled(usable)
