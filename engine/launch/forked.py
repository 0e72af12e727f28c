"""The host of a script in a terminal, which is a fork of the command."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import signal
import subprocess
import time
from contextlib import suppress

LOOK_SECONDS = 0.002


class ForkedHost:
    """A forked child that can stand in for a `Popen`: see `process.HostProcess`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._has_ended = False

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        due = None if timeout is None else time.monotonic() + timeout
        while not self._is_over(wait=due is None):
            if due is not None and time.monotonic() > due:
                raise subprocess.TimeoutExpired("the host", timeout or 0)
            time.sleep(LOOK_SECONDS)

    def _is_over(self, wait: bool) -> bool:
        if not self._has_ended:
            try:
                self._has_ended = os.waitpid(self.pid, 0 if wait else os.WNOHANG)[0] == self.pid
            except ChildProcessError:
                self._has_ended = True
        return self._has_ended

    def kill(self) -> None:
        if not self._has_ended:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
