"""One window: a second start of the app passes its file to the first and ends.

    second start ── hand_over ──> socket (on Windows a pipe) ──> Door.hear ──> the window of the first

Only the same user can reach the socket. Starts with different displays or runs folders ignore each other.
`place` says where the socket is and whether somebody may be listening; `door` is loaded only then, since
usually nobody is. `posix` and `windows` are the two kinds of connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.instance import place

__all__ = ["Request", "hand_over"]


@dataclass(frozen=True)
class Request:
    """A request of a second start to the window."""

    file: str = ""
    """What to open, an absolute path; empty to only bring the window to the front."""
    token: str = ""
    """The desktop's permission to take the focus."""


def hand_over(root: Path, request: Request) -> bool:
    """Send `request` to the app with the runs folder `root`; False if no app accepts it."""
    name = place.name_for(root)
    if not place.may_listen(name):
        return False
    from engine.instance.door import give

    return give(name, request)
