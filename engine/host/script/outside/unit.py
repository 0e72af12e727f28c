"""A unit, which is what a pool submits at once; and frames, which are units on their way to a worker."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections.abc import Iterator

from ...typed import Any
from .. import messages


class Unit:
    """One call, or a chunk of a map; its tasks are numbered from `first` on."""

    __slots__ = ("call", "count", "died", "first", "function", "job", "kind", "place", "spans", "stage")

    def __init__(
        self,
        job: int,
        place: int,
        stage: int,
        first: int,
        count: int,
        kind: str,
        function: bytes,
        call: bytes | str,
    ) -> None:
        self.job = job
        self.place = place
        self.stage = stage
        self.first = first
        self.count = count
        self.kind = kind
        self.function = function
        self.call = call
        self.spans: list[tuple[int, int, bool]] = [(0, count, False)]
        """The parts that no worker has: begin, stop, and whether with care."""
        self.died = ""
        """Why a worker ended on one of its tasks, if one did."""

    @property
    def is_whole(self) -> bool:
        """Whether no worker has ever begun it."""
        return not self.died and self.spans == [(0, self.count, False)]

    @property
    def head(self) -> tuple[Any, ...]:
        return self.job, self.place, self.count, self.kind, self.function


class Frame:
    """Units given to a worker at once: several whole ones with consecutive tasks, or a span of one."""

    def __init__(self, number: int, units: list[Unit], begin: int, stop: int, careful: bool) -> None:
        self.number = number
        self.units = units
        self.begin = begin
        self.stop = stop
        self.careful = careful
        self.over = 0
        """This many of its units are over."""
        self.recorded = units[0].first + begin
        """Its tasks before this one have an outcome."""

    def message(self) -> list[bytes]:
        heads = [unit.head for unit in self.units]
        calls = [unit.call for unit in self.units]
        first = self.units[0].first
        span = first, self.begin, self.stop, self.careful
        return messages.frames((messages.FRAME, self.number, *span, heads, *calls))

    @property
    def left(self) -> list[Unit]:
        """The units that are not over, in order."""
        return self.units[self.over :]

    @property
    def part(self) -> list[tuple[int, int, bool]]:
        """The unfinished part of a single unit, if the frame has only a part of it."""
        unit = self.units[0]
        begin = max(self.begin, self.recorded - unit.first)
        is_part = len(self.units) == 1 and (begin, self.stop, self.careful) != (0, unit.count, False)
        return [(begin, self.stop, self.careful)] if is_part else []

    def unit_of(self, task: int) -> Unit | None:
        """The unit of a task, among those that are not over."""
        return next((unit for unit in self.left if unit.first <= task < unit.first + unit.count), None)

    def spans_around(self, unit: Unit, first: int, count: int) -> Iterator[tuple[int, int, bool]]:
        """What must run of a unit whose worker has ended on `count` tasks from `first` on.

        A single task is left out; several run again with care.
        """
        single = self.units[0] is unit and len(self.units) == 1
        begin, stop = (self.begin, self.stop) if single else (0, unit.count)
        begin = max(begin, self.recorded - unit.first)
        on = max(begin, first - unit.first)
        behind = min(stop, first - unit.first + count)
        if begin < on:
            yield begin, on, False
        if count > 1:
            yield on, behind, True
        if behind < stop:
            yield behind, stop, False
