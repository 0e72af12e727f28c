"""The app at the other end of the pipe: what it is told and asks, and how another one takes its place."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from typing import Any

from ..record.text import plain_all

ATTACH = "attach.json"
"""In the run folder: where an app waits for the host of a run that goes on without one."""


class App:
    """Carries JSON lines. A host may outlive its app, where it was asked to keep on."""

    def __init__(self, link: Connection, run_folder: str) -> None:
        self.link: Connection | None = link
        self._invitation = os.path.join(run_folder, ATTACH)

    def tell(self, event: str, **content: Any) -> None:
        """Send an event, if there is an app to hear it."""
        if self.link is not None:
            with suppress(OSError):  # it is gone; the next `hear` says so
                self.link.send_bytes(json.dumps(plain_all({"event": event, **content})).encode() + b"\n")

    def notice(self, what: str, why: str) -> None:
        """Tell of something that the person should know, and that the run goes on in spite of."""
        self.tell("noticed", what=what, why=why)

    def hear(self) -> dict[str, Any] | None:
        """The command that came; None where the app is gone."""
        assert self.link is not None
        try:
            return json.loads(self.link.recv_bytes())
        except (EOFError, OSError):
            self.link.close()
            self.link = None
            return None

    def look_for_another(self) -> bool:
        """Take up the link to an app that waits for this host, if one does."""
        try:
            with open(self._invitation, encoding="utf-8") as file:
                invitation = json.load(file)
            os.remove(self._invitation)
            self.link = Client(invitation["address"], authkey=bytes.fromhex(invitation["key"]))
        except (OSError, ValueError, KeyError, EOFError):
            return False
        return True
