"""How much of each pixel is covered by intervals, computed cheaply for millions of them.

The length that intervals [a, b] cover to the left of x is the sum of ramps, max(0, x - a) - max(0, x - b). At
the edges of pixels a ramp needs only how many begin before, and the sum of where: two `bincount`s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.results.timeline.answers import LEVELS, MOSTLY, STATUS

Numbers = NDArray[np.float64]
_ROUNDING = 1e-3
"""The rounding error of sums of millions of numbers, in levels."""


class Ramps:
    """Intervals in some lanes, each with a weight, summed by pixel."""

    def __init__(self, lanes: int, width: int) -> None:
        self._shape = lanes, width + 1
        self._counts, self._sums = np.zeros(lanes * (width + 1)), np.zeros(lanes * (width + 1))

    def add(
        self, lane: NDArray[np.int64], begin: Numbers, end: Numbers, weight: Numbers | None = None
    ) -> None:
        """Add intervals, in pixels."""
        width = self._shape[1] - 1
        for edge, sign in ((begin, 1), (end, -1)):
            at = np.clip(edge, 0, width)
            cell = lane * (width + 1) + at.astype(np.int64)
            self._counts += sign * np.bincount(cell, weight, len(self._counts))
            self._sums += sign * np.bincount(cell, at if weight is None else at * weight, len(self._sums))

    def lengths(self) -> Numbers:
        """For each lane and pixel, the total covered length of all intervals."""
        counts = np.cumsum(self._counts.reshape(self._shape), axis=1)[:, :-1]
        sums = np.cumsum(self._sums.reshape(self._shape), axis=1)[:, :-1]
        left = np.zeros(self._shape)
        left[:, 1:] = counts * np.arange(1, self._shape[1]) - sums
        return np.diff(left, axis=1)


class Density:
    """Tasks in some lanes by pixel: how much is covered, and what failed."""

    def __init__(self, lanes: int, width: int, groups: int = 0) -> None:
        self._lanes, self._width = lanes, width
        self._all, self._failed = Ramps(lanes, width), Ramps(lanes, width)
        self._groups = [Ramps(lanes, width) for _ in range(groups)]
        self._there_of = [np.zeros(lanes * (width + 1), np.int64) for _ in range(groups)]
        self._there: dict[int, NDArray[np.int64]] = {}
        """By status: how many tasks begin in each pixel, minus those that ended before it."""

    def add(
        self,
        lane: NDArray[np.int64],
        begin: Numbers,
        end: Numbers,
        status: NDArray[np.uint8],
        failed: NDArray[Any],
        group: NDArray[np.uint8],
    ) -> None:
        """Add intervals in pixels that extend into the view; a share `failed` of tasks has this status."""
        self._all.add(lane, begin, end)
        for which in np.unique(status).tolist():
            some = status == which
            there = self._there.setdefault(which, np.zeros(self._lanes * (self._width + 1), np.int64))
            self._mark(there, lane[some], begin[some], end[some])
            if which:
                self._failed.add(lane[some], begin[some], end[some], failed[some])
        for which, (ramps, there) in enumerate(zip(self._groups, self._there_of, strict=True)):
            some = group == which
            if some.any():
                ramps.add(lane[some], begin[some], end[some])
                self._mark(there, lane[some], begin[some], end[some])

    def _mark(self, there: NDArray[np.int64], lane: NDArray[np.int64], begin: Numbers, end: Numbers) -> None:
        size = self._width + 1
        first = np.clip(begin, 0, self._width - 1).astype(np.int64)
        stop = np.clip(np.ceil(end), first + 1, self._width).astype(np.int64)
        there += np.bincount(lane * size + first, minlength=len(there))
        there -= np.bincount(lane * size + stop, minlength=len(there))

    def plane(self) -> bytes:
        """One byte per pixel, as in `View`. A pixel with a task is never empty."""
        lengths = self._all.lengths()
        levels = _levels(lengths)
        is_mostly = self._failed.lengths() * 2 >= lengths - _ROUNDING
        plane = np.zeros(levels.shape, np.uint8)
        for status, there in sorted(self._there.items()):
            is_there = self._is_there(there)
            plane[is_there] = (status << STATUS) + levels[is_there]
            if status:
                plane[is_there & is_mostly] |= MOSTLY
        return plane.tobytes()

    def groups(self) -> bytes:
        """One byte per pixel: the group that covers the most of it, and how much all cover."""
        levels, most = _levels(self._all.lengths()), np.full((self._lanes, self._width), -np.inf)
        plane = np.zeros(levels.shape, np.uint8)
        for which, (ramps, there) in enumerate(zip(self._groups, self._there_of, strict=True)):
            lengths = ramps.lengths()
            is_more = self._is_there(there) & (lengths > most + _ROUNDING / LEVELS)
            most[is_more] = lengths[is_more]
            plane[is_more] = (which << STATUS) + levels[is_more]
        return plane.tobytes()

    def _is_there(self, there: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.cumsum(there.reshape(self._lanes, -1), axis=1)[:, :-1] > 0


def _levels(lengths: Numbers) -> NDArray[np.uint8]:
    covered = np.clip(lengths, 0, 1)
    return np.maximum(np.ceil(covered * (LEVELS - 1) - _ROUNDING), 1).astype(np.uint8)
