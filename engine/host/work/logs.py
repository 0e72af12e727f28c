"""Log records of host and workers: one append per record, so that lines never mix and none is lost."""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from array import array
from collections.abc import Iterable
from contextlib import suppress

from ..record.text import plain
from ..system import open_append
from ..typed import Callable

LOOK_SECONDS = 1.0
"""How often a handler checks whether its file is still in place."""
NOWHERE = (-1, (0, 0))
MOST_PLACES = 10_000
"""If there are more, the last place of a task extends over lines of others."""


class LogFile:
    """A file of lines. Lines that cannot be written are counted, and reported as soon as one can be.

    User code may close its descriptor, whose number another file may then get: each write checks that.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._pid = os.getpid()
        self._fd, self._file = NOWHERE
        with suppress(OSError):  # each write tries again, and reports it
            self._fd, self._file = _opened(path)
        self._missing = 0
        """Lines lost since the last successful write."""
        self.lost = 0
        """All lines lost,"""
        self.why = ""
        """and why the last one was."""

    def write(self, line: bytes) -> int | None:
        """Append a line, or count it as lost. Returns its offset, if that is known."""
        try:
            if os.getpid() != self._pid or not self._is_ours():
                self._open()
            if self._missing:
                _write(self._fd, f"[{self._missing:,} log records were lost here: {self.why}]\n".encode())
                self._missing = 0
            return _write(self._fd, line)
        except OSError as error:
            self._missing += 1
            self.lost += 1
            self.why = plain(os.strerror(error.errno) if error.errno else str(error))
            return None

    def _open(self) -> None:
        """Open it for this process alone: a descriptor from a fork would share its position."""
        fd, file = _opened(self.path)
        if self._is_ours():
            os.close(self._fd)
        self._fd, self._file, self._pid = fd, file, os.getpid()

    def follow(self) -> None:
        """Create the file again, if it was removed or rotated away."""
        try:
            status = os.stat(self.path)
            in_place = (status.st_dev, status.st_ino) == self._file
        except OSError:
            in_place = False
        if not in_place and self._is_ours():
            os.close(self._fd)
            self._fd, self._file = NOWHERE  # the next write opens it

    def _is_ours(self) -> bool:
        try:
            status = os.fstat(self._fd)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._file


def _opened(path: str) -> tuple[int, tuple[int, int]]:
    """A descriptor for a file, and the file's identity. Raises `OSError`; never waits."""
    with suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISCHR(mode):
            raise OSError(errno.EINVAL, "It is not a file")  # a pipe would block the process until it is read
    fd = open_append(path)
    status = os.fstat(fd)
    return fd, (status.st_dev, status.st_ino)


def _write(fd: int, line: bytes) -> int | None:
    """Write a complete line, even if a full disk splits it. Returns its offset, if it is in one piece."""
    written = os.write(fd, line)
    if written == len(line):
        return os.lseek(fd, 0, os.SEEK_CUR) - written
    while line := line[written:]:
        written = os.write(fd, line)
    return None


class Places:
    """Parts of a file, each with the task that wrote it."""

    def __init__(self, threes: array[int] | None = None) -> None:
        self._threes = array("q") if threes is None else threes
        """Task, offset and length, one after the other."""

    def __bool__(self) -> bool:
        return bool(self._threes)

    def add(self, task: int, begin: int, length: int) -> None:
        """A task wrote a line."""
        known = self._threes
        goes_on = known and known[-3] == task and known[-2] + known[-1] == begin
        if goes_on or (len(known) >= 3 * MOST_PLACES and known[-3] == task):
            known[-1] = begin + length - known[-2]
        else:
            known.extend((task, begin, length))

    def split(self, stop: int) -> tuple[Places, Places]:
        """The places of tasks before `stop`, and those of others."""
        before, behind = array("q"), array("q")
        known = self._threes
        for at in range(0, len(known), 3):
            (before if known[at] < stop else behind).extend(known[at : at + 3])
        return Places(before), Places(behind)

    def of(self, first: int) -> array[int]:
        """The triples of tasks from `first` on, relative to it."""
        found, known = array("q"), self._threes
        for at in range(0, len(known), 3):
            if known[at] >= first:
                found.extend((known[at] - first, known[at + 1], known[at + 2]))
        return found


