"""How runs affect the desktop: keep it awake, and notify about their end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.desktop.awake import Awake
from gui.desktop.notices import Notices
from gui.run.sessions import Sessions
from gui.settings.store import Settings

if TYPE_CHECKING:
    from gui.run.session import Session

AWAKE = "keep awake"
NOTICES = "tell of ends"


class OnDesktop(QObject):
    """Follows the runs of a window, as far as the settings allow."""

    def __init__(self, window: QWidget, sessions: Sessions, settings: Settings) -> None:
        super().__init__(window)
        self._sessions, self._settings = sessions, settings
        self._awake, self._notices = Awake(self), Notices(window)
        sessions.changed.connect(self._follow)
        sessions.finished.connect(self._ended)
        self._allow()

    def flags(self) -> dict[str, bool]:
        """The flags behind the checkmarks in the menu."""
        return {
            "desktop.awake": self._settings.flag(AWAKE, True),
            "desktop.notices": self._settings.flag(NOTICES, True),
        }

    def toggle(self, key: str) -> None:
        """Switch one of the two on or off."""
        self._settings.put(key, not self._settings.flag(key, True))
        self._allow()

    def close(self) -> None:
        """The app ends."""
        self._awake.close()
        self._notices.close()

    def _allow(self) -> None:
        self._awake.allow(self._settings.flag(AWAKE, True))
        self._notices.allow(self._settings.flag(NOTICES, True))

    def _follow(self) -> None:
        self._awake.follow(any(one.state.begun and not one.state.paused for one in self._sessions.live))

    def _ended(self, session: Session) -> None:
        state = session.state
        if state.ended is not None:
            seconds = state.watch.seconds(time.monotonic())
            self._notices.ended(state.name, state.ended.state, state.ok, state.failed, seconds)
