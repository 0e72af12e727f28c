"""Who wrote a record of a run's log, and when, as the run itself recorded it."""

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
    """Knows when was written what has no time of its own."""

    @property
    def known(self) -> int:
        """Another number: more has been recorded than before."""
        ...

    def refresh(self) -> None:
        """Read what has been recorded since."""
        ...

    def at(self, offset: int) -> int | None:
        """Microseconds since 1970 for what is at a place of the log; None if it is not known."""
        ...


class Tasks(Protocol):
    """Knows the places of a log by task."""

    @property
    def known(self) -> int:
        """Another number: more has been recorded than before."""
        ...

    @property
    def resumes(self) -> frozenset[int]:
        """Where the first record is each time that the run was interrupted and went on."""
        ...

    def refresh(self) -> None:
        """Read what has been recorded since."""
        ...

    def at(self, offset: int) -> Written | None:
        """Which task wrote what is at a place of the log, if known."""
        ...

    def spans(self, tasks: Sequence[int]) -> list[tuple[int, int]]:
        """Where some tasks wrote: offsets and ends, in order."""
        ...
