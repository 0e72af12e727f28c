"""The socket that all processes of a script connect to, and who is who."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os
import socket
from multiprocessing.connection import Connection

from ...record.wire import Messages
from ...system import Channel, Selector, keep_high
from ...typed import Any, Callable
from .place import Place


class Caller:
    """A connection. `heard` gets each of its messages; it is anonymous until the first one."""

    def __init__(self, hub: Hub, conn: Connection, selector: Selector) -> None:
        self._hub = hub
        self.channel = Channel(conn, selector, self.listen)
        self.received = Messages()
        self.heard: Callable[[str, list[Any]], object] | None = None

    def listen(self) -> None:
        """Something has arrived, or the other end is gone."""
        try:
            while frames := self.channel.receive():
                for kind, *content in self.received.take(frames):
                    self._take(kind, content)
        except (ValueError, EOFError, TypeError):  # not one of our messages
            self.channel.close()
        if self.channel.closed and self.heard is None:
            self._hub.forget(self)

    def _take(self, kind: str, content: list[Any]) -> None:
        if self.heard is not None:
            self.heard(kind, content)
        elif content and content[0] == self._hub.place.token:
            self._hub.welcome(self, kind, content[1:])
        else:
            raise ValueError("a process without the token")


class Hub:
    """Listens. `welcome` is called when a caller has identified itself, and sets its `heard`."""

    def __init__(
        self, place: Place, selector: Selector, welcome: Callable[[Caller, str, list[Any]], object]
    ) -> None:
        self.place = place
        self.welcome = welcome
        self._selector = selector
        self._listener = socket.socket(fileno=os.dup(place.listener))
        self._unknown: set[Caller] = set()
        selector.add(self._listener, self._accept)

    def take_in(self) -> None:
        """Accept all pending connections."""
        self._accept()
        for caller in list(self._unknown):
            caller.listen()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            self._unknown.add(Caller(self, Connection(keep_high(conn.detach())), self._selector))

    def forget(self, caller: Caller) -> None:
        """Forget a caller that is known now, or gone."""
        self._unknown.discard(caller)
        if caller.channel.closed:
            caller.channel.close()

    def close(self) -> None:
        self._selector.remove(self._listener)
        self._listener.close()
        for caller in self._unknown:
            caller.channel.close()
