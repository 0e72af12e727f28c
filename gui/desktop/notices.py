"""Shows a desktop notification if a run ends while the user is elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.desktop.system import programs, system
from gui.kit.in_order import InOrder
from gui.kit.words import duration

LONG = 60.0
"""Seconds. Nobody walks away from a shorter run."""
STATES = {"finished": "has finished", "stopped": "was stopped", "failed": "failed"}


class Notices(QObject):
    """Shows notifications, unless the settings switch them off."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._allowed = True
        self._work = InOrder(self)

    def allow(self, allowed: bool) -> None:
        """Say whether the settings allow it."""
        self._allowed = allowed

    def ended(self, name: str, state: str, ok: int, failed: int, seconds: float) -> bool:
        """A run ended after `seconds`; returns whether the user is notified."""
        in_front = QApplication.applicationState() == Qt.ApplicationState.ApplicationActive
        if not self._allowed or in_front or seconds <= LONG:
            return False
        QApplication.alert(self._window)
        title = f"{name} {STATES.get(state, 'was interrupted')}"
        text = f"{ok + failed:,} tasks in {duration(seconds)}"
        text += f", {failed:,} of them failed" if failed else ""
        if system.QUICK:
            system.notify(title, text)
        else:
            self._work.do(lambda: system.notify(title, text))
        return True

    def close(self) -> None:
        """The app ends."""
        self._work.finish(int(programs.ENDING * 1000))
