"""What a request is: a question about one source, answered in steps."""

from __future__ import annotations

from collections.abc import Generator
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from engine.query.sources import Sources

A = TypeVar("A")

Work: TypeAlias = Generator[None, None, A]
"""Work with a result of type A. It yields wherever it can be put off, after some milliseconds at most."""
Steps: TypeAlias = Generator[A | None, None, A]
"""Likewise the work on an answer, which may be told in part: then it yields that part."""


class Urgency(IntEnum):
    """Whose turn it is: a request waits for every one that is more urgent."""

    ROWS, FACTS, SCAN = range(3)
    """What is on screen, what is beside it, and what goes through all there is."""


class QueryError(Exception):
    """A request that could not be answered. The message says why, for a person."""


class Request(Generic[A]):
    """A question about a source. Subclasses are frozen dataclasses that travel (`codec.travels`)."""

    urgency: ClassVar[Urgency] = Urgency.FACTS
    aside: ClassVar[bool] = False
    """Whether it cannot be answered in short steps: a sort in C, say, or a person's regular expression.

    Then it runs in a separate process, which a cancel ends, and shares nothing with other requests."""

    def keep(self, sources: Sources, found: Any) -> A | None:
        """Take in what was found aside; gives what is told of it, if anything is.

        Called in the process that answers all other requests about the source.
        """
        return found

    @property
    def source(self) -> Path:
        """The folder or file that it is about."""
        raise NotImplementedError

    def steps(self, sources: Sources) -> Steps[A]:
        """Answer it."""
        raise NotImplementedError


def cause(error: Exception) -> str:
    """An error in words, without the number and the path that whoever shows it names itself."""
    if isinstance(error, MemoryError):
        return "It needs more memory than a query may have."
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def answer(request: Request[A], sources: Sources | None = None) -> A:
    """The whole answer, worked out here and now. Raises what the source raises."""
    with sources or Sources() as opened:
        return finish(request.steps(opened))


def finish(steps: Generator[Any, None, A]) -> A:
    """Go through all steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
