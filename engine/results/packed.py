"""Orders of numbers, found by sorting key and place in one integer: several times quicker than argsort.

All that takes long is a generator that yields between steps of some milliseconds.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.integer[Any]]
Steps = Generator[None, None, Order]

PART = 1 << 18
"""Entries that are sorted in one step."""
_PLACE_BITS = 24
"""Of a packed float64; the other 40 are the beginning of its key."""


def order_of(numbers: NDArray[np.float64], descending: bool = False) -> Steps:
    """The places of numbers, none NaN, in their order. Equal ones stay as they are."""
    with np.errstate(over="ignore"):
        short = numbers.astype(np.float32)
    yield
    if (short == numbers).all() and len(numbers) < 1 << 32:
        return (yield from _order_of_short(short, descending))
    if len(numbers) >= 1 << _PLACE_BITS:
        return np.argsort(-numbers if descending else numbers, kind="stable")
    return (yield from _order_of_long(numbers, descending))


def _order_of_short(numbers: NDArray[np.float32], descending: bool) -> Steps:
    keys = _sortable(numbers, np.uint32, 31, descending).astype(np.uint64)
    yield
    keys <<= np.uint64(32)
    keys |= np.arange(len(keys), dtype=np.uint64)
    yield
    yield from sort_in_steps(keys)
    return keys.view(np.uint32)[_low_half()].copy()


def _low_half() -> slice:
    """Where the low half of each uint64 is."""
    return slice(0, None, 2) if np.little_endian else slice(1, None, 2)


def _order_of_long(numbers: NDArray[np.float64], descending: bool) -> Steps:
    shifted = numbers - numbers.min() if _are_close(numbers) else numbers
    keys = _sortable(shifted, np.uint64, 63, descending)
    yield
    keys >>= np.uint64(_PLACE_BITS)
    keys <<= np.uint64(_PLACE_BITS)
    keys |= np.arange(len(keys), dtype=np.uint64)
    yield
    yield from sort_in_steps(keys)
    order = (keys & np.uint64((1 << _PLACE_BITS) - 1)).astype(np.uint32)
    yield
    keys >>= np.uint64(_PLACE_BITS)
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


def _are_close(numbers: NDArray[np.float64]) -> bool:
    """Whether the least can be taken from each without loss: times, say, which share their first digits."""
    least, greatest = float(numbers.min()), float(numbers.max())
    return least > 0 and greatest <= 2 * least


def _sortable(
    numbers: NDArray[np.floating[Any]], kind: type[np.uint32 | np.uint64], top: int, descending: bool
) -> NDArray[Any]:
    """The bits of floats as integers that are ordered as they are."""
    bits = (numbers + 0.0).view(kind)  # -0.0 is 0.0
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
    """Indexes of tasks in half the memory, if they are short."""
    return index.astype(np.uint32) if not len(index) or index.max() < 1 << 32 else index
