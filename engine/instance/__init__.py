"""One window: a second start of the app hands its file to the first and ends.

What is handed over goes through a socket (on Windows a pipe) that only its own user can reach. Starts that
differ in display or in the folder of runs know nothing of each other.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

if sys.platform == "win32":
    from engine.instance import windows as system
else:
    from engine.instance import posix as system

__all__ = ["Door", "Request", "hand_over"]

ANSWER_SECONDS = 3.0
"""An app that has not answered by then has a fault of its own."""
TAKEN = b"taken"


@dataclass(frozen=True)
class Request:
    """What a second start asks of the window."""

    file: str = ""
    """What to open, an absolute path; empty to come to the front only."""
    token: str = ""
    """The desktop's permission to take the focus."""


def _name(root: Path) -> str:
    places = [str(root), *(os.environ.get(name, "") for name in ("DISPLAY", "WAYLAND_DISPLAY"))]
    return hashlib.sha256("\0".join(places).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def hand_over(root: Path, request: Request) -> bool:
    """Give `request` to the app whose runs are in `root`; False where there is none that takes it."""
    link = system.connect(_name(root))
    if link is None:
        return False
    with link, suppress(OSError, EOFError):
        link.send_bytes(json.dumps(asdict(request)).encode())
        return link.poll(ANSWER_SECONDS) and link.recv_bytes(64) == TAKEN
    return False


class Door:
    """Where the first app hears of later starts. `hear` belongs to one thread, `close` to any."""

    def __init__(self, root: Path) -> None:
        """Raises OSError where there is no place for it; the app then is for itself."""
        self._entry = system.Entry(_name(root))

    def hear(self) -> Request | None:
        """Wait for the next request; None when the door is closed."""
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
        """Hear no more."""
        self._entry.close()
