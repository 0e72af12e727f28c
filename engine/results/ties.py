"""Completes an order in which only the beginnings of keys were compared.

Integers are sorted as float64, and texts by their first characters. Tasks with equal beginnings are
adjacent in the order, so each such stretch is sorted by the full keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.results.conditions import Sort
from engine.results.packed import Order
from engine.results.tasks import Slice

MOST = 100_000
"""Tasks whose full keys are compared; if there are more, they stay in the order of the beginnings."""
Key = tuple[bool, float | str]


class Ties:
    """The stretches of one order."""

    def __init__(self, sort: Sort, inexact: Sequence[NDArray[np.int64]]) -> None:
        self._sort = sort
        self._tasks = np.sort(np.concatenate(inexact)) if inexact else np.empty(0, np.int64)

    def put_right(self, slices: Iterable[Slice], order: Order) -> Iterable[None]:
        """Sort them in place. `slices` has all tasks."""
        if not 1 < len(self._tasks) <= MOST:
            return
        keys: dict[int, Key] = {}
        for tasks in slices:
            keys |= self._keys(tasks)
            yield
        places = np.flatnonzero(np.isin(order, self._tasks))
        ends = np.flatnonzero(np.diff(places) > 1) + 1
        for first, stop in pairwise([0, *ends.tolist(), len(places)]):
            begin, end = int(places[first]), int(places[stop - 1]) + 1
            stretch: list[int] = order[begin:end].tolist()
            stretch.sort(key=keys.__getitem__, reverse=self._sort.descending)
            order[begin:end] = stretch
        yield

    def _keys(self, tasks: Slice) -> dict[int, Key]:
        """The full keys of those that are in a slice."""
        first, stop = np.searchsorted(self._tasks, [tasks.index[0], tasks.index[-1] + 1])
        wanted = self._tasks[first:stop]
        if not len(wanted):
            return {}
        column = self._sort.column
        texts = tasks.texts(column)
        items = texts if column == "error" else tasks.items(column)
        places: list[int] = np.searchsorted(tasks.index, wanted).tolist()
        return {
            task: _key(items[place], texts[place])
            for task, place in zip(wanted.tolist(), places, strict=True)
        }


def _key(item: Any, text: str) -> Key:
    is_number = type(item) is int or type(item) is float
    return (False, item) if is_number else (True, text)
