"""A child process as its process id and a descriptor that reports its end: Linux, macOS and the like.

Nothing here waits. `multiprocessing` starts the process, and its object is kept for the pipes in it, which
show the child that this process exists. But a `Process` is never asked about the child: `join` does not keep
its time limit (cpython issue 79838), and it looks at a pipe that any descendant of the child may hold.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from contextlib import suppress
from multiprocessing import process as processes

from ..typed import Any, Callable

assert sys.platform != "win32"

from .pipes_posix import Selector

NUMBER = struct.Struct("q")
"""The server of forkserver writes the process id, then the exit code."""
CODE_SECONDS = 1.0
"""Seconds that the server has to report the exit code of an ended process."""
UNKNOWN = 255
"""Exit code of a process whose end nobody saw."""


class Process:
    """Starts a process. `changed` is called when there may be something new for `look`."""

    def __init__(self, process: Any, method: str, selector: Selector, changed: Callable[[], object]) -> None:
        """Raises `OSError` or `EOFError` if the system, or the server of forkserver, does not start one."""
        self._selector = selector
        self._changed = changed
        self.pid = 0
        """0 until the server of forkserver has reported it."""
        self.exit_code: int | None = None
        """Once it has ended; if negative, the signal that killed it."""
        self._told = b""
        """What the server has written,"""
        self._server = -1
        """and the pipe for it: the process is its child. If negative, it is ours."""
        self._pidfd = -1
        self._ended_at: float | None = None
        self._killed = False
        if method == "forkserver":
            _start_without_waiting(process)
        else:
            process.start()
        vars(processes)["_children"].discard(process)
        self._process = process
        popen = process._popen  # noqa: SLF001
        if method == "forkserver":
            self._server = os.dup(popen.sentinel)
            os.set_blocking(self._server, False)
            selector.add(self._server, changed)
        else:
            self._has(popen.pid)

    def _has(self, pid: int) -> None:
        self.pid = pid
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            with suppress(OSError):  # it is gone already, or the kernel is old
                self._pidfd = os.pidfd_open(pid)
                self._selector.add(self._pidfd, self._changed)
        if self._killed:
            self.kill()

    def look(self) -> None:
        """Check whether it has ended; sets `pid` and `exit_code` as far as known."""
        if self.exit_code is not None:
            return
        if self._server >= 0:
            self._hear_server()
        if self.exit_code is None and self.pid:
            self._wait_for_it()

    def _wait_for_it(self) -> None:
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:  # it is the server's child, or somebody else has waited for it
            if not _is_there(self.pid) and (self._server < 0 or self._code_is_late()):
                self.exit_code = UNKNOWN
            return
        if pid:
            self.exit_code = os.waitstatus_to_exitcode(status)

    def _code_is_late(self) -> bool:
        if self._ended_at is None:
            self._ended_at = time.monotonic()
        return time.monotonic() > self._ended_at + CODE_SECONDS

    def _hear_server(self) -> None:
        try:
            data = os.read(self._server, 2 * NUMBER.size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._told += data
        numbers = [
            n for (n,) in NUMBER.iter_unpack(self._told[: len(self._told) // NUMBER.size * NUMBER.size])
        ]
        if numbers and not self.pid:
            self._has(numbers[0])
        if len(numbers) > 1:
            self.exit_code = numbers[1]
            with suppress(ChildProcessError):  # it may have become our child when the server died
                os.waitpid(self.pid, os.WNOHANG)
        elif not data:  # the server is gone; if it had started the process, that is our child now
            self._leave_server()
            if not self.pid:
                self.exit_code = UNKNOWN

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.exit_code is not None or not self.pid:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "linux" and self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, number)
            else:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, now or as soon as its process id is known."""
        self._killed = True
        self.send(signal.SIGKILL)

    def _leave_server(self) -> None:
        if self._server >= 0:
            self._selector.remove(self._server)
            os.close(self._server)
            self._server = -1

    def close(self) -> None:
        """Release the descriptors that report its end and that show it that this process exists."""
        self._leave_server()
        if self._pidfd >= 0:
            self._selector.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self._process._popen.close()  # noqa: SLF001


def _is_there(pid: int) -> bool:
    """Whether a process has not ended; a zombie counts as ended."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (OSError, IndexError):
        return not os.path.isdir("/proc/self")


def _read_later(_fd: int) -> int:
    return 0


def _start_without_waiting(process: Any) -> None:
    """Let the server of forkserver start a process, without waiting for the process id."""
    from multiprocessing import forkserver

    read_signed = forkserver.read_signed
    setattr(forkserver, "read_signed", _read_later)  # noqa: B010
    try:
        process.start()
    finally:
        setattr(forkserver, "read_signed", read_signed)  # noqa: B010
