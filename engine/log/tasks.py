"""Who wrote a record of a run's log, and when, according to the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Written:
    """A task, and which attempt at it, from 1."""

    task: int
    attempt: int


class Clock(Protocol):
    """Knows the times of what has no time of its own."""

    @property
    def known(self) -> int:
        """If it changes, more has been recorded."""
        ...

    def refresh(self) -> None:
        """Read what has been recorded since."""
        ...

    def at(self, offset: int) -> int | None:
        """Microseconds since 1970 for an offset of the log; None if unknown."""
        ...


class Tasks(Protocol):
    """Knows the places of a log by task."""

    @property
    def known(self) -> int:
        """If it changes, more has been recorded."""
        ...

    @property
    def resumes(self) -> frozenset[int]:
        """The first record after each resumption of the run."""
        ...

    def refresh(self) -> None:
        """Read what has been recorded since."""
        ...

    def at(self, offset: int) -> Written | None:
        """The task that wrote what is at an offset of the log, if known."""
        ...

    def spans(self, tasks: Sequence[int]) -> list[tuple[int, int]]:
        """Where some tasks wrote: offsets and ends, in order."""
        ...
