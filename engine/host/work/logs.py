"""Log records of host and workers: one append write each, so that lines never mix and none is lost."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from typing import Callable

from ..system import open_append

LOOK_SECONDS = 1.0
"""How often a handler sees whether its file is still where it was."""


class AppendHandler(logging.Handler):
    """Writes each record with a single append to run.log, and to the job's own log file if it has one.

    The own file is held back until `open_own_file`: a run that cannot start leaves it as it was.
    """

    def __init__(self, run_log: str, own_file: str, current_task: Callable[[], int]) -> None:
        super().__init__()
        self._paths = [path for path in (run_log, own_file) if path]
        self._fds = [open_append(run_log)]
        self._held: list[bytes] = []
        self.current_task = current_task
        self._look_at = 0.0

    def open_own_file(self) -> None:
        """From now on write the own file too, beginning with what was held back."""
        if len(self._fds) < len(self._paths):
            self._fds.append(open_append(self._paths[1]))
            for line in self._held:
                os.write(self._fds[1], line)
            self._held.clear()

    def hold(self, lines: Iterable[bytes]) -> None:
        """Write these lines of another process to the own file, once it is open."""
        self._held.extend(lines)

    def give_up_held(self) -> list[bytes]:
        """What is held back, for another process to hold."""
        lines, self._held = self._held, []
        return lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            record.task = self.current_task()
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            if len(self._fds) < len(self._paths):
                self._held.append(line)
            self._follow_files()
            for place, fd in enumerate(self._fds):
                try:
                    os.write(fd, line)
                except OSError:  # the user's code closed it
                    self._reopen(place)
                    os.write(self._fds[place], line)
        except Exception:
            self.handleError(record)

    def _follow_files(self) -> None:
        """Now and then see whether a file was removed or rotated away, and begin it anew."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        for place, fd in enumerate(self._fds):
            if not _is_open_at(fd, self._paths[place]):
                self._reopen(place)

    def _reopen(self, place: int) -> None:
        self._fds[place] = open_append(self._paths[place])

    def close(self) -> None:
        """Logging is shut down or set up anew by the user's code: our descriptors stay, for what follows."""


def _is_open_at(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except OSError:
        return False


def set_up(log: dict[str, str], run_log: str, current_task: Callable[[], int]) -> AppendHandler:
    """Make the root logger of this process write as the job's [log] says."""
    handler = AppendHandler(run_log, log["file"], current_task)
    handler.setFormatter(logging.Formatter(log["format"]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log["level"])
    return handler
