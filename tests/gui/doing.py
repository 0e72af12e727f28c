"""What tests do with a window, as a user would."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from gui.shell.window import Window


def press(window: Window, id_: str) -> None:
    """Choose a command in a menu, which is updated first."""
    window.context.flush()
    window.faces.action(id_).trigger()


def enabled(window: Window, id_: str) -> bool:
    """Whether a command is enabled."""
    window.context.flush()
    return window.faces.action(id_).isEnabled()


def wait_for_end(qtbot: QtBot, window: Window, do: Callable[[], object], patience: int = 30_000) -> None:
    """Do something, and wait until a run is over."""
    with qtbot.waitSignal(window.sessions.finished, timeout=patience):
        do()
