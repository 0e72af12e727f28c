"""The main process of a script: its start, requests to end, and how it ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ... import system
from ...boot import SCRIPT
from ...system import Selector
from .. import messages

BOOT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "boot.py")

IGNORED = [
    getattr(signal, name) for name in ("SIGINT", "SIGUSR1", "SIGUSR2", "SIGHUP") if hasattr(signal, name)
]
"""Signals that the host may ignore."""


class Program:
    """The script as a separate process. `changed` is called when it may have ended."""

    def __init__(
        self, plan: dict[str, Any], told: dict[str, Any], selector: Selector, changed: Callable[[], object]
    ) -> None:
        """`plan` is the script's part of the app's request. Raises `OSError`."""
        environment = dict(plan["environment"])
        environment[messages.ENVIRONMENT] = marshal.dumps(told).hex()
        group = plan["group"]
        self._process = subprocess.Popen(
            [sys.executable, *([] if getattr(sys, "frozen", False) else [BOOT]), SCRIPT],
            cwd=plan["folder"],
            env=environment,
            preexec_fn=lambda: _prepare(group, plan["ignored"]),  # noqa: PLW1509 - there is no other thread yet
            **dict(zip(("stdin", "stdout", "stderr"), plan["streams"])),
        )
        for fd in plan["streams"]:
            os.close(fd)
        self.started_at = system.clock()
        self._selector = selector
        self._pidfd = -1
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._pidfd = os.pidfd_open(self._process.pid)
                selector.add(self._pidfd, changed)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """If negative, the signal that killed it; None while it runs."""
        return self._process.poll()

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def close(self) -> None:
        if self._pidfd >= 0:
            self._selector.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1


def _prepare(group: int, ignored: list[int]) -> None:
    """Be in the terminal's foreground with the command that began the run, so that Ctrl-C arrives here too.

    The script does not inherit ignored signals, unless the command was told to ignore them.
    """
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    if group:
        with suppress(OSError):
            os.setpgid(0, group)
    system.die_with_parent()


def how_it_ended(code: int) -> str:
    """The end of a script in words."""
    return (
        f"The script {system.describe_exit(code)[0]}."
        if code < 0
        else f"The script ended with status {code}."
    )
