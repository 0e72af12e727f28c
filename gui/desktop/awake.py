"""Keeps the machine awake while a run is active."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from gui.desktop.system import programs, system
from gui.kit.in_order import InOrder


class Awake(QObject):
    """Keeps the machine awake while a run is active and the settings allow it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running = False
        self._allowed = True
        self._held = False
        """The last request."""
        self._release: Callable[[], None] | None = None
        """Belongs to the worker thread."""
        self._work = InOrder(self)

    def follow(self, running: bool) -> None:
        """Say whether any run is active."""
        self._running = running
        self._update()

    def allow(self, allowed: bool) -> None:
        """Say whether the settings allow it."""
        self._allowed = allowed
        self._update()

    def close(self) -> None:
        """Release it: the app ends."""
        self.follow(running=False)
        self._work.finish(int(programs.ENDING * 1000))

    def _update(self) -> None:
        wanted = self._running and self._allowed
        if wanted == self._held:
            return
        self._held = wanted
        work = self._hold if wanted else self._let_go
        if system.QUICK:
            work()
        else:
            self._work.do(work)

    def _hold(self) -> None:
        try:
            self._release = system.awake()
        except OSError:  # the program is gone, or no process can be started; the run matters more
            self._release = None

    def _let_go(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None
