"""Closing the window: one question about everything that would be lost, then the answer is carried out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from gui.kit import ask
from gui.run.sessions import Sessions
from gui.shell.open_pages import OpenPages
from gui.shell.pages.page import Page

PATIENCE = 12_000
"""Milliseconds that a run has for an orderly stop. Then it is ended by force, even if its host hangs."""


class Leaving(QObject):
    """Asks what to do with unsaved jobs and live runs, and closes the window when that is done."""

    def __init__(self, window: QWidget, pages: OpenPages, sessions: Sessions) -> None:
        super().__init__(window)
        self._window, self._pages, self._sessions = window, pages, sessions
        self._runs = ""
        """The answer for live runs: `stop` or `keep`."""
        self._given_up = False
        """Whether unsaved changes are discarded."""
        sessions.finished.connect(self._run_over)
        self._last_resort = QTimer(self, singleShot=True, interval=PATIENCE)
        self._last_resort.timeout.connect(self._kill)

    def may_close(self) -> bool:
        """Whether the window can close now. If not, asks and begins whatever is needed."""
        if self._runs and self._sessions.live:
            if self._runs == "stop":  # closing again means at once
                self._kill()
            return False
        if self._given_up or not (self._unsaved or self._sessions.live):
            return not self._sessions.live
        taken_up = [one for one in self._sessions.live if not one.state.attaching]
        if not self._unsaved and not taken_up:
            self._answered(ask.Leave(save=False, runs="keep"))
            return False
        answer = ask.leaving(
            self._window, [page.title for page in self._unsaved], [one.state.name for one in taken_up]
        )
        if answer is not None:
            self._answered(answer)
        return False

    @property
    def _unsaved(self) -> list[Page]:
        return [page for page in self._pages.all if page.modified]

    def _answered(self, answer: ask.Leave) -> None:
        if answer.save:
            self._save(self._unsaved, lambda: self._let_go(answer.runs))
        else:
            self._let_go(answer.runs)

    def _save(self, pages: list[Page], then: Callable[[], None]) -> None:
        """Save one page after the other; a page that is not saved cancels closing."""
        if not pages:
            then()
            return
        self._pages.show(pages[0])
        pages[0].save(lambda: self._save(pages[1:], then))

    def _let_go(self, runs: str) -> None:
        self._given_up = True
        self._sessions.leave()
        self._runs = runs if self._sessions.live else ""
        for session in self._sessions.live:
            session.leave() if runs == "keep" else session.stop()
        if self._runs == "stop":
            self._last_resort.start()
        self._run_over()

    def _kill(self) -> None:
        for session in self._sessions.live:
            session.kill()

    def _run_over(self) -> None:
        if self._given_up and not self._sessions.live:
            self._last_resort.stop()
            QTimer.singleShot(0, self._window.close)  # a window cannot be closed while it is being closed
