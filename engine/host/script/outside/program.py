"""The main process of a script: its start, requests to end, and how it ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import signal
import subprocess
from contextlib import suppress
from typing import Any

from ... import system
from ...boot import SCRIPT
from ...errors import BrokenRun
from ...record import schema
from ...system import Selector
from .. import messages
from .place import Place

BOOT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "boot.py")

IGNORED = [
    getattr(signal, name) for name in ("SIGINT", "SIGUSR1", "SIGUSR2", "SIGHUP") if hasattr(signal, name)
]
"""Signals that the host may ignore."""


class Program:
    """The script as a separate process, which starts up at once and waits for `begin` then."""

    def __init__(self, data: dict[str, Any], place: Place, selector: Selector) -> None:
        """`data` is what the app asks for. Raises `BrokenRun`."""
        plan = data["script"]
        waits, self._gate = os.pipe()
        waits = system.keep_high(waits)
        environment = dict(plan["environment"])
        environment[messages.ENVIRONMENT] = marshal.dumps(_told(data, place, waits)).hex()
        group = plan["group"]
        try:
            self._process = subprocess.Popen(
                [sys.executable, *([] if getattr(sys, "frozen", False) else [BOOT]), SCRIPT],
                cwd=plan["folder"],
                env=environment,
                pass_fds=[waits],
                preexec_fn=lambda: _prepare(group, plan["ignored"]),  # noqa: PLW1509 - there is no other thread yet
                **dict(zip(("stdin", "stdout", "stderr"), plan["streams"])),
            )
        except OSError as error:
            raise BrokenRun(f"The script cannot be started: {error}.", "function.file") from error
        for fd in (waits, *plan["streams"]):
            os.close(fd)
        self.started_at = system.clock()
        self._selector = selector
        self._pidfd = -1
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._pidfd = os.pidfd_open(self._process.pid)
                selector.add(self._pidfd, lambda: None)

    def begin(self) -> None:
        """Have it run the script now."""
        with suppress(BrokenPipeError):  # it was killed
            os.write(self._gate, b"!")

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
        """End it, if it has not ended."""
        os.close(self._gate)
        self.kill()
        if self._pidfd >= 0:
            self._selector.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1


def _told(data: dict[str, Any], place: Place, waits: int) -> dict[str, Any]:
    """What the main process is told. It waits at the descriptor `waits` until it is to begin."""
    plan = data["script"]
    return {
        "path": plan["path"],
        "arguments": plan["arguments"],
        "address": place.address,
        "token": place.token,
        "folder": data["run_folder"],
        "workers": plan["workers"],
        "line": place.line,
        "stacks": [place.slot(schema.MAIN) + messages.STACKS, int(messages.STACK_SIGNAL)],
        "waits": waits,
    }


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
