"""What a task may change for the tasks after it in its process, and how it is put back."""

from __future__ import annotations

import locale
import logging
import os
import signal
import sys
from contextlib import suppress

from ..system import open_append
from .logs import AppendHandler

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def redirect_output(path: str) -> None:
    """Point stdout and stderr, of Python and of C, at the end of `path`, and stdin at nothing."""
    fd = open_append(path)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (fd, 1), (fd, 2)):
        os.dup2(source, target)
    for source in (nothing, fd):
        if source > 2:
            os.close(source)
    sys.stdin = open(0, closefd=False)
    sys.stdout = _stream(1)
    sys.stderr = _stream(2)


def _stream(fd: int) -> object:
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def flush_output() -> None:
    """Bring what user code printed to the file, where it has left us the streams to do it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed or replaced by the user's code
            stream.flush()


class Surroundings:
    """The process as the user's module found or made it: what `restore` goes back to."""

    def __init__(self, output: str, log: AppendHandler) -> None:
        self._output = output
        self._log = log
        self._level = logging.getLogger().level
        self._folder = os.getcwd()
        self._umask = _umask()
        self._locale = locale.setlocale(locale.LC_ALL)
        self._signals = [signal.getsignal(number) for number in SIGNALS]
        self._file = self._output_file()
        self.worn = False
        """Whether a task closed descriptors that cannot be opened again, such as those of multiprocessing."""

    def restore(self) -> None:
        """Put back what differs. Some microseconds where nothing does."""
        with suppress(OSError):  # the folder is gone: the tasks that need it will say so
            if _folder() != self._folder:
                os.chdir(self._folder)
        os.umask(self._umask)
        if locale.setlocale(locale.LC_ALL) != self._locale:
            locale.setlocale(locale.LC_ALL, self._locale)
        for number, handler in zip(SIGNALS, self._signals):
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        self._restore_log()
        file = self._output_file()
        self.worn |= file is None
        if file != self._file or any(s is None or s.closed for s in (sys.stdout, sys.stderr)):
            redirect_output(self._output)
            self._file = self._output_file()

    def _restore_log(self) -> None:
        root = logging.getLogger()
        if self._log not in root.handlers:
            root.addHandler(self._log)
        if root.level != self._level:
            root.setLevel(self._level)
        logging.disable(logging.NOTSET)

    def _output_file(self) -> list[tuple[int, int]] | None:
        """Device and inode of stdout and stderr; None where one is closed."""
        try:
            return [(status.st_dev, status.st_ino) for status in map(os.fstat, (1, 2))]
        except OSError:
            return None


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask
