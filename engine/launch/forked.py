"""The host of a script in a terminal: a fork of the command, which has loaded most of what a host needs.

The script's own interpreter starts only once, as its main process, so its first result comes sooner.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import signal
import subprocess
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

from engine.host import system
from engine.host.opening import be_host
from engine.host.script.outside.main import run_script
from engine.host.system import Connection
from engine.launch.environment import MARK

RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that the command handles."""


class ForkedHost:
    """A forked host, with what a `Popen` offers."""

    def __init__(
        self, theirs: Connection, folder: Path, output: BinaryIO, streams: Sequence[int], in_session: bool
    ) -> None:
        """`streams` are left to the host; `in_session` says whether it stays in this session."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        kept = {theirs.fileno(), *streams}
        self._process = get_context("fork").Process(
            target=_be_host, args=(theirs, folder, output.fileno(), kept, in_session)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if timeout is not None and self._process.exitcode is None:
            raise subprocess.TimeoutExpired("the host", timeout)

    def kill(self) -> None:
        self._process.kill()


def _be_host(link: Connection, folder: Path, output: int, kept: set[int], in_session: bool) -> None:
    """Be the host in a fork of the command; does not return."""
    if in_session:
        os.setpgid(0, 0)
    else:
        os.setsid()
    for number in RESET:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    system.close_all_but(kept)
    os.chdir(folder)
    os.environ[MARK] = str(folder)
    be_host(link.fileno(), run_script)
