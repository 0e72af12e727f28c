"""The only window of a user: receives later starts of the app."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.instance import Request

if TYPE_CHECKING:
    from engine.instance.door import Door


class Instance(QObject):
    """Listens for starts of the app with the same runs folder, as long as the window lives."""

    asked = Signal(Request)

    def __init__(self, parent: QObject, root: Path) -> None:
        super().__init__(parent)
        self._root = root
        self._door: Door | None = None
        self._thread: threading.Thread | None = None

    def listen(self) -> None:
        """Listen from now on."""
        from engine.instance.door import Door

        try:
            door = self._door = Door(self._root)
        except OSError:  # no private place for it, or another window listens: each is on its own
            return
        self._thread = threading.Thread(target=lambda: self._hear(door), name="instance", daemon=True)
        self._thread.start()

    def _hear(self, door: Door) -> None:
        while (request := door.hear()) is not None:
            self.asked.emit(request)

    def close(self) -> None:
        """Stop listening."""
        if self._door is not None and self._thread is not None:
            self._door.close()
            self._thread.join()


def bring_forward(window: QWidget, token: str) -> None:
    """Show the window above others. `token` is the desktop's permission, given to the later start."""
    if token:
        os.environ.update(XDG_ACTIVATION_TOKEN=token, DESKTOP_STARTUP_ID=token)  # where Qt looks for it
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
