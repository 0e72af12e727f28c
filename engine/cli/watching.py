"""Follows a script that runs as it is in this terminal, and reports its end."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from engine.cli import status, streams
from engine.cli.status import complain
from engine.host.books.pictures import FOLDER as PICTURES
from engine.launch import Ended, HostHandle, LaunchError, LinkLost, Noticed

HEED_SECONDS = 0.1
BY_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


def watch(pid: int, link: int, came: list[int]) -> int:
    """Follow the run of a host that has started, heed signals that come, and report its end."""
    streams.forgive_stdout()
    try:
        host = HostHandle.of_script(pid, link)
    except LaunchError as error:
        complain(error.reason)
        if error.details:
            print(error.details, file=sys.stderr)
        return status.NOT_VALID
    with host:
        ended = _watch(host, came)
    return _report(ended, host.folder)


def _watch(host: HostHandle, came: list[int]) -> Ended:
    """Wait for the end of the script. It owns the terminal and gets Ctrl-C itself."""
    heeded = 0
    while True:
        for number in came[heeded:]:
            heeded += 1
            if number != signal.SIGINT:
                host.stop()
            elif not _terminal_has_told_it():
                host.interrupt()
        message = host.receive(HEED_SECONDS)
        if isinstance(message, Noticed):
            complain(f"Warning: {message.what} {message.why}")
        elif isinstance(message, Ended):
            return message
        elif isinstance(message, LinkLost):
            return Ended("interrupted", message.reason, ran=True)


def _terminal_has_told_it() -> bool:
    """Whether this process is in the foreground of a terminal, where Ctrl-C reaches the script too."""
    if sys.platform != "linux":
        return False
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _report(ended: Ended, folder: Path | None) -> int:
    if not ended.ran or folder is None:
        complain(f"{ended.key}: {ended.reason}" if ended.key else ended.reason)
        return status.NOT_VALID
    if ended.state == "stopped" or ended.status is None:
        complain(ended.reason)
    elif not (ended.status or ended.total):
        complain("The script gave no tasks to a pool, so this run has no tasks.")
    if (folder / PICTURES).is_dir():
        complain(f"The figures are kept as pictures in {folder / PICTURES}")
    print(f"\n{folder}" if ended.line_open else folder)
    if ended.state == "stopped" or ended.status is None:
        return status.STOPPED
    return ended.status if ended.status >= 0 else BY_SIGNAL - ended.status
