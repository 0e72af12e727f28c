"""How much of each pixel is covered by intervals, for millions of them at a small cost.

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
"""What sums of millions of numbers may be wrong by, in levels."""


class Ramps:
    """Intervals in some lanes, each with a weight, summed up by pixel."""

    def __init__(self, lanes: int, width: int) -> None:
        self._shape = lanes, width + 1
        self._counts, self._sums = np.zeros(lanes * (width + 1)), np.zeros(lanes * (width + 1))

    def add(
        self, lane: NDArray[np.int64], begin: Numbers, end: Numbers, weight: Numbers | None = None
    ) -> None:
        """Intervals in pixels."""
        width = self._shape[1] - 1
        for edge, sign in ((begin, 1), (end, -1)):
            at = np.clip(edge, 0, width)
            cell = lane * (width + 1) + at.astype(np.int64)
            self._counts += sign * np.bincount(cell, weight, len(self._counts))
            self._sums += sign * np.bincount(cell, at if weight is None else at * weight, len(self._sums))

    def lengths(self) -> Numbers:
        """For each lane and pixel the length that is covered, those of all intervals added up."""
        counts = np.cumsum(self._counts.reshape(self._shape), axis=1)[:, :-1]
        sums = np.cumsum(self._sums.reshape(self._shape), axis=1)[:, :-1]
        left = np.zeros(self._shape)
        left[:, 1:] = counts * np.arange(1, self._shape[1]) - sums
        return np.diff(left, axis=1)


class Density:
    """Tasks in some lanes by pixel: how much is covered, and what failed."""

    def __init__(self, lanes: int, width: int) -> None:
        self._lanes, self._width = lanes, width
        self._all, self._failed = Ramps(lanes, width), Ramps(lanes, width)
        self._there: dict[int, NDArray[np.int64]] = {}
        """By status: how many tasks begin in each pixel, less those that ended before it."""

    def add(
        self,
        lane: NDArray[np.int64],
        begin: Numbers,
        end: Numbers,
        status: NDArray[np.uint8],
        failed: NDArray[Any],
    ) -> None:
        """Intervals in pixels that reach into the view; of their tasks a share `failed`, with this status."""
        self._all.add(lane, begin, end)
        for which in np.unique(status).tolist():
            some = status == which
            self._mark(which, lane[some], begin[some], end[some])
            if which:
                self._failed.add(lane[some], begin[some], end[some], failed[some])

    def _mark(self, status: int, lane: NDArray[np.int64], begin: Numbers, end: Numbers) -> None:
        size = self._width + 1
        there = self._there.setdefault(status, np.zeros(self._lanes * size, np.int64))
        first = np.clip(begin, 0, self._width - 1).astype(np.int64)
        stop = np.clip(np.ceil(end), first + 1, self._width).astype(np.int64)
        there += np.bincount(lane * size + first, minlength=len(there))
        there -= np.bincount(lane * size + stop, minlength=len(there))

    def plane(self) -> bytes:
        """A byte a pixel, as `View` has it. A pixel with a task in it is never empty."""
        lengths = self._all.lengths()
        covered = np.clip(lengths, 0, 1)
        levels = np.maximum(np.ceil(covered * (LEVELS - 1) - _ROUNDING), 1).astype(np.uint8)
        is_mostly = self._failed.lengths() * 2 >= lengths - _ROUNDING
        plane = np.zeros(levels.shape, np.uint8)
        for status, there in sorted(self._there.items()):
            is_there = np.cumsum(there.reshape(self._lanes, -1), axis=1)[:, :-1] > 0
            plane[is_there] = (status << STATUS) + levels[is_there]
            if status:
                plane[is_there & is_mostly] |= MOSTLY
        return plane.tobytes()
