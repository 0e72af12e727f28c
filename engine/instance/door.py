"""Both ends of the connection between a second start of the app and the first."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine.instance import Request, place

if sys.platform == "win32":
    from engine.instance import windows as system
else:
    from engine.instance import posix as system

if TYPE_CHECKING:
    from engine.host.system.pipe import Connection

ANSWER_SECONDS = 3.0
"""Seconds after which a silent app is considered broken."""
TAKEN = b"taken"


def give(name: str, request: Request) -> bool:
    """Send `request` to the app that listens at `name`; False if no app accepts it."""
    link = system.connect(name)
    if link is None:
        return False
    with link, suppress(OSError, EOFError):
        link.send_bytes(json.dumps(asdict(request)).encode())
        return link.poll(ANSWER_SECONDS) and link.recv_bytes(64) == TAKEN
    return False


class Door:
    """Where the first app receives later starts. `hear` belongs to one thread, `close` to any."""

    def __init__(self, root: Path) -> None:
        """Raises OSError if it cannot listen; the app is then on its own."""
        self._entry = system.Entry(place.name_for(root))

    def hear(self) -> Request | None:
        """Wait for the next request; None once the door is closed."""
        while (link := self._entry.accept()) is not None:
            with link, suppress(OSError, EOFError, ValueError, TypeError):
                if request := self._read(link):
                    return request
        return None

    def _read(self, link: Connection) -> Request | None:
        if not link.poll(ANSWER_SECONDS):
            return None
        request = Request(**json.loads(link.recv_bytes(1 << 16)))
        link.send_bytes(TAKEN)
        return request

    def close(self) -> None:
        """Stop listening."""
        self._entry.close()
