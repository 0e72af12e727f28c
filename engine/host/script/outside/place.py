"""Where the processes of a script find their host: made before all else, so that main can begin.

Imports next to nothing.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import _socket
import os

from ...descriptors import keep_high

BACKLOG = 512
LONGEST = 100
"""Bytes in the folder's path: the socket's, which is two longer, must have less than 104 on macOS."""
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
"""Variables that name the folder for temporary files, as `tempfile` knows them,"""
USUAL = ("/tmp", "/var/tmp", "/usr/tmp")  # noqa: S108
"""and the folders that it tries otherwise."""


class Place:
    """A folder for the socket and the memory of workers: the run folder's path may be too long."""

    def __init__(self) -> None:
        """Raises `OSError`."""
        self.token = os.urandom(16).hex()
        self.folder = _new_folder()
        self.address = os.path.join(self.folder, "s")
        self.line = os.path.join(self.folder, "line")
        """The file that has the last byte of what was printed."""
        with open(self.line, "wb") as file:
            file.write(b"\n")
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        listener.bind(self.address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        self.listener = keep_high(listener.detach())
        """The descriptor of the socket."""

    def is_line_open(self) -> bool:
        """Whether what was printed ends within a line."""
        try:
            with open(self.line, "rb") as file:
                return file.read() != b"\n"
        except OSError:  # somebody has cleared the temporary folder
            return False

    def slot(self, number: int) -> str:
        """The file of the memory of a worker."""
        return os.path.join(self.folder, f"slot-{number}")

    def close(self) -> None:
        """Nobody is let in any more."""
        os.close(self.listener)
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)


def _new_folder() -> str:
    """A new folder among the temporary files, which only this user can read."""
    error: OSError = FileNotFoundError("there is no folder for temporary files")
    for above in (*filter(None, map(os.environ.get, TEMPORARY)), *USUAL):
        try:
            folder = os.path.join(os.path.abspath(above), f"poolhouse-{os.urandom(6).hex()}")
            if len(os.fsencode(folder)) > LONGEST:
                raise OSError(f"{above}: the path is too long for a socket")
            os.mkdir(folder, 0o700)
        except OSError as refused:
            error = refused
        else:
            return folder
    raise error
