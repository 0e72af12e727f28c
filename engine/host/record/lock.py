"""The lock on a run folder: its host holds it for life, so it shows whether the run is active."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from .. import system
from ..errors import BrokenRun
from .schema import LOCK

PATIENCE = 1.0
"""Whoever checks the lock holds it for a moment, so a host tries for this many seconds."""
PAUSE = 0.01


class RunLock:
    """The lock, taken. Raises `BrokenRun` if another host holds it, or if the folder is read-only."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, LOCK)
        try:
            self._fd = self._taken(time.monotonic() + PATIENCE)
        except OSError as error:
            raise BrokenRun(
                f"The run folder {folder} cannot be written: {error.strerror}."
                " Make it writable, or resume a copy of it in another place."
            ) from error
        if self._fd is None:
            raise BrokenRun(
                f"{folder} is being run by another process, perhaps on another machine or in a container."
                " Wait for its end, or stop it there."
            )

    def _taken(self, due: float) -> int | None:
        """The descriptor that holds the lock; None if it cannot be had by `due`."""
        while True:
            fd = system.keep_high(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644))
            # without locks in the file system, what run.db says about its last host was checked before
            if system.take_lock(fd) is not False and self._is_at_its_path(fd):
                return fd
            os.close(fd)
            if time.monotonic() >= due:
                return None
            time.sleep(PAUSE)

    def _is_at_its_path(self, fd: int) -> bool:
        """Whether the file was not removed by the previous host between opening and locking it."""
        try:
            return os.path.samestat(os.fstat(fd), os.stat(self._path))
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Release the lock."""
        if self._fd is not None:
            system.drop_lock(self._fd, self._path)
            self._fd = None


def is_held(folder: str) -> bool | None:
    """Whether a host holds the lock on a run folder; None if the file system or permissions hide it."""
    path = os.path.join(folder, LOCK)
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        free = system.can_lock(fd)
    finally:
        with suppress(OSError):
            os.close(fd)
    return None if free is None else not free
