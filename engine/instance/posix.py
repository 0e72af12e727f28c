"""The connection to a running app on Linux and macOS: a socket in a private folder of the user."""

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
    """A connection to the app at `name`; None if there is none."""
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(str(folder() / name))
    except OSError:  # no app, or a socket left by an app that was killed
        link.close()
        return None
    return Connection(link.detach())


class Entry:
    """A listening socket."""

    def __init__(self, name: str) -> None:
        """Raises OSError if another app is already listening, or there is no safe place."""
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
            draft.replace(self._path)  # replaces a leftover one atomically
        except OSError:
            self._socket.close()
            draft.unlink(missing_ok=True)
            raise
        self._closed, self._close = Pipe(duplex=False)

    def accept(self) -> Connection | None:
        """The next connection; None once this is closed."""
        ready = wait([self._socket, self._closed])
        if self._closed in ready:
            self._socket.close()
            self._closed.close()
            return None
        link, _ = cast("tuple[socket.socket, object]", self._socket.accept())
        return Connection(link.detach())

    def close(self) -> None:
        """Stop listening, and make `accept` return."""
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:  # unless another app has replaced it since
                self._path.unlink()
        self._close.close()
