"""The main process of a script: its start, requests to end, and how it ended."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import marshal
import os
import signal
import socket
import subprocess
from contextlib import suppress
from typing import Any, Callable

from ... import system
from ...errors import BrokenRun
from ...record import schema
from ...system import Selector
from .. import messages
from .place import Place

MOST_SAID = 1 << 16
OLDEST = (3, 9)
IGNORED = [
    getattr(signal, name) for name in ("SIGINT", "SIGUSR1", "SIGUSR2", "SIGHUP") if hasattr(signal, name)
]
"""Signals that the host may ignore."""


class Program:
    """The script as a separate process, which starts up at once, and waits for `begin` then.

    `identified` is called with facts about its interpreter once that has started.
    """

    def __init__(self, data: dict[str, Any], place: Place, selector: Selector) -> None:
        """`data` is what the app asks for. Raises `BrokenRun`."""
        self.interpreter: dict[str, Any] | None = None
        """Facts about the interpreter, once it has started."""
        self.identified: Callable[[dict[str, Any]], object] = lambda _facts: None
        plan = data["script"]
        theirs, self._gate = socket.socketpair()
        waits = system.keep_high(theirs.detach())
        environment = dict(plan["environment"])
        environment[messages.ENVIRONMENT] = marshal.dumps(_told(data, place, waits)).hex()
        group = plan["group"]
        try:
            self._process = subprocess.Popen(
                plan["command"],
                cwd=plan["folder"],
                env=environment,
                pass_fds=[waits],
                preexec_fn=lambda: _prepare(group, plan["ignored"]),  # noqa: PLW1509 - there is no other thread yet
                **dict(zip(("stdin", "stdout", "stderr"), plan["streams"])),
            )
        except OSError as error:
            reason = f"{plan['command'][0]} cannot be started: {error.strerror}. Choose another interpreter."
            raise BrokenRun(reason, "function.python") from error
        for fd in (waits, *plan["streams"]):
            os.close(fd)
        self.started_at = system.clock()
        self._selector = selector
        self._listens = True
        selector.add(self._gate, self.listen)
        self._pidfd = -1
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._pidfd = os.pidfd_open(self._process.pid)
                selector.add(self._pidfd, lambda: None)

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

    def begin(self) -> None:
        """Have it run the script, as soon as its interpreter has started."""
        with suppress(BrokenPipeError):  # it was killed
            self._gate.send(b"!")

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
        if self._listens:
            self._selector.remove(self._gate)
        self._gate.close()
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
