"""The messages between client and query process, besides requests and answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from engine.query.codec import travels
from engine.query.request import Request


@travels
@dataclass(frozen=True)
class Ask:
    """To the process: answer this."""

    number: int
    request: Request[Any]


@travels
@dataclass(frozen=True)
class Cancel:
    """To the process: nobody waits for this answer."""

    number: int


@travels
@dataclass(frozen=True)
class Release:
    """To the process: close whatever was opened from a path."""

    path: Path


@travels
@dataclass(frozen=True)
class Quit:
    """To the process: close everything, and end."""


@travels
@dataclass(frozen=True)
class Turn:
    """To the client: this request is being worked on now. If the process dies, this request is to blame."""

    number: int


@travels
@dataclass(frozen=True)
class Beat:
    """To the client: the process lives, and works."""


@travels
@dataclass(frozen=True)
class Part:
    """To the client: a part of an answer."""

    number: int
    value: Any


@travels
@dataclass(frozen=True)
class Done:
    """To the client: the complete answer."""

    number: int
    value: Any


@travels
@dataclass(frozen=True)
class Failed:
    """To the client: there is no answer, and why."""

    number: int
    reason: str


Told: TypeAlias = Part | Done | Failed
"""The outcome of a request: any number of parts, then one of the others."""
