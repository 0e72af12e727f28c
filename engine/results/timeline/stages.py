"""The stages of a run: the function that each calls, and when the call began and ended."""

from __future__ import annotations

from array import array
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results.timeline.answers import Call
from engine.runs import RunReader
from engine.runs.damaged import whole

GROUPS = 8
"""The most distinct functions, each with its place of call. The last group takes all others."""
OTHERS = "Others"
MOST_CALLS = 500
"""The most calls that are returned for one view."""
CHUNK = 2_000
"""Stages that are read at once."""
_READ = (
    "SELECT id, substr(name, 1, 200), substr(coalesce(file, ''), 1, 1000), line, started"
    " FROM stage WHERE id > ? ORDER BY id LIMIT ?"
)


class Stages:
    """All stages so far, in the order of their numbers."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str, int | None], int] = {}
        self._has_others = False
        self._numbers, self._group = array("q"), array("B")
        self._begin, self._end = array("d"), np.zeros(0)
        """When each was called, and when its last task ended; 0 for none."""
        self._tasks = np.zeros(0, np.int64)

    @property
    def last(self) -> int:
        """The number of the last one."""
        return self._numbers[-1] if self._numbers else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the groups; those that call the same function, with their lines."""
        called = [name for name, _, _ in self._groups]
        names = [
            f"{name}, line {line}" if called.count(name) > 1 and line else name
            for name, _, line in self._groups
        ]
        if self._has_others:
            names[-1] = OTHERS
        return tuple(names)

    def extend(self, run: RunReader) -> Generator[None]:
        """Read the new ones."""
        while not run.is_old and (fresh := run.select(_READ, (self.last, CHUNK))):
            with whole():
                for row in fresh:
                    self._add(*row)
            self._end = _longer(self._end, len(self._numbers))
            self._tasks = _longer(self._tasks, len(self._numbers))
            yield

    def _add(self, number: int, name: object, file: object, line: object, started: object) -> None:
        if not self.last < number < schema.MOST_TASKS:
            raise ValueError("its stages are out of order")
        is_time = isinstance(started, float) and 0 < started < schema.MOST_TASKS
        known = str(name), str(file), line if isinstance(line, int) else None
        group = self._groups.get(known)
        if group is None:
            group = min(len(self._groups), GROUPS - 1)
            self._has_others |= len(self._groups) == GROUPS
            if len(self._groups) < GROUPS:
                self._groups[known] = group
        self._numbers.append(number)
        self._group.append(group)
        self._begin.append(float(started) if is_time and isinstance(started, float) else 0.0)

    def _places(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The indexes of stages, and which of them exist."""
        known = np.array(self._numbers, np.int64)
        if not len(known):
            return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), np.bool_)
        places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        return places, known[places] == numbers

    def take_in(
        self, numbers: NDArray[np.int64], ends: NDArray[np.float64], counts: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """Tasks of these stages ended at these times; returns the groups of the stages."""
        places, is_known = self._places(numbers)
        np.maximum.at(self._end, places[is_known], ends[is_known])
        np.add.at(self._tasks, places[is_known], counts[is_known])
        groups = np.full(len(numbers), GROUPS - 1, np.uint8)
        groups[is_known] = np.array(self._group, np.uint8)[places[is_known]]
        return groups

    # as calls by main

    def _spans(self, last: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """When each was called, and when it ended; one without an outcome is active until `last`."""
        begin = np.array(self._begin)
        end = np.where(self._tasks > 0, self._end, last)
        return begin, np.maximum(begin, end)

    def covered(self, begin: float, end: float, last: float) -> float:
        """Seconds of a time span in which some stage was active."""
        starts, ends = (np.clip(times, begin, end) for times in self._spans(last))
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], np.maximum.accumulate(ends[order])
        before = np.concatenate(([begin], ends[:-1])) if len(ends) else ends
        return float(np.clip(ends - np.maximum(starts, before), 0, None).sum())

    def calls(self, run: RunReader, begin: float, end: float, width: int, last: float) -> tuple[Call, ...]:
        """The calls in a time span that can be told apart at a width in pixels."""
        starts, ends = self._spans(last)
        inside = np.flatnonzero((starts > 0) & (ends >= begin) & (starts <= end))
        edges = np.column_stack((starts[inside], ends[inside])).clip(begin, end)
        pixels = ((edges - begin) * (width / (end - begin))).astype(np.int64)
        groups = np.array(self._group, np.int64)[inside]
        _, first = np.unique(np.column_stack((pixels, groups)), axis=0, return_index=True)
        places: list[int] = inside[np.sort(first)[:MOST_CALLS]].tolist()
        names = _names(run, [self._numbers[place] for place in places])
        begins, stops = starts.tolist(), ends.tolist()
        return tuple(
            Call(self._numbers[at], self._group[at], name, begins[at], stops[at], int(self._tasks[at]))
            for at, name in zip(places, names, strict=True)
        )


def _longer(column: NDArray[Any], size: int) -> NDArray[Any]:
    return np.concatenate((column, np.zeros(size - len(column), column.dtype)))


def _names(run: RunReader, numbers: list[int]) -> list[str]:
    query = "SELECT id, substr(name, 1, 200) FROM stage WHERE id IN ({})".format(",".join("?" * len(numbers)))
    found = dict(run.select(query, numbers))
    return [str(found.get(number, "")) for number in numbers]
