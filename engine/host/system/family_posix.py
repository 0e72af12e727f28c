"""The processes that a process has started: finds, adopts and ends them. Linux, macOS and the like."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

assert sys.platform != "win32"

from .. import prctl
from .posix import group_of

TRACKER_SECONDS = 3.0
"""Processes that only clean up after others have this long to do it,"""
END_SECONDS = 5.0
"""and killed ones this long to end; one that hangs in the kernel may take longer."""
LOOK_SECONDS = 0.01
TRACKERS = (
    b"multiprocessing.resource_tracker",
    b"multiprocessing.semaphore_tracker",
    b"loky.backend.resource_tracker",
)
"""In the command line of processes that remove unused shared memory and semaphores."""


def adopt_orphans(end: bool = True) -> bool:  # noqa: ARG001
    """Make this process the parent of orphaned descendants. False if the system cannot.

    `end` says whether they end with this process, which other code does on this system.
    """
    return prctl.adopt_orphans()


def children() -> set[int]:
    """The children of this process, including ended ones that were not waited for."""
    if sys.platform != "linux":
        return set()
    found: set[int] = set()
    try:
        for thread in os.listdir("/proc/self/task"):
            with suppress(FileNotFoundError), open(f"/proc/self/task/{thread}/children", "rb") as file:
                found.update(map(int, file.read().split()))  # unless the thread has ended
    except OSError:
        return set()
    return found


def is_tracker(pid: int) -> bool:
    """Whether a process is one that cleans up after others."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            line = file.read(4096)
    except OSError:
        return False
    return any(name in line for name in TRACKERS)


class Orphans:
    """The children that this process has adopted: what tasks started and left.

    With `end`, they are ended: those in the group of a worker with that worker, all others with the run,
    since a task may still use a daemon of its own. Without, they are only waited for.
    """

    def __init__(self, end: bool) -> None:
        self._end = end
        self._seen: dict[int, float] = {}
        """When each of them was first seen, on the monotonic clock."""
        self._groups: set[int] = set()
        """The groups of ended workers, as long as anybody is in them."""

    def end_group(self, group: int) -> None:
        """End the rest of an ended worker's group, at this and the next checks."""
        if not self._end or group in (0, os.getpgrp()):
            return
        if sys.platform == "linux":
            self._groups.add(group)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    @property
    def busy(self) -> bool:
        """Whether the next check should come soon."""
        return bool(self._groups)

    def look(self, known: Iterable[int], everybody: bool = False) -> int:
        """Check the children that are not `known`; returns how many of them must still end."""
        strangers = children().difference(known)
        now = time.monotonic()
        self._seen = {pid: self._seen.get(pid, now) for pid in strangers}
        left, groups = 0, set[int]()
        for pid, since in self._seen.items():
            group = group_of(pid)
            due = self._end and (everybody or group in self._groups)
            if due and (now > since + TRACKER_SECONDS or not is_tracker(pid)):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if not _has_ended(pid):
                left += 1
                groups.add(group)
        self._groups &= groups
        if everybody and not left:  # children of those that have just ended are here now
            left = len(children().difference(known))
        return left if self._end else 0


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def end_descendants() -> None:
    """End all descendants of this process, and wait for that, for some seconds at most.

    When one ends, its children move to this process. macOS has no such adoption: there the other processes of
    the session are ended, so one that has left the session escapes.
    """
    if sys.platform != "linux":
        _end_session()
        return
    orphans = Orphans(end=True)
    due = time.monotonic() + TRACKER_SECONDS + END_SECONDS
    while orphans.look((), everybody=True) and time.monotonic() < due:
        time.sleep(LOOK_SECONDS)


def _end_session() -> None:
    session, me = os.getsid(0), os.getpid()
    for pid in _all_processes():
        with suppress(ProcessLookupError, PermissionError):
            if pid != me and os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def _all_processes() -> list[int]:
    if sys.platform == "darwin":
        system = ctypes.CDLL(None)
        room = system.proc_listallpids(None, 0) + 64
        found = (ctypes.c_int * room)()
        count = system.proc_listallpids(found, ctypes.sizeof(found))
        return [pid for pid in found[: max(0, count)] if pid > 0]
    return []


def raise_file_limit() -> tuple[int, int]:
    """Let this process open as many files as allowed; returns the previous limit, for processes it starts."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = before
    with suppress(ValueError, OSError):  # macOS says "unlimited" and means about 10,000
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 10_240), hard)
        )
    return before


def set_file_limit(limit: tuple[int, int]) -> None:
    """Restore the soft limit from before `raise_file_limit`."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)
