"""The process above the host: when the host ends, however it does, this ends what is left of the run.

    app -- pipe of messages ------ host -- workers -- what tasks start
     |                              |
     '- starts -> guardian -- forks-'
                   adopts orphans, and finally ends them

The host adopts orphans while it lives. It may be killed, so a process above it must be there to adopt them.
If the guardian is killed instead, the host notices that a pipe was closed, and ends the run at once.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NamedTuple

from ..system import adopt_orphans, end_descendants

LEAVE = b"leave"
"""The host's message that leftovers of tasks should live on,"""
REMOVE = b"remove "
"""and the beginning of the one that names a temporary folder of the run."""
MOST_TOLD = 1 << 14


class Guardian(NamedTuple):
    """The guardian, as the host sees it: two ends of pipes."""

    alive: int
    """Becomes readable once the guardian is gone."""
    tell: int

    def leave_leftovers(self) -> None:
        """Tell the guardian to end nothing."""
        os.write(self.tell, LEAVE + b"\0")

    def remove(self, folder: str) -> None:
        """Tell the guardian to remove a temporary folder, if this host cannot do so."""
        os.write(self.tell, REMOVE + os.fsencode(folder) + b"\0")


def guard(link: int) -> Guardian:
    """Fork: returns in the child, which becomes the host. `link` is the pipe to the app."""
    assert sys.platform != "win32"
    alive, kept = os.pipe()
    told, tell = os.pipe()
    adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is ignored, nobody can wait for a child
    host = os.fork()
    if host:
        for end in (alive, tell, link):
            os.close(end)
        os._exit(_watch(host, told))
    os.close(kept)
    os.close(told)
    return Guardian(alive, tell)


def _watch(host: int, told: int) -> int:
    """Wait for the end of the host, then clean up after it. Returns the exit status of the host."""
    assert sys.platform != "win32"
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(host, number))
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == host:
            break
    orders = _orders(told)
    if LEAVE not in orders:
        end_descendants()
    for folder in (order[len(REMOVE) :] for order in orders if order.startswith(REMOVE)):
        if os.path.isdir(folder):
            from shutil import rmtree

            rmtree(folder, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _orders(told: int) -> list[bytes]:
    """What the host has told by its end."""
    assert sys.platform != "win32"
    os.set_blocking(told, False)
    try:
        return os.read(told, MOST_TOLD).split(b"\0")
    except BlockingIOError:
        return []
