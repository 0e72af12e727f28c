"""What the commands of the runs list do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from gui.kit import ask
from gui.run.queue import Waiting
from gui.run.sessions import Sessions
from gui.runs.view import RunsView
from gui.shell.open_pages import OpenPages
from gui.shell.opener import Opener

if TYPE_CHECKING:
    from engine.runs import Label


class ListDoing:
    """Carries out commands on the selection in the runs list."""

    def __init__(
        self, window: QWidget, runs: RunsView, opener: Opener, pages: OpenPages, sessions: Sessions
    ) -> None:
        self._window, self._runs, self._opener, self._pages = window, runs, opener, pages
        self._sessions = sessions

    def open(self) -> None:
        """Show the selected run on a page that stays."""
        if self._runs.selected_run:
            self._opener.open(self._runs.selected_run.folder)

    def reveal(self) -> None:
        """Show the folder of the selected run."""
        if self._runs.selected_run:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._runs.selected_run.folder)))

    def compare(self) -> None:
        """Show how the two selected runs differ, the older one first."""
        runs = sorted(self._runs.selected_runs, key=lambda run: run.started or 0.0)
        if len(runs) == 2:
            self._pages.show_versus(runs[0].folder, runs[1].folder)

    def rename(self) -> None:
        """Let the user rename the selected run."""
        run = self._runs.selected_run
        if run is None:
            return
        name = ask.run_name(self._window, run.name, run.function or run.name)
        if name is not None:
            own = "" if name == run.function else name
            self._runs.label([run], lambda label: replace(label, name=own))

    def pin(self) -> None:
        """Pin the selected runs, or unpin them if all are pinned."""
        runs = self._runs.selected_runs
        pinned = not all(run.pinned for run in runs)

        def change(label: Label) -> Label:
            return replace(label, pinned=pinned)

        self._runs.label(runs, change)

    def note(self) -> None:
        """Let the user write a note on the selected run."""
        run = self._runs.selected_run
        if run is None:
            return
        note = ask.run_note(self._window, run.name, run.note)
        if note is not None:
            self._runs.label([run], lambda label: replace(label, note=note))

    def trash(self) -> None:
        """Ask whether to move the selected runs to the trash."""
        if self._runs.selected_runs:
            self._runs.deleting.ask(self._runs.selected_runs)

    def undo_trash(self) -> None:
        """Bring back what was trashed last."""
        self._runs.deleting.undo()

    def show_space(self) -> None:
        """Show how much disk space the runs take."""
        self._runs.show_space()

    # the queue

    @property
    def _queued(self) -> Waiting | None:
        return self._runs.selected_waiting

    def start_queued(self) -> None:
        """Start the selected run beside live ones."""
        if self._queued:
            self._sessions.queue.beside(self._queued.id)

    def move_up(self) -> None:
        """Move the selected run one place up."""
        self._move(-1)

    def move_down(self) -> None:
        """Move the selected run one place down."""
        self._move(1)

    def _move(self, steps: int) -> None:
        queue = self._sessions.queue
        if self._queued and self._queued in queue.waiting:
            queue.move(self._queued.id, max(0, queue.waiting.index(self._queued) + steps))

    def take_out(self) -> None:
        """Take the selected run out of the queue."""
        if self._queued:
            self._sessions.queue.take_out(self._queued.id)

    def go_on(self) -> None:
        """Start the runs that were queued when the app last ended."""
        self._sessions.queue.go_on()
