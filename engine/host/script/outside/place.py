"""Where the processes of a script find their host: made before all else, so that main can start up."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import shutil
import socket
import tempfile

from ...system import keep_high

BACKLOG = 512
MOST_PATH = 104
"""Bytes that every system allows for the path of a socket, with the zero at its end."""
OWN_PART = len("/poolhouse-12345678/s") + 1
SHORT_FOLDER = "/tmp"  # noqa: S108 - the folder in it is made by mkdtemp


class Place:
    """A folder for the socket and the memory of workers: the run folder's path may be too long."""

    def __init__(self) -> None:
        self.token = os.urandom(16).hex()
        self.folder = tempfile.mkdtemp(prefix="poolhouse-", dir=_temporary())
        self.address = os.path.join(self.folder, "s")
        self.line = os.path.join(self.folder, "line")
        """The file that has the last byte of what was printed."""
        with open(self.line, "wb") as file:
            file.write(b"\n")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        self.listener = socket.socket(fileno=keep_high(listener.detach()))

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
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _temporary() -> str:
    """The folder for temporary files, or another one if its path leaves no room for that of a socket."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) + OWN_PART <= MOST_PATH else SHORT_FOLDER
