"""One window: a second start of the app hands its file to the first and ends.

    second start ── hand_over ──> socket (on Windows a pipe) ──> Door.hear ──> the window of the first

Only its own user can reach the socket. Starts that differ in display or in the folder of runs know nothing of
each other. `place` tells where it is and whether anybody may listen; `door` is loaded only then, since
most starts find nobody; `posix` and `windows` are the two kinds of link.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.instance import place

__all__ = ["Request", "hand_over"]


@dataclass(frozen=True)
class Request:
    """What a second start asks of the window."""

    file: str = ""
    """What to open, an absolute path; empty to come to the front only."""
    token: str = ""
    """The desktop's permission to take the focus."""


def hand_over(root: Path, request: Request) -> bool:
    """Give `request` to the app whose runs are in `root`; False if there is none that takes it."""
    name = place.name_for(root)
    if not place.may_listen(name):
        return False
    from engine.instance.door import give

    return give(name, request)
