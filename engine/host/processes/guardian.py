"""The process above the host: when the host ends, however it does, this ends what is left of the run.

    app -- pipe of messages ------ host -- workers -- what tasks start
     |                              |
     '- starts -> guardian -- forks-'
                   adopts orphans, and finally ends them

The host adopts orphans while it lives. It may be killed, so a process above it must be there to adopt them.
If the guardian is killed instead, the host notices that a pipe was closed, and ends the run at once.

What a guardian needs is imported once it is one: the host of a script in a terminal starts with this module.
"""

from __future__ import annotations

import os
import sys

from ..prctl import adopt_orphans
from ..signals import signal

LEAVE = b"leave"
"""The host's message that leftovers of tasks should live on,"""
REMOVE = b"remove "
"""and the beginning of the one that names a temporary folder of the run."""
MOST_TOLD = 1 << 14


class Guardian:
    """The guardian, as the host sees it: two ends of pipes."""

    def __init__(self, alive: int, tell: int) -> None:
        self.alive = alive
        """Becomes readable once the guardian is gone."""
        self.tell = tell

    def leave_leftovers(self) -> None:
        """Tell the guardian to end nothing."""
        os.write(self.tell, LEAVE + b"\0")

    def remove(self, folder: str) -> None:
        """Tell the guardian to remove a temporary folder, if this host cannot do so."""
        os.write(self.tell, REMOVE + os.fsencode(folder) + b"\0")


def guard(link: int, hush: bool = False) -> Guardian:
    """Fork: returns in the child, which becomes the host. `link` is the pipe to the app.

    With `hush`, the guardian lets go of the standard streams, which are the user's.
    """
    assert sys.platform != "win32"
    alive, kept = os.pipe()
    told, tell = os.pipe()
    adopt_orphans()
    if host := os.fork():
        for end in (alive, tell, link):
            os.close(end)
        if hush:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nothing, stream)
        os._exit(_watch(host, told))
    os.close(kept)
    os.close(told)
    return Guardian(alive, tell)


def _watch(host: int, told: int) -> int:
    """Wait for the end of the host, then clean up after it. Returns the exit status of the host."""
    assert sys.platform != "win32"
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is ignored, nobody can wait for a child
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(host, number))
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == host:
            break
    orders = _orders(told)
    if LEAVE not in orders:
        _end_the_rest()
    for folder in (order[len(REMOVE) :] for order in orders if order.startswith(REMOVE)):
        if os.path.isdir(folder):
            from shutil import rmtree

            rmtree(folder, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _end_the_rest() -> None:
    assert sys.platform != "win32"
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        if sys.platform == "linux":  # nobody is left: orphans would be children
            return
    from ..system import end_descendants

    end_descendants()


def _orders(told: int) -> list[bytes]:
    """What the host has told by its end."""
    assert sys.platform != "win32"
    os.set_blocking(told, False)
    try:
        return os.read(told, MOST_TOLD).split(b"\0")
    except BlockingIOError:
        return []
