"""What a task may change for later tasks in its process, and how that is restored."""

from __future__ import annotations

import faulthandler
import gc
import locale
import logging
import os
import sys
import threading
from contextlib import suppress

from ..system.limits import ProcessState, address_space
from ..system.stdio import flush_c, redirect_output
from ..typed import Any, Callable
from .logs import AppendHandler

STREAMS = ("stdin", "stdout", "stderr")


def flush_output() -> None:
    """Flush what user code printed, also in C, as far as it has left us the streams."""
    for name in ("stdout", "stderr"):
        with suppress(BaseException):  # closed, or replaced by anything
            getattr(sys, name).flush()
    flush_c()


class Surroundings:
    """The process as the user's module found or made it, which `restore` goes back to."""

    def __init__(self, output: str, log: AppendHandler, memory_limit: int) -> None:
        self._output = output
        self._log = log
        self._level = logging.getLogger().level
        self._folder = os.getcwd()
        self._umask = _umask()
        self._locale = locale.setlocale(locale.LC_ALL)
        self._state = ProcessState()
        self._file = self._output_file()
        self._streams = _streams()
        taken = address_space()
        self._full = taken + (memory_limit - taken) // 2 if memory_limit and taken else 0
        """This much address space is too much after a task that ran out of it; 0 if it is not limited."""
        self.ran_out_of_memory = False
        """Whether a task has run out of memory since the last `restore`."""
        self.worn = False
        """Whether a task left what cannot be restored: closed descriptors, hard limits, used memory."""

    def stop_timers(self) -> None:
        """Stop what would go off while no task runs."""
        faulthandler.cancel_dump_traceback_later()
        self._state.stop_timers()

    def restore(self) -> None:
        """Restore what differs, or find the process `worn`. Takes some microseconds if nothing does."""
        try:
            self._restore()
        except BaseException:  # an alarm of the last task may go off in here
            try:
                self._restore()
            except BaseException:
                self.worn = True

    def _restore(self) -> None:
        if not self._state.put_back():
            self.worn = True
        with suppress(OSError):  # the folder is gone: the tasks that need it will report that
            if _folder() != self._folder:
                os.chdir(self._folder)
        os.umask(self._umask)
        if locale.setlocale(locale.LC_ALL) != self._locale:
            locale.setlocale(locale.LC_ALL, self._locale)
        self._restore_log()
        self._restore_streams()
        if self.ran_out_of_memory:
            self.ran_out_of_memory = False
            gc.collect()
            self.worn |= address_space() > self._full > 0

    def _restore_streams(self) -> None:
        for name, before in zip(STREAMS, self._streams):
            if getattr(sys, name, None) is not before:
                setattr(sys, name, before)
        file = self._output_file()
        self.worn |= file is None
        if file != self._file or any(map(_is_closed, self._streams)):
            redirect_output(self._output)
            self._file = self._output_file()
            self._streams = _streams()
        if not faulthandler.is_enabled():
            faulthandler.enable(2)

    def _restore_log(self) -> None:
        root = logging.getLogger()
        if type(root.handlers) is not list:
            root.handlers = []
        if not any(handler is self._log for handler in root.handlers):
            root.addHandler(self._log)
        if root.level != self._level:
            root.setLevel(self._level)
        logging.disable(logging.NOTSET)

    def _output_file(self) -> list[tuple[int, int]] | None:
        """Device and inode of stdout and stderr; None if one is closed."""
        try:
            return [(status.st_dev, status.st_ino) for status in map(os.fstat, (1, 2))]
        except OSError:
            return None


class SharedSurroundings(Surroundings):
    """Those of a process with several threads: what a task may use is restored once no other is running."""

    def __init__(
        self, output: str, log: AppendHandler, memory_limit: int, at_work: Callable[[], int]
    ) -> None:
        """`at_work` returns how many threads are on a task."""
        super().__init__(output, log, memory_limit)
        self._at_work = at_work
        self._lock = threading.Lock()

    def stop_timers(self) -> None:
        """Nothing: they may belong to another task."""

    def restore(self) -> None:
        with self._lock:
            if self._at_work() == 0:
                super().restore()
            else:
                self._restore_log()


def _streams() -> list[object]:
    return [getattr(sys, name, None) for name in STREAMS]


def _is_closed(stream: Any) -> bool:
    """Whether a stream cannot be written to any more, as far as it says; it may be any object."""
    if stream is None:
        return True
    try:
        return stream.closed is True
    except ValueError:  # its buffer was detached
        return True
    except BaseException:
        return False


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask
