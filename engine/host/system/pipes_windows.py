"""Pipes that never block, and waiting for many of them: Windows."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import connection

from ..typed import Any, Callable
from .pipe import Connection

assert sys.platform == "win32"


class Selector:
    """Calls the listener of whatever can be read. Each source is registered once."""

    def __init__(self) -> None:
        self._heard: dict[Any, Callable[[], object]] = {}

    def add(self, source: Any, heard: Callable[[], object]) -> None:
        """Call `heard` whenever `source`, a handle or a connection, can be read."""
        self._heard[source] = heard

    def remove(self, source: Any) -> None:
        """Stop listening; call this before the source is closed."""
        self._heard.pop(source, None)

    def wait(self, timeout: float | None) -> None:
        """Serve whatever is ready, as soon as anything is, or return after `timeout` seconds."""
        for source in connection.wait(list(self._heard), timeout):
            if heard := self._heard.get(source):  # unless one served earlier has removed it
                heard()


class Channel:
    """One end of a duplex pipe whose other end is a `Connection`.

    The pipe carries whole messages, so reading one that is there does not block. Writing may, in a thread.
    """

    def __init__(self, conn: Connection, selector: Selector, heard: Callable[[], object]) -> None:
        self._conn = conn
        self._selector = selector
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self.pending = 0
        """Bytes that are not written yet."""
        self.closed = False
        """Whether the other end is gone: nothing more arrives or is sent."""
        selector.add(conn, heard)

    def send(self, messages: Iterable[bytes]) -> None:
        """Send messages, each complete, as soon as the other end takes them."""
        if self.closed:
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, daemon=True)
            self._writer.start()
        for message in messages:
            self.pending += len(message)
            self._out.put(message)

    def _write(self) -> None:
        with suppress(OSError, ValueError):  # the other end is gone, which reading reports
            while (message := self._out.get()) is not None:
                self._conn.send_bytes(message)
                self.pending -= len(message)
        self.pending = 0

    def receive(self) -> list[bytes]:
        """The complete messages that are there. Sets `closed` once no more can come."""
        messages: list[bytes] = []
        try:
            while not self.closed and self._conn.poll():
                messages.append(self._conn.recv_bytes())
        except (EOFError, OSError):
            self.closed = True
            self._selector.remove(self._conn)
        return messages

    def close(self) -> None:
        """Close the pipe; unsent data is lost."""
        self._out.put(None)
        self._selector.remove(self._conn)
        self._conn.close()
