"""The way into a running app on Linux and macOS: a socket in a folder of the user's own."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import cast

assert sys.platform != "win32"

from engine.instance.place import folder


def connect(name: str) -> Connection | None:
    """A link to the app at `name`; None if there is none."""
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(str(folder() / name))
    except OSError:  # nobody is there, or what is there was left by an app that was killed
        link.close()
        return None
    return Connection(link.detach())


class Entry:
    """A socket that listens."""

    def __init__(self, name: str) -> None:
        """Raises OSError if another app listens already, or there is no safe place."""
        if link := connect(name):
            link.close()
            raise FileExistsError(f"Another app listens at {name}")
        self._path = folder() / name
        self._socket = socket.socket(socket.AF_UNIX)
        draft = self._path.with_name(f"{name}.{os.getpid()}")
        try:
            self._socket.bind(str(draft))
            self._socket.listen()
            self._inode = draft.stat().st_ino
            draft.replace(self._path)  # over one that was left behind, at one stroke
        except OSError:
            self._socket.close()
            draft.unlink(missing_ok=True)
            raise
        self._closed, self._close = Pipe(duplex=False)

    def accept(self) -> Connection | None:
        """The next link; None when this is closed."""
        ready = wait([self._socket, self._closed])
        if self._closed in ready:
            self._socket.close()
            self._closed.close()
            return None
        link, _ = cast("tuple[socket.socket, object]", self._socket.accept())
        return Connection(link.detach())

    def close(self) -> None:
        """Be found no more, and have `accept` return."""
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:  # not one that another app has put there since
                self._path.unlink()
        self._close.close()
