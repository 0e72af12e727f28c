"""The places of query processes, as their client sees them, and what each still has to answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from engine.query.link import Link
from engine.query.messages import Told
from engine.query.request import Request

Teller = Callable[[Told], None]


@dataclass
class Pending:
    """An unanswered request."""

    number: int
    request: Request[Any]
    tell: Teller
    key: Hashable
    deaths: int = 0


@dataclass(eq=False)
class Seat:
    """The place of a process, which may be replaced."""

    link: Link | None = None
    is_own: bool = False
    """Whether it is for large sources."""
    pending: dict[int, Pending] = field(default_factory=dict[int, Pending])
    turn: int = -1
    """The request being worked on."""
    heard_at: float = 0.0
    has_spoken: bool = False
    early_deaths: int = 0
    """Processes in a row that died before they sent anything."""
