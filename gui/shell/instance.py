"""The one window of a user: hears of later starts of the app."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.instance import Door, Request


class Instance(QObject):
    """Listens for starts of the app with the same folder of runs, for as long as the window lives."""

    asked = Signal(Request)

    def __init__(self, parent: QObject, root: Path) -> None:
        """Raises OSError where nothing can be listened to; then each start has a window of its own."""
        super().__init__(parent)
        self._door = Door(root)
        self._thread = threading.Thread(target=self._listen, name="instance", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while (request := self._door.hear()) is not None:
            self.asked.emit(request)

    def close(self) -> None:
        """Hear no more."""
        self._door.close()
        self._thread.join()


def bring_forward(window: QWidget, token: str) -> None:
    """Show the window above others. `token` is the desktop's permission, which the later start was given."""
    if token:
        os.environ.update(XDG_ACTIVATION_TOKEN=token, DESKTOP_STARTUP_ID=token)  # where Qt looks for it
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
