"""The app at the other end of the pipe: events to it, its requests, and its replacement by another one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from multiprocessing.connection import Client

from ..record.text import plain_all
from ..system import Channel, Connection, Selector
from ..typed import Any, Callable

ATTACH = "attach.json"
"""In the run folder: where an app waits for the host of a run that has no app."""
MOST_PENDING = 1 << 20
"""Bytes that may wait for an app that does not read; later events are lost, except the last one."""


class App:
    """Carries JSON lines and never waits: an app may stop reading, and a host may outlive its app."""

    def __init__(
        self, link: Connection, run_folder: str, selector: Selector, heard: Callable[[], object]
    ) -> None:
        self._selector = selector
        self._heard = heard
        self._channel: Channel | None = Channel(link, selector, heard)
        self._invitation = os.path.join(run_folder, ATTACH)

    @property
    def is_there(self) -> bool:
        return self._channel is not None

    def tell(self, event: str, **content: Any) -> None:
        """Send an event, if there is an app."""
        if self._channel is not None and self._channel.pending < MOST_PENDING:
            self._send(event, content)

    def _send(self, event: str, content: dict[str, Any]) -> None:
        assert self._channel is not None
        message = json.dumps(plain_all({"event": event, **content}))
        self._channel.send([message.encode() + b"\n"])

    def tell_state(self, event: str, **content: Any) -> None:
        """Send an event that the next of its kind replaces, unless an earlier message still waits."""
        if self._channel is not None and not self._channel.pending:
            self.tell(event, **content)

    def notice(self, what: str, why: str) -> None:
        """Report something to the user that does not stop the run."""
        self.tell("noticed", what=what, why=why)

    def say_last(self, event: str, **content: Any) -> None:
        """Send the last event, and return when the app has it or is gone."""
        if self._channel is None:
            return
        self._send(event, content)
        while self.is_there and self._pending:
            self._selector.wait(None)
            list(self.commands())

    @property
    def _pending(self) -> int:
        return 0 if self._channel is None else self._channel.pending

    def commands(self) -> Iterator[dict[str, Any]]:
        """Requests since the last call; afterwards `is_there` says whether the app is still there."""
        channel = self._channel
        if channel is None:
            return
        for message in channel.receive():
            yield json.loads(message)
        if channel.closed and self._channel is channel:
            channel.close()
            self._channel = None

    def look_for_another(self) -> bool:
        """Accept the link of an app that waits for this host, if there is one."""
        try:
            with open(self._invitation, encoding="utf-8") as file:
                invitation = json.load(file)
            os.remove(self._invitation)
            link = Client(invitation["address"], authkey=bytes.fromhex(invitation["key"]))
        except (OSError, ValueError, KeyError, EOFError):
            return False
        self._channel = Channel(link, self._selector, self._heard)
        return True
