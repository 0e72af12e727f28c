"""The application: Qt set-up, arguments, and the only window."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from PySide6.QtCore import QEvent, QLoggingCategory, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from engine import __version__
from engine.instance import Request, hand_over
from engine.places import runs_root
from engine.version import described
from gui.kit import icons, threads, work
from gui.kit.paths import expanded
from gui.kit.resources import examples
from gui.kit.theme import Theme
from gui.shell.instance import Instance
from gui.shell.window import Window


class Application(QApplication):
    """The application; it also receives files that the desktop asks it to open."""

    file_asked = Signal(Path)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_asked.emit(Path(event.file()))
            return True
        return super().event(event)


class Faults(QObject):
    """Shows internal errors of Poolhouse, from any thread, in the window, and prints them."""

    _caught = Signal(object)

    def __init__(self, window: QObject, tell: Callable[[BaseException], object]) -> None:
        """`tell` is called in the window's thread."""
        super().__init__(window)
        self._tell = tell
        self._caught.connect(self._hand_on)
        sys.excepthook = self._catch
        threading.excepthook = lambda told: self._catch(told.exc_type, told.exc_value, told.exc_traceback)

    def _catch(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or issubclass(kind, SystemExit):
            return
        sys.__excepthook__(kind, error, trace)
        if isValid(self):
            self._caught.emit(error)

    def _hand_on(self, error: BaseException) -> None:
        self._tell(error)


def has_display() -> bool:
    """Whether there is a display to open a window on."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The window's command line."""
    parser = argparse.ArgumentParser(prog="poolhouse", description="Run a Python function over many inputs.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="a job, a Python file, a run folder or a log")
    parser.add_argument("--runs", metavar="DIR", help="the folder of saved runs")
    parser.add_argument("--new-window", action="store_true", help="open a new window even if one is open")
    parser.add_argument("--example", action="store_true", help="open a bundled example")
    parser.add_argument("--version", action="version", version=f"Poolhouse {described()}")
    return parser.parse_args(argv)


def _prepare() -> None:
    """Do what the first large run or log would have to wait for."""
    from gui.kit.query import keep_spare

    keep_spare()


def _close_queries() -> None:
    """End the query processes, if any were started."""
    if query := sys.modules.get("gui.kit.query"):
        query.close()


def main(argv: Sequence[str]) -> int:
    """Open the window; the exit status is 0, or 1 if there is no display."""
    given = arguments(argv)
    if not has_display():
        print(
            "Poolhouse: there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set).\n"
            "Run a job in the terminal instead: poolhouse run JOB.pool",
            file=sys.stderr,
        )
        return 1
    root = runs_root(given.runs)
    if not (given.new_window or given.example) and hand_over(root, request(given.file)):
        return 0
    QLoggingCategory.setFilterRules("qt.text.font.db=false")  # no warnings about fonts for rare scripts
    app = Application(["poolhouse"])
    app.setApplicationName("poolhouse")
    app.setApplicationDisplayName("Poolhouse")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("poolhouse")
    app.setWindowIcon(icons.app_icon())
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = Window(root, Theme(app))
    Faults(window, window.unexpected)
    app.file_asked.connect(window.opener.open)
    if not (given.new_window or given.example):
        window.reopen()
    window.show()
    if given.file:
        window.opener.open(Path(given.file))
    elif given.example:
        window.opener.example(examples()[-1])
    instance = Instance(window, root)
    instance.asked.connect(window.asked_again)
    window.drawn.connect(instance.listen)
    window.drawn.connect(_prepare)
    window.drawn.connect(gc.freeze)  # a collection of what start-up created would take longer than a frame
    status = app.exec()
    instance.close()
    _close_queries()
    if not (work.finish(0) and threads.wait_for_all(0)):
        leave_at_once(status)
    return status


def leave_at_once(status: int) -> NoReturn:
    """Exit even if a thread hangs, for example on a drive that is gone: Qt would wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def request(file: str | None) -> Request:
    """What this start would ask a window that is already open to do."""
    token = os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID") or ""
    return Request(str(expanded(file).absolute()) if file else "", token)
