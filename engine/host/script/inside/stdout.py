"""What the script prints: whether its last line is complete, and a copy of it if this process runs tasks."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import io
import mmap
import os
from contextlib import suppress

from ...typed import Any
from .files import open_append


class Copy:
    """A file of this process with what it prints, since what the terminal gets comes from all of them."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self.end = 0
        """So many bytes were printed."""

    def add(self, data: memoryview) -> None:
        """Something was printed."""
        with suppress(OSError):  # the run folder is full or gone: the script goes on as without us
            if self._fd < 0:
                self._open()
            self.end += os.write(self._fd, data)

    def _open(self) -> None:
        from ...record import output

        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        self._fd = open_append(self._path)
        self.end = output.end(self._path) or 0

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


_copies: list[Copy] = []
"""That of this process, if it has one."""


def copy_to(path: str) -> None:
    """From now on, copy what this process prints through Python to the file at `path`."""
    _forget()
    _copies.append(Copy(path))


def printed() -> int:
    """How many bytes this process has copied."""
    return _copies[0].end if _copies else 0


def _forget() -> None:
    """A process that was forked from one with a copy has none, unless it is for tasks itself."""
    while _copies:
        _copies.pop().close()


os.register_at_fork(after_in_child=_forget)


def watch(path: str) -> None:
    """Record the last byte printed on standard output in the file at `path`, which all processes share."""
    if _is_standard(sys.stdout):
        with suppress(OSError, ValueError):
            with open(path, "r+b") as file:
                last = mmap.mmap(file.fileno(), 1)
            sys.stdout = sys.__stdout__ = _watched(sys.stdout, last)
    if _is_standard(sys.stderr):
        sys.stderr = sys.__stderr__ = _watched(sys.stderr, None)


def _is_standard(stream: Any) -> bool:
    """Whether it is a stream as Python creates it."""
    is_text = type(stream) is io.TextIOWrapper
    return is_text and type(stream.buffer) in (io.BufferedWriter, io.FileIO)  # pyright: ignore


def _watched(stream: Any, last: mmap.mmap | None) -> io.TextIOWrapper:
    """A standard stream as Python creates it, but recording its last byte, and copied."""

    class FileIO(io.FileIO):
        def write(self, data: Any, /) -> int | None:
            written = super().write(data)
            if written:
                view = memoryview(data)
                if last is not None:
                    last[0] = view[written - 1]
                if _copies:
                    _copies[0].add(view[:written])
            return written

    is_buffered = type(stream.buffer) is io.BufferedWriter
    raw: Any = FileIO(stream.fileno(), "w", closefd=False)
    raw.name = (stream.buffer.raw if is_buffered else stream.buffer).name
    made: Any = io.TextIOWrapper(
        io.BufferedWriter(raw) if is_buffered else raw,
        encoding=stream.encoding,
        errors=stream.errors,
        newline="\n",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    made.mode = stream.mode
    stream.flush()
    buffer = stream.detach()
    if is_buffered:
        buffer.detach()
    return made


def flush() -> None:
    """Flush what was printed so far, wherever the script sends it."""
    try:  # of the two ways the quicker one: this runs after each task
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # it may be closed, or anything else
                stream.flush()
