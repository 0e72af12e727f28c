"""Chunks of a list that a script passes to `map`: read piece by piece when they are sent, without a copy."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from collections.abc import Iterator, Sequence

from ...record.pieces import PIECE
from ...typed import Any, Callable, cast


class Shrunk(Exception):
    """The script has removed items of the list."""


class Part(Sequence[Any]):
    """The items of a list from `first` on, up to `stop`. Its pickle is that of a tuple."""

    def __init__(self, items: Sequence[Any], first: int, stop: int) -> None:
        self._items = items
        self._first = first
        self._stop = min(stop, len(items))

    def __len__(self) -> int:
        return self._stop - self._first

    def __getitem__(self, index: Any) -> Any:
        return self._items[self._first + index] if isinstance(index, int) else self.whole()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.whole())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.whole(),)

    @classmethod
    def of(cls, batch: Sequence[Any]) -> Part:
        """A whole batch, if it is no part already."""
        return batch if type(batch) is Part else cls(batch, 0, len(batch))

    def whole(self) -> tuple[Any, ...]:
        return tuple(self._items[self._first : self._stop])

    def pieces(self) -> Iterator[Sequence[Any]]:
        """Its items, some at a time: what is in the cache costs a fraction."""
        for begin in range(self._first, self._stop, PIECE):
            yield self._items[begin : min(begin + PIECE, self._stop)]
        if len(self._items) < self._stop:
            raise Shrunk


def getting(stock: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`Pool._get_tasks` with parts of a list, a tuple or a range: nothing is copied for a range at all."""

    def get_tasks(func: Any, it: Any, size: int) -> Iterator[Any]:
        if size <= 0:
            return stock(func, it, size)
        if type(it) is range:
            return _ranges(func, it, size)
        kind = cast("object", type(it))
        return _parts(func, it, size) if kind is list or kind is tuple else stock(func, it, size)

    return get_tasks


def _ranges(func: Any, numbers: range, size: int) -> Iterator[Any]:
    for first in range(0, len(numbers), size):
        yield func, numbers[first : first + size]


def _parts(func: Any, items: Sequence[Any], size: int) -> Iterator[Any]:
    first = 0
    while first < len(items):  # which the script may change meanwhile
        yield func, Part(items, first, first + size)
        first += size


def settled(task: Any) -> Any:
    """A task as the standard library has it: with a copy of the items, that the script cannot change."""
    if task is None:
        return None
    job, place, function, args, kwds = task
    if len(args) == 1 and type(args[0]) is tuple and len(args[0]) == 2 and type(args[0][1]) is Part:
        inner, part = args[0]
        return job, place, function, ((inner, part.whole()),), kwds
    return task
