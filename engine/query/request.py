"""What a request is: a question about one source, answered in steps."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from engine.query.sources import Sources

A = TypeVar("A")

Work: TypeAlias = Generator[None, None, A]
"""Work with a result of type A. It yields wherever it can pause, after some milliseconds at most."""
Steps: TypeAlias = Generator[A | None, None, A]
"""The same for an answer in parts: it then yields each part."""


class Urgency(IntEnum):
    """The order of requests: each one waits for all that are more urgent."""

    ROWS, FACTS, SCAN = range(3)
    """What is on screen, what is near it, and what processes everything."""


class QueryError(Exception):
    """A request that could not be answered. The message says why, for users."""


class Request(Generic[A]):
    """A question about a source. Subclasses are frozen dataclasses that travel (`codec.travels`)."""

    urgency: ClassVar[Urgency] = Urgency.FACTS
    aside: ClassVar[bool] = False
    """Whether it cannot be answered in short steps, like a sort in C, or a user's regular expression.

    Then it runs in a process of its own, which a cancel kills, and shares nothing with other requests."""

    def keep(self, sources: Sources, found: Any) -> A | None:
        """Store what a helper found; returns what to report of it, if anything.

        Called in the process that answers all other requests about the source.
        """
        return found

    @property
    def source(self) -> Path:
        """The folder or file of the question."""
        raise NotImplementedError

    def steps(self, sources: Sources) -> Steps[A]:
        """Answer it."""
        raise NotImplementedError


@dataclass(frozen=True)
class AboutRun(Request[A]):
    """A question about a run."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder


def cause(error: Exception) -> str:
    """An error in words, without the error number and the path, which are shown elsewhere."""
    if isinstance(error, MemoryError):
        return "It needs more memory than a query may have."
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def answer(request: Request[A], sources: Sources | None = None) -> A:
    """The complete answer, computed in this process. Raises what the source raises."""
    with sources or Sources() as opened:
        return finish(request.steps(opened))


def finish(steps: Generator[Any, None, A]) -> A:
    """Run all steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
