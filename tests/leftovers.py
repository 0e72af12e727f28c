"""What a test may leave behind by mistake: processes, threads, timers, windows."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from typing import Any

import psutil

GRACE = 5.0
"""Seconds that a process or thread may take to end."""

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Adopt processes whose parents die, so that none escapes unseen."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Leftovers:
    """A snapshot, to find what appears later and stays; includes Qt objects if a test uses Qt."""

    def __init__(self, qt: bool = False) -> None:
        self._processes = _processes()
        self._threads = set(threading.enumerate())
        self._windows = _windows() if qt else []
        self._qt = qt
        if qt:
            # Existing objects are not checked again: that made a test a third of a second slower.
            gc.collect()
            gc.freeze()

    def now(self) -> list[str]:
        """What has appeared since; processes among it are ended."""
        objects = self._new_objects() if self._qt else []
        return [
            *_left_processes(self._processes),
            *_left_threads(self._threads),
            *map(_described, objects),
        ]

    def _new_objects(self) -> list[object]:
        """New Qt timers and threads that run, as far as Python made them, and windows."""
        from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
        from shiboken6 import isValid

        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        made = [thing for thing in gc.get_objects() if issubclass(type(thing), (QTimer, QThread))]
        timers = [t for t in made if isinstance(t, QTimer) and isValid(t) and t.isActive()]
        threads = [t for t in made if isinstance(t, QThread) and isValid(t) and t.isRunning()]
        windows = [window for window in _windows() if not any(window is old for old in self._windows)]
        return [*timers, *threads, *windows]


def _processes() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def _left_processes(before: set[psutil.Process]) -> list[str]:
    _, alive = psutil.wait_procs(_processes() - before, timeout=GRACE)
    left: list[str] = []
    for process in alive:
        left.append(f"process {process.pid} {_command(process)}")
        process.kill()
    psutil.wait_procs(alive, timeout=GRACE)
    return left


def is_there(process: psutil.Process) -> bool:
    """Whether a process has not ended; zombies count as ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return "(ended)"


def _left_threads(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + GRACE
    # Not a thread of Python's: such a thread is known only because it once ran Python code.
    new = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in new:
        if thread.ident is None:  # it is being started, and cannot be joined yet
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
    return [f"thread {thread.name}" for thread in new if thread.is_alive()]


def _windows() -> list[Any]:
    from PySide6.QtWidgets import QApplication

    return QApplication.topLevelWidgets()


def _described(thing: object) -> str:
    from PySide6.QtCore import QObject

    name = thing.objectName() if isinstance(thing, QObject) else ""
    return f"{type(thing).__name__} {name}".strip()
