"""The connection to a running app on Windows: a named pipe that other users cannot write to."""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress
from multiprocessing.connection import Client, Listener
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.host.system.pipe import Connection

assert sys.platform == "win32"


def _address(name: str) -> str:
    return rf"\\.\pipe\poolhouse-{getpass.getuser()}-{name}"


def connect(name: str) -> Connection | None:
    """A connection to the app at `name`; None if there is none."""
    try:
        return Client(_address(name), "AF_PIPE")
    except OSError:
        return None


class Entry:
    """A waiting pipe."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._listener = Listener(_address(name), "AF_PIPE")
        self._closed = False

    def accept(self) -> Connection | None:
        """The next connection; None once this is closed."""
        while not self._closed:
            with suppress(OSError):  # the other side is gone already
                link = self._listener.accept()
                if not self._closed:
                    return link
                link.close()
        self._listener.close()
        return None

    def close(self) -> None:
        """Make `accept` return."""
        self._closed = True
        if link := connect(self._name):  # nothing else ends an accept
            link.close()
