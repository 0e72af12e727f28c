"""Sorts many texts, in steps of some milliseconds and with little more memory than they take.

Few different texts are numbered. Many are put together as bytes, and split by the beginnings of a sample into
parts that are sorted by themselves: by seven bytes at a time, as long as texts are alike so far.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.results.packed import Order, Steps, as_order, order_of, parts
from engine.results.utf8 import PADDING, WIDTH, Utf8, go_on

Texts: TypeAlias = Sequence[str] | Utf8

LONGEST = 256
"""Characters of a text that are compared."""
MOST_NUMBERED = 50_000
"""Different texts that are numbered,"""
FEW = 1_000
"""or more, if at least half of the texts were there before."""
RUN = 1 << 16
"""Texts that are sorted at once."""
SAMPLE = 64
"""Of these, texts that are looked at to find where to split."""
HEAD = 512
"""The number of first texts that are known before the others are sorted."""
_MOST_PARTS = 1 << 14
"""Into which texts are split at once."""
_FOUR_BYTES = 1 << 32
_ALL = (1 << 64) - 1

_Part: TypeAlias = tuple[int, int, int]
"""First and last place of texts, and from which byte on they are to be compared."""


class TextOrder:
    """Collects texts, and sorts them when all are there."""

    def __init__(self, descending: bool) -> None:
        self._descending = descending
        self._numbers: dict[str, int] | None = {}
        """The texts so far; None if there are too many different ones."""
        self._codes: list[NDArray[np.int64]] = []
        self._places: list[Order | range] = []
        self._data = bytearray()
        self._lengths = bytearray()
        """uint16 each."""
        self._head: list[tuple[bytes, int]] = []

    def add(self, texts: Texts, places: Order) -> None:
        """Add texts and their positions, which only increase."""
        self._places.append(_compact(places))
        if self._numbers is not None:
            self._add_numbers(texts.texts() if isinstance(texts, Utf8) else _cut(texts))
        else:
            self._add_bytes(texts if isinstance(texts, Utf8) else Utf8.of(_cut(texts)), places)

    def _add_numbers(self, texts: Sequence[str]) -> None:
        numbers = self._numbers
        assert numbers is not None
        self._codes.append(
            np.fromiter((numbers.setdefault(text, len(numbers)) for text in texts), np.int64, len(texts))
        )
        known, total = len(numbers), sum(map(len, self._codes))
        if known > MOST_NUMBERED or (known > FEW and 2 * known > total):
            self._give_up_numbers(list(numbers))

    def _give_up_numbers(self, known: Sequence[str]) -> None:
        self._numbers = None
        for codes, places in zip(self._codes, self._places, strict=True):
            numbers: list[int] = codes.tolist()
            self._add_bytes(Utf8.of([known[code] for code in numbers]), places)
        self._codes = []

    def _add_bytes(self, texts: Utf8, places: Order | range) -> None:
        self._data += texts.data[: int(texts.bounds[-1])].data
        self._lengths += np.diff(texts.bounds).astype(np.uint16).data
        self._add_to_head(texts, places)

    def _add_to_head(self, texts: Utf8, places: Order | range) -> None:
        head = self._head
        fresh = np.arange(len(texts))
        if len(head) == HEAD:
            fresh = texts.beyond(head[-1][0], self._descending)
        if len(fresh):
            head += [(texts.encoded(at), int(places[at])) for at in fresh.tolist()]
            head.sort(key=itemgetter(0), reverse=self._descending)
            del head[HEAD:]

    @property
    def head(self) -> list[int]:
        """The positions that are certainly first, if all texts are there but not sorted yet."""
        return [place for _, place in self._head]

    def sorted(self) -> Steps:
        """The positions in the order of their texts."""
        if not self._places:
            return np.empty(0, np.int64)
        if self._numbers is not None:
            order = yield from self._by_number(self._numbers)
        else:
            lengths = np.frombuffer(self._lengths, np.uint16)
            kind = np.uint32 if len(self._data) < _FOUR_BYTES else np.int64
            bounds = np.zeros(len(lengths) + 1, kind)
            np.cumsum(lengths, out=bounds[1:])
            del lengths
            self._lengths = bytearray()
            self._data += PADDING
            texts = Utf8(np.frombuffer(self._data, np.uint8), bounds)
            self._data = bytearray()
            order = yield from _Sorter(texts, self._descending).order()
            del texts
        known, self._places = self._places, []
        if _are_all(known):
            return order
        return np.concatenate([as_order(np.asarray(places, np.int64)) for places in known])[order]

    def _by_number(self, numbers: dict[str, int]) -> Steps:
        ranks = np.empty(len(numbers), np.float32)
        known = list(numbers)
        ranks[sorted(range(len(known)), key=known.__getitem__)] = np.arange(len(known))
        yield
        return (yield from order_of(ranks[np.concatenate(self._codes)], self._descending))


def _compact(places: Order) -> Order | range:
    """Places, which only grow, as a range if none is left out."""
    if not len(places):
        return range(0)
    found = range(int(places[0]), int(places[-1]) + 1)
    return found if len(found) == len(places) else places


def _are_all(known: Sequence[Order | range]) -> bool:
    """Whether the places are those from 0 on."""
    stop = 0
    for places in known:
        if not isinstance(places, range) or (places and places.start != stop):
            return False
        stop += len(places)
    return True


def _cut(texts: Sequence[str]) -> Sequence[str]:
    is_short = max(map(len, texts), default=0) <= LONGEST
    return texts if is_short else [text[:LONGEST] for text in texts]


class _Sorter:
    """Sorts texts that are all there. Equal ones stay as they are."""

    def __init__(self, texts: Utf8, descending: bool) -> None:
        self._texts = texts
        self._turned = np.uint64(_ALL if descending else 0)

    def order(self) -> Steps:
        """The places of the texts in their order."""
        count = len(self._texts)
        order = np.arange(count, dtype=np.uint32 if count < _FOUR_BYTES else np.int64)
        waiting = [(0, count, 0)]
        while waiting:
            first, stop, depth = waiting.pop()
            if stop - first <= RUN:
                self._sort(order[first:stop], depth)
                yield
            else:
                found = yield from self._split(order[first:stop], depth)
                waiting += [(first + begin, first + end, below) for begin, end, below in reversed(found)]
        return order

    def _keys(self, places: Order, depth: int) -> NDArray[np.uint64]:
        return self._texts.keys(places, depth) ^ self._turned

    def _split(self, order: Order, depth: int) -> Generator[None, None, list[_Part]]:
        """Put texts that belong together beside each other; gives the parts that are left to sort."""
        pieces = min(max(len(order) // RUN, 2), _MOST_PARTS)
        sample = np.sort(self._keys(order[:: max(len(order) // (pieces * SAMPLE), 1)], depth))
        limits = np.unique(sample[[len(sample) * piece // pieces for piece in range(1, pieces)]])
        bins = 2 * len(limits) + 1
        numbers = np.empty(len(order), np.uint16)
        for first, stop in parts(len(order)):
            keys = self._keys(order[first:stop], depth)
            left = np.searchsorted(limits, keys)
            numbers[first:stop] = 2 * left + (limits[np.minimum(left, len(limits) - 1)] == keys)
            yield
        sizes = np.bincount(numbers, minlength=bins)
        ends = np.cumsum(sizes)
        yield from _gathered(order, numbers, ends - sizes)
        goes_on = go_on(limits ^ self._turned).tolist()
        found: list[_Part] = []
        for number, (size, end) in enumerate(zip(sizes.tolist(), ends.tolist(), strict=True)):
            is_limit = number % 2 == 1
            if size > 1 and (not is_limit or goes_on[number // 2]):
                found.append((end - size, end, depth + WIDTH if is_limit else depth))
        return found

    def _sort(self, order: Order, depth: int) -> None:
        """Sort a few in place."""
        keys = self._keys(order, depth)
        by_key = np.argsort(keys)  # a fifth of the time of a stable one
        keys = keys[by_key]
        same = keys[1:] == keys[:-1]
        if same.any():
            alike = np.append(same, False)
            alike[1:] |= same
            some = by_key[alike]
            by_key[alike] = some[np.lexsort((some, keys[alike]))]
        order[:] = order[by_key]
        at, groups = self._tied(keys, np.arange(len(keys)), np.zeros(len(keys), np.int64))
        while len(at):
            depth += WIDTH
            keys = self._keys(order[at], depth)
            by_key = np.lexsort((keys, groups))
            order[at] = order[at][by_key]
            at, groups = self._tied(keys[by_key], at, groups)

    def _tied(
        self, keys: NDArray[np.uint64], at: NDArray[np.int64], groups: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places that are not told apart yet, and numbers that are equal for those that are alike."""
        same = (keys[1:] == keys[:-1]) & (groups[1:] == groups[:-1]) & go_on(keys[1:] ^ self._turned)
        tied = np.append(same, False)
        tied[1:] |= same
        numbers = np.append(0, np.cumsum(~same))
        return at[tied], numbers[tied]


def _gathered(order: Order, numbers: NDArray[np.uint16], begins: NDArray[np.int64]) -> Generator[None]:
    """Put what has the same number together, in place; `begins` says where."""
    found = np.empty_like(order)
    begins = begins.copy()
    for first, stop in parts(len(order)):
        own = numbers[first:stop]
        by_number = np.argsort(own, kind="stable")
        sizes = np.bincount(own, minlength=len(begins))
        places = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(own))
        found[places] = order[first:stop][by_number]
        begins += sizes
        yield
    order[:] = found