class AppendHandler(logging.Handler):
    """Appends each record to run.log, and to the job's own log file if it has one, in a single write.

    Records for the own file wait until `open_own_file`: a run that cannot start leaves it unchanged.
    """

    def __init__(self, run_log: str, own_file: str, current_task: Callable[[], int]) -> None:
        super().__init__()
        self._own_path = own_file
        self._files = [LogFile(run_log)]
        self._held: list[bytes] = []
        self.current_task = current_task
        self.current_lane: Callable[[], int] = lambda: 0
        """Returns the lane of the caller: each has its own tasks."""
        self._look_at = 0.0
        self._told = 0
        self.tell: Callable[[int, int, int], object] | None = None
        """Called with each line of a task in run.log: the task, offset and length."""
        self._places: dict[int, Places] = {}
        """Where the tasks of each lane wrote into run.log since the last query."""

    def open_own_file(self) -> None:
        """From now on write the own file too, beginning with what waits."""
        if not self._own_path or len(self._files) > 1:
            return
        self.acquire()
        try:
            if len(self._files) == 1:
                self._files.append(LogFile(self._own_path))
                for line in self._held:
                    self._files[1].write(line)
                self._held.clear()
        finally:
            self.release()

    def hold(self, lines: Iterable[bytes]) -> None:
        """Write these lines of another process to the own file, once it is open."""
        self._held.extend(lines)

    def give_up_held(self) -> list[bytes]:
        """Hand over what waits to another process."""
        lines, self._held = self._held, []
        return lines

    def newly_lost(self) -> tuple[int, str]:
        """How many records could not be written since the last call, and why."""
        self.acquire()
        try:
            lost = sum(file.lost for file in self._files)
            new, self._told = lost - self._told, lost
        finally:
            self.release()
        return new, next((f"{file.path}: {file.why}" for file in self._files if file.why), "")

    def emit(self, record: logging.LogRecord) -> None:
        try:
            task = record.task = self.current_task()
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
        except Exception:
            self.handleError(record)
            return
        if self._own_path and len(self._files) == 1:
            self._held.append(line)
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            for file in self._files:
                file.follow()
        begin = self._files[0].write(line)
        if begin is not None and task >= 0:
            self._places.setdefault(self.current_lane(), Places()).add(task, begin, len(line))
            if self.tell is not None:
                self.tell(task, begin, len(line))
        for file in self._files[1:]:
            file.write(line)

    def append(self, lines: bytes) -> int | None:
        """Append lines of another process. Returns their offset in run.log, if that is known."""
        self.acquire()
        try:
            if self._own_path and len(self._files) == 1:
                self._held.append(lines)
            for file in self._files[1:]:
                file.write(lines)
            return self._files[0].write(lines)
        finally:
            self.release()

    def written(self, first: int, count: int) -> array[int] | None:
        """Where these tasks wrote into run.log: triples of a task's index among them, an offset and a length.

        The tasks are those of the calling lane. It never asks about these or earlier ones again.
        """
        lane = self.current_lane()
        if not self._places.get(lane):
            return None
        self.acquire()
        try:
            places, self._places[lane] = self._places[lane].split(first + count)
        finally:
            self.release()
        return places.of(first)

    def close(self) -> None:
        """User code shuts logging down or sets it up again: our descriptors stay open for what follows."""


def refusal(path: str) -> str:
    """Why a log file cannot be written, and what to do; empty if it can be. Does not change it."""
    before = os.path.lexists(path)
    try:
        fd, _ = _opened(path)
    except OSError as error:
        return f"The log file {path} cannot be written: {_reason(path, error)}"
    os.close(fd)
    if not before:
        os.remove(path)
    return ""


def _reason(path: str, error: OSError) -> str:
    if os.path.isdir(path):
        return "it is a folder. Give the name of a file in it."
    if os.path.exists(path) and error.errno == errno.EINVAL:
        return "it is a pipe or a device, not a file. Choose another name."
    if not os.path.isdir(os.path.dirname(path)):
        return f"there is no folder {os.path.dirname(path)}. Make it, or choose another one."
    return f"{error.strerror}. Choose a file that you may write."


def set_up(log: dict[str, str], run_log: str, current_task: Callable[[], int]) -> AppendHandler:
    """Configure the root logger of this process as the job's [log] says."""
    handler = AppendHandler(run_log, log["file"], current_task)
    handler.setFormatter(logging.Formatter(log["format"]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log["level"])
    return handler
