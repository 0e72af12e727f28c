"""What the script prints: flushed in time, and whether it ends with a complete line."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import io
import mmap
from contextlib import suppress
from typing import Any

NEWLINE = 10


def watch(path: str) -> None:
    """Record the last printed byte in the file at `path`, which all processes of the script share."""
    stream: Any = sys.stdout
    if type(stream) is not io.TextIOWrapper or type(stream.buffer) not in (io.BufferedWriter, io.FileIO):
        return
    with suppress(OSError, ValueError):
        with open(path, "r+b") as file:
            last = mmap.mmap(file.fileno(), 1)
        sys.stdout = sys.__stdout__ = _watched(stream, last)


def _watched(stream: Any, last: mmap.mmap) -> io.TextIOWrapper:
    """Standard output as Python creates it, but recording its last byte."""

    class FileIO(io.FileIO):
        def write(self, data: Any, /) -> int | None:
            written = super().write(data)
            if written:
                last[0] = memoryview(data)[written - 1]
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
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # it may be closed, or anything else
            stream.flush()
