"""Sorts numbers by packing key and position into one integer: several times as fast as argsort.

Whatever takes long is a generator that yields between steps of some milliseconds.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.integer[Any]]
Steps = Generator[None, None, Order]

PART = 1 << 18
"""Entries that are sorted in one step."""
_PLACE_BITS = 24
"""Bits of a packed float64 for the position; the other 40 are the beginning of its key."""


def order_of(numbers: NDArray[np.floating[Any]], descending: bool = False) -> Steps:
    """The positions of float32 or float64 values without NaN, in sorted order; the sort is stable."""
    if numbers.dtype == np.float32 and len(numbers) < 1 << 32:
        return (yield from _order_of_short(numbers, descending))
    if len(numbers) >= 1 << _PLACE_BITS or not len(numbers):
        return np.argsort(-numbers if descending else numbers, kind="stable")
    return (yield from _order_of_long(numbers.astype(np.float64, copy=False), descending))


def _order_of_short(numbers: NDArray[np.floating[Any]], descending: bool) -> Steps:
    keys = np.empty(len(numbers), np.uint64)
    for first, stop in parts(len(numbers)):
        part = _sortable(numbers[first:stop], np.uint32, 31, descending).astype(np.uint64)
        keys[first:stop] = (part << np.uint64(32)) | np.arange(first, stop, dtype=np.uint64)
        yield
    yield from sort_in_steps(keys)
    order = np.empty(len(numbers), np.uint32)
    for first, stop in parts(len(numbers)):
        order[first:stop] = keys[first:stop] & np.uint64(0xFFFFFFFF)
        yield
    return order


def _order_of_long(numbers: NDArray[np.float64], descending: bool) -> Steps:
    least = float(numbers.min()) if _are_close(numbers) else 0.0
    keys = np.empty(len(numbers), np.uint64)
    high = np.uint64(_PLACE_BITS)
    for first, stop in parts(len(numbers)):
        part = _sortable(numbers[first:stop] - least, np.uint64, 63, descending)
        keys[first:stop] = (part >> high << high) | np.arange(first, stop, dtype=np.uint64)
        yield
    yield from sort_in_steps(keys)
    order = np.empty(len(numbers), np.uint32)
    for first, stop in parts(len(numbers)):
        order[first:stop] = keys[first:stop] & np.uint64((1 << _PLACE_BITS) - 1)
        keys[first:stop] >>= high
        yield
    same = keys[1:] == keys[:-1]
    if same.any():
        tied = np.zeros(len(order), np.bool_)
        tied[1:] |= same
        tied[:-1] |= same
        yield
        places = order[tied]
        exact = numbers[places]
        order[tied] = places[np.argsort(-exact if descending else exact, kind="stable")]
    return order


def parts(length: int) -> Iterator[tuple[int, int]]:
    """Begin and end of parts that are processed in one step."""
    for first in range(0, length, PART):
        yield first, min(first + PART, length)


def taken(numbers: NDArray[Any], order: Order) -> Generator[None, None, NDArray[Any]]:
    """`numbers[order]`."""
    found = np.empty(len(order), numbers.dtype)
    for first, stop in parts(len(order)):
        found[first:stop] = numbers[order[first:stop]]
        yield
    return found


def _are_close(numbers: NDArray[np.float64]) -> bool:
    """Whether the minimum can be subtracted without loss, as from times with the same first digits."""
    least, greatest = float(numbers.min()), float(numbers.max())
    return least > 0 and greatest <= 2 * least


def _sortable(
    numbers: NDArray[np.floating[Any]], kind: type[np.uint32 | np.uint64], top: int, descending: bool
) -> NDArray[Any]:
    """The bits of floats as integers with the same order."""
    bits = (numbers + numbers.dtype.type(0)).view(kind)  # -0.0 is 0.0
    is_negative = (bits >> kind(top)).astype(np.bool_)
    keys = np.where(is_negative, ~bits, bits | kind(1 << top))
    return ~keys if descending else keys


def sort_in_steps(keys: NDArray[np.uint64]) -> Generator[None]:
    """Sort in place."""
    waiting = [(0, len(keys))]
    while waiting:
        first, stop = waiting.pop()
        if stop - first <= PART:
            keys[first:stop].sort()
        else:
            middle = (first + stop) // 2
            keys[first:stop].partition(middle - first)
            waiting += [(middle, stop), (first, middle)]
        yield


def as_order(index: Order) -> Order:
    """Indexes of tasks, in half the memory if possible."""
    return index.astype(np.uint32) if not len(index) or index.max() < 1 << 32 else index
