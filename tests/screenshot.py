"""`python3 dev.py screenshot`: runs the bundled examples in the real window and takes screenshots."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from gui.kit.resources import EXAMPLES, RESOURCES, examples
from gui.kit.theme import Theme
from gui.shell.window import Window

SIZE = (1280, 800)
SHOWN = EXAMPLES / "square.pool"
PICTURES = {"light": RESOURCES / "screenshot.png", "dark": RESOURCES / "screenshot-dark.png"}


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Let the window work until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not come to rest")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def settle(seconds: float = 1.0) -> None:
    """Wait until everything that was asked for has arrived and is painted."""
    deadline = time.monotonic() + seconds
    until(lambda: time.monotonic() > deadline)


def run_example(window: Window, path: Path) -> None:
    window.opener.example(path)
    settle()
    before = window.page.shown.folder
    window.page.run()
    until(lambda: window.page.shown.folder not in (None, before) and not window.sessions.live)
    settle()


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(form, QSettings.Scope.UserScope, place)
        app = QApplication(["poolhouse"])
        window = Window(Path(place) / "runs", Theme(app))
        window.resize(*SIZE)
        window.show()
        for path in [*(path for path in examples() if path != SHOWN), SHOWN]:
            run_example(window, path)
        for scheme, picture in PICTURES.items():
            window.registry.run(f"scheme.{scheme}")
            settle()
            window.grab().save(str(picture))
            print(picture.relative_to(RESOURCES.parent))
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
