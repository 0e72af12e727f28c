"""The main process of a script: its start, requests to end, and how it ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import signal
import socket
from contextlib import suppress

from ... import system
from ...errors import SHORT, BrokenRun
from ...system import Selector
from ...typed import Any, Callable
from .main_process import MainProcess
from .place import Place

MOST_SAID = 1 << 16
UNKNOWN = 255
"""The exit code of a main process whose end nobody saw."""
OLDEST = (3, 9)
IGNORED = [
    getattr(signal, name) for name in ("SIGINT", "SIGUSR1", "SIGUSR2", "SIGHUP") if hasattr(signal, name)
]
"""Signals that the host may ignore."""


class Program:
    """The script as a separate process, which starts up at once, and waits to begin then.

    `identified` is called with facts about its interpreter once that has started.
    """

    def __init__(self, process: MainProcess, selector: Selector) -> None:
        self.interpreter: dict[str, Any] | None = None
        """Facts about the interpreter, once it has started."""
        self.identified: Callable[[dict[str, Any]], object] = lambda _facts: None
        self.pid = process.pid
        self._process = process
        self._gate = process.gate
        self._exit_code: int | None = None
        self.started_at = system.clock()
        self._selector = selector
        self._listens = True
        selector.add(self._gate, self.listen)
        self._pidfd = -1
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._pidfd = os.pidfd_open(self.pid)
                selector.add(self._pidfd, lambda: None)

    def begin(self, place: Place, folder: str) -> None:
        """Have it run the script, as soon as its interpreter has started. `folder` is that of the run."""
        self._process.begin(place, folder)

    @property
    def began(self) -> float:
        """When it was told to begin."""
        return self._process.began

    def listen(self) -> None:
        """Hear what it says about its interpreter."""
        if not self._listens:
            return
        try:
            said = self._gate.recv(MOST_SAID, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except ConnectionError:
            said = b""
        self._listens = False
        self._selector.remove(self._gate)
        if said:
            facts: dict[str, Any] = marshal.loads(said)
            self.interpreter = facts
            self.identified(facts)

    @property
    def exit_code(self) -> int | None:
        """If negative, the signal that killed it; None while it runs."""
        if self._exit_code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # it ended while signals about that were still ignored
                self._exit_code = UNKNOWN
            else:
                self._exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self._exit_code

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.exit_code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def close(self) -> None:
        """End it, if it has not ended."""
        if self._listens:
            self._selector.remove(self._gate)
        self._gate.close()
        self.kill()
        if self._pidfd >= 0:
            self._selector.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1


def start(script: dict[str, Any]) -> MainProcess:
    """Start its interpreter. Raises `BrokenRun`."""
    try:
        return MainProcess(script, lambda: _heed(script["ignored"]))
    except OSError as error:
        raise cannot_start(script, error) from error


def cannot_start(script: dict[str, Any], error: OSError) -> BrokenRun:
    """The system is short of something, or the script's folder or its interpreter is none."""
    if error.errno in SHORT:
        return BrokenRun(f"The run cannot start: {system.what_is_short(error)}.")
    if not os.access(script["folder"], os.X_OK):
        return BrokenRun(f"It cannot run in {script['folder']}: {error.strerror}.", "script.folder")
    reason = f"{script['command'][0]} cannot be started: {error.strerror}. Choose another interpreter."
    return BrokenRun(reason, "function.python")


def _heed(ignored: list[int]) -> None:
    """The script does not inherit ignored signals, unless the command was told to ignore them."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)


def how_it_ended(code: int) -> str:
    """The end of a script in words."""
    return (
        f"The script {system.describe_exit(code)[0]}."
        if code < 0
        else f"The script ended with status {code}."
    )


def require_new_enough(python: str, version: str) -> None:
    """Raise `BrokenRun` if an interpreter is too old to run our side of the script."""
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        why = f"is Python {version}, too old: {oldest} or newer is needed. Choose another interpreter."
        raise BrokenRun(f"{python} {why}", "function.python")


def not_started(python: str, code: int) -> BrokenRun:
    """The interpreter has ended before it could run the script."""
    how = system.describe_exit(code)[0]
    oldest = ".".join(map(str, OLDEST))
    what = f"Choose another interpreter, of Python {oldest} or newer."
    return BrokenRun(f"{python} did not start: it {how}. {what}", "function.python")
