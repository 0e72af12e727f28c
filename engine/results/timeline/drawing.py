"""One view under construction: how much of each pixel is covered, and bars.

A row of run.db that is narrow on screen is drawn as one interval. The tasks of the others are read, and those
that are wide enough become bars of their own. So the amount that is read is bounded by the screen width.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.results.timeline.answers import Bars, View
from engine.results.timeline.density import Density
from engine.results.timeline.entries import entries
from engine.results.timeline.spans import Rows
from engine.runs import RunReader

WIDE = 4.0
"""The width in pixels above which a row is drawn by its tasks,"""
BAR = 10.0
"""above which a task gets its own bar,"""
MOST_BARS = 1_500
"""unless there are more than this."""
PART = 50_000
"""Rows that are drawn at once."""


class Drawing:
    """One view under construction."""

    def __init__(self, rows: Rows, view: View, groups: int) -> None:
        self._begin, self._scale, self._width = view.begin, view.width / (view.end - view.begin), view.width
        self._top, self._lanes, self._groups = view.top, len(view.lanes), groups
        is_wide = (rows["end"] - rows["start"]) * self._scale >= WIDE
        self._narrow, self._wide = rows[~is_wide], rows[is_wide]
        self._density = Density(self._lanes, self._width, groups)
        self._bars: list[tuple[NDArray[np.generic], ...]] = []

    @property
    def to_read(self) -> int:
        """The number of tasks to read."""
        return int(self._wide["count"].sum())

    def sketch(self, view: View) -> View:
        """The view with all rows drawn as intervals."""
        sketched = Density(self._lanes, self._width, self._groups)
        for rows in (self._narrow, self._wide):
            self._draw_rows(sketched, rows)
        return replace(view, plane=sketched.plane(), groups=sketched.groups() if self._groups else b"")

    def _draw_rows(self, density: Density, rows: Rows) -> None:
        lane = rows["lane"].astype(np.int64) - self._top
        begin, end = self._x(rows["start"]), self._x(rows["end"])
        density.add(lane, begin, end, rows["status"], rows["failed"], rows["group"])

    def _x(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        return (time - self._begin) * self._scale

    def draw(self, run: RunReader) -> Generator[None]:
        """Draw narrow rows, and the tasks of wide ones."""
        for first in range(0, len(self._narrow), PART):
            self._draw_rows(self._density, self._narrow[first : first + PART])
            yield
        for part in entries(run, self._wide):
            begin, end = self._x(part.start), self._x(part.end)
            lane = self._wide["lane"].astype(np.int64)[part.row] - self._top
            inside = (end >= 0) & (begin <= self._width)
            lane, begin, end, status = lane[inside], begin[inside], end[inside], part.status[inside]
            group = self._wide["group"][part.row][inside]
            self._density.add(lane, np.minimum(begin, self._width - 1e-9), end, status, status > 0, group)
            bar = end - begin >= BAR
            if bar.any():
                task, count = part.task[inside][bar], part.count[inside][bar]
                times = np.column_stack((begin[bar], end[bar]))
                self._bars.append((task, count, lane[bar] + self._top, times, status[bar], group[bar]))
            yield

    def drawn(self, view: View) -> View:
        """The view with everything drawn."""
        groups = self._density.groups() if self._groups else b""
        return replace(view, plane=self._density.plane(), groups=groups, bars=self._alone())

    def _alone(self) -> Bars:
        """The tasks that are wide enough."""
        if not 0 < sum(len(bars[0]) for bars in self._bars) <= MOST_BARS:
            return Bars()
        return Bars(*[np.concatenate(column).tobytes() for column in zip(*self._bars, strict=True)])
