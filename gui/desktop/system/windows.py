"""Windows: the execution state of a thread, and balloons of an icon in the notification area."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from gui.desktop.system import programs

QUICK = True
"""The state belongs to the thread that sets it, and icons to the GUI thread."""
CONTINUOUS, SYSTEM_REQUIRED = 0x80000000, 0x00000001
SHOWN = 10_000
"""Milliseconds that a notification stays on screen."""


def awake() -> Callable[[], None] | None:
    """Keep the machine awake until the returned function is called; None if Windows refuses."""
    if not _state(CONTINUOUS | SYSTEM_REQUIRED):
        return None

    def release() -> None:
        _state(CONTINUOUS)

    return release


def _state(flags: int) -> int:
    """Set the state; returns 0 on failure."""
    if sys.platform != "win32":
        return 0
    return ctypes.windll.kernel32.SetThreadExecutionState(flags)


def edit(path: Path) -> None:
    """Open a text in Notepad: the default action for a Python file would run it."""
    programs.start(["notepad.exe", str(path)])


def notify(title: str, text: str) -> None:
    """Show a notification, with an icon that disappears with it."""
    icon = QSystemTrayIcon(QApplication.windowIcon(), QApplication.instance())
    icon.show()
    icon.showMessage(title, text, QApplication.windowIcon(), SHOWN)
    QTimer.singleShot(SHOWN, icon, icon.deleteLater)
