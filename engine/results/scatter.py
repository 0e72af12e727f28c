"""Two numeric columns of a run against each other: as points or, if there are many, counted in a grid."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.results.answers import Scatter
from engine.results.names import SPREAD
from engine.results.slices import slices
from engine.results.tasks import Slice
from engine.results.texts import Numbers, numbers_of
from engine.runs import RunReader

MOST_POINTS = 5_000
"""More points are counted in a grid"""
GRID = (160, 90)
"""with this many columns and rows."""
ALWAYS = ("index", "seconds", "started", "worker", "attempts")
"""Columns that are numeric in each run."""
SAMPLE = 200
"""Tasks that are examined to find the others."""
MOST_COLUMNS = 60
LARGEST = float(np.finfo(np.float64).max)


class Window(NamedTuple):
    """The visible part of the plane."""

    left: float
    right: float
    bottom: float
    top: float


def numeric_columns(run: RunReader) -> tuple[str, ...]:
    """The columns with numbers, as far as the first tasks show."""
    found: list[str] = [*ALWAYS]
    tasks = next(slices(run), None)
    if tasks is not None:
        for column in SPREAD:
            items = tasks.items(column)[:SAMPLE]
            if _has_number(items):
                found.append(column)
            fields = tasks.fields(column)[:SAMPLE]
            names = dict.fromkeys(name for each in fields for name in each)
            found += [f"{column}.{name}" for name in names if _has_number([e.get(name) for e in fields])]
    return tuple(found[:MOST_COLUMNS])


def _has_number(items: Sequence[Any]) -> bool:
    return bool(np.isfinite(numbers_of(items)).any())


def scatter(run: RunReader, x: str, y: str, window: Window | None) -> Generator[None, None, Scatter]:
    """Two columns, or their part in a window."""
    total = 0
    bounds = [np.inf, -np.inf, np.inf, -np.inf]
    points: list[tuple[NDArray[np.int64], Numbers, Numbers]] | None = []
    for tasks in slices(run):
        index, xs, ys = _inside(tasks, x, y, window)
        if len(index):
            total += len(index)
            bounds = [
                min(bounds[0], float(xs.min())),
                max(bounds[1], float(xs.max())),
                min(bounds[2], float(ys.min())),
                max(bounds[3], float(ys.max())),
            ]
            if points is not None:
                points.append((index, xs, ys))
                points = points if total <= MOST_POINTS else None
        yield
    seen = _widened(Window(*bounds) if total else Window(0, 1, 0, 1)) if window is None else window
    if points is not None:
        empty = np.empty(0, np.int64), np.empty(0), np.empty(0)
        tasks, xs, ys = (np.concatenate(column).tobytes() for column in zip(empty, *points, strict=True))
        return Scatter(x, y, total, *seen, tasks, xs, ys)
    counts = np.zeros(GRID[0] * GRID[1], np.int64)
    for tasks in slices(run):
        _, xs, ys = _inside(tasks, x, y, window)
        cell = _cell(xs, seen.left, seen.right, GRID[0]) + GRID[0] * _cell(ys, seen.bottom, seen.top, GRID[1])
        counts += np.bincount(cell, minlength=len(counts))
        yield
    return Scatter(
        x, y, total, *seen, counts=counts.astype(np.uint32).tobytes(), columns=GRID[0], rows=GRID[1]
    )


def _inside(
    tasks: Slice, x: str, y: str, window: Window | None
) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """Index and numbers of the tasks that have both."""
    xs, ys = tasks.numbers(x), tasks.numbers(y)
    inside = np.isfinite(xs) & np.isfinite(ys)
    if window is not None:
        inside &= (xs >= window.left) & (xs <= window.right) & (ys >= window.bottom) & (ys <= window.top)
    return tasks.index[inside], xs[inside], ys[inside]


def _widened(window: Window) -> Window:
    """A window with some width and height."""
    left, right, bottom, top = window
    return Window(*_apart(left, right), *_apart(bottom, top))


def _apart(least: float, greatest: float) -> tuple[float, float]:
    if least < greatest:
        return least, greatest
    room = max(0.5, abs(least) / 1e3)
    return max(least - room, -LARGEST), min(greatest + room, LARGEST)


def _cell(numbers: Numbers, least: float, greatest: float, cells: int) -> NDArray[np.int64]:
    with np.errstate(over="ignore", invalid="ignore"):
        share = (numbers / 2 - least / 2) / (greatest / 2 - least / 2)  # halves, so that nothing overflows
    return np.clip(np.nan_to_num(share) * cells, 0, cells - 1).astype(np.int64)
