"""stdin, stdout and stderr of a command: they always exist, and never end a run.

What a command prints about its run is a courtesy. A reader that has gone, a full disk or a stopped terminal
must neither end the run nor change its status.
"""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PATIENCE = 1.0
"""If a reader of stderr takes nothing for this many seconds, output is dropped until it does."""
PIECE = 512
"""Bytes that a ready pipe or terminal takes without blocking: POSIX promises this many."""


def forgive_stdout() -> None:
    """From now on, printing raises no error."""
    sys.stdout = _forgiving(sys.stdout, 1, patience=None)


def escape_stdout() -> None:
    """From now on, characters that stdout cannot encode are printed as escapes."""
    stdout: object = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        cast("io.TextIOWrapper[Any]", stdout).reconfigure(errors="backslashreplace")


@contextmanager
def forgiven_stdout() -> Generator[None]:
    """Inside this block, printing raises no error; it does again if an exception leaves the block."""
    before = sys.stdout
    forgive_stdout()
    yield
    sys.stdout.flush()
    sys.stdout = before


def forgive_stderr() -> None:
    """From now on, printing to stderr raises no error and waits for no reader."""
    sys.stderr = _forgiving(sys.stderr, 2, PATIENCE)


def _forgiving(stream: TextIO, fd: int, patience: float | None) -> TextIO:
    with suppress(OSError):
        stream.flush()
    codecs.register_error("as_bytes", _as_bytes)
    raw = io.BufferedWriter(Forgiving(fd, patience))
    return io.TextIOWrapper(raw, stream.encoding, "as_bytes", line_buffering=True)


def _as_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    """Print the raw bytes of a path that is not valid text, and escapes for anything else."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


class Forgiving(io.RawIOBase):
    """Writes to a descriptor what that takes, and drops the rest."""

    def __init__(self, fd: int, patience: float | None) -> None:
        self._fd = fd
        self._most = self._patience = patience

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return os.isatty(self._fd)

    def writable(self) -> bool:
        return True

    def write(self, b: ReadableBuffer, /) -> int:
        data = memoryview(b).cast("B")
        try:
            return os.write(self._fd, data[:PIECE]) if self._is_ready() else len(data)
        except OSError:
            return len(data)

    def _is_ready(self) -> bool:
        """Whether the descriptor is ready, now or soon. Windows can only tell for sockets."""
        if sys.platform == "win32":
            return True
        ready = bool(select.select([], [self._fd], [], self._patience)[1])
        self._patience = self._most if ready else 0.0
        return ready
