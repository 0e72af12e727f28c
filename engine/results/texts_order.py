"""Sorts many texts, in steps of some milliseconds and with little more memory than they take.

A few distinct texts are numbered. Many are sorted by the thousand; samples of these give limits with about
equal numbers of values between them, and what is between two limits is merged and sorted at the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.results.packed import Order, Steps, order_of

LONGEST = 256
"""Characters of a text that are compared."""
MOST_NUMBERED = 50_000
"""The most distinct texts that are numbered."""
RUN = 16_384
"""Texts that are sorted at once."""
SAMPLE = 64
HEAD = 512
"""The number of first texts that are known before the others are sorted."""
_BETWEEN = "\0"


@dataclass
class _Run:
    """Some texts, and their original positions."""

    texts: str | list[str]
    places: Order

    @classmethod
    def of(cls, texts: Sequence[str], places: Order) -> _Run:
        together = _BETWEEN.join(texts)  # a tenth of the memory
        return cls(together if together.count(_BETWEEN) == len(texts) - 1 else list(texts), places)

    def each(self) -> list[str]:
        return self.texts.split(_BETWEEN) if isinstance(self.texts, str) else self.texts


class TextOrder:
    """Collects texts, and sorts them when all are there."""

    def __init__(self, descending: bool) -> None:
        self._descending = descending
        self._numbers: dict[str, int] = {}
        self._codes: list[NDArray[np.int64]] = []
        self._places: list[Order] = []
        self._runs: list[_Run] = []
        self._head: list[tuple[str, int]] = []

    def add(self, texts: Sequence[str], places: Order) -> None:
        """Add texts and their positions, which only increase."""
        is_short = max(map(len, texts), default=0) <= LONGEST
        cut: Sequence[str] = texts if is_short else [text[:LONGEST] for text in texts]
        if not self._runs and len(self._numbers) <= MOST_NUMBERED:
            numbers = self._numbers
            codes = [numbers.setdefault(text, len(numbers)) for text in cut]
            self._codes.append(np.array(codes, np.int64))
            self._places.append(places)
            return
        if not self._runs:
            self._give_up_numbers()
        self._add_runs(cut, places)

    def _give_up_numbers(self) -> None:
        known = list(self._numbers)
        for codes, places in zip(self._codes, self._places, strict=True):
            numbers: list[int] = codes.tolist()
            self._add_runs([known[code] for code in numbers], places)
        self._numbers, self._codes, self._places = {}, [], []

    def _add_runs(self, texts: Sequence[str], places: Order) -> None:
        for first in range(0, len(texts), RUN):
            self._runs.append(_Run.of(texts[first : first + RUN], places[first : first + RUN]))
        self._add_to_head(texts, places)

    def _add_to_head(self, texts: Sequence[str], places: Order) -> None:
        head = self._head
        fresh: Sequence[int] = range(len(texts))
        if len(head) == HEAD:
            last: str = head[-1][0]
            if self._descending:
                fresh = [at for at, text in enumerate(texts) if text > last]
            else:
                fresh = [at for at, text in enumerate(texts) if text < last]
        if fresh:
            head += [(texts[at], int(places[at])) for at in fresh]
            head.sort(key=lambda pair: pair[0], reverse=self._descending)
            del head[HEAD:]

    @property
    def head(self) -> list[int]:
        """The positions that are certainly first, if all texts are there but not sorted yet."""
        return [place for _, place in self._head]

    def sorted(self) -> Steps:
        """The positions in the order of their texts."""
        if not self._runs:
            return (yield from self._by_number())
        if self._descending:  # equal ones must stay in place when everything is reversed
            self._runs = [_Run.of(run.each()[::-1], run.places[::-1]) for run in reversed(self._runs)]
        found: list[Order] = []
        limits = yield from self._sort_runs()
        for part in (yield from self._parts(limits)):
            found.append(_merged(part))
            yield
        order = np.concatenate(found) if found else np.empty(0, np.int64)
        return order[::-1] if self._descending else order

    def _by_number(self) -> Steps:
        if not self._places:
            return np.empty(0, np.int64)
        ranks = np.empty(len(self._numbers), np.float32)
        known = list(self._numbers)
        ranks[sorted(range(len(known)), key=known.__getitem__)] = np.arange(len(known))
        yield
        order = yield from order_of(ranks[np.concatenate(self._codes)], self._descending)
        return np.concatenate(self._places)[order]

    def _sort_runs(self) -> Generator[None, None, list[tuple[str, bool]]]:
        """Sort each by itself. Returns limits: a text, and whether equal texts are on its left."""
        sample: list[str] = []
        total = 0
        for at, run in enumerate(self._runs):
            texts = run.each()
            order = sorted(range(len(texts)), key=texts.__getitem__)
            texts = [texts[place] for place in order]
            sample += texts[::SAMPLE]
            total += len(texts)
            self._runs[at] = _Run.of(texts, run.places[order])
            yield
        sample.sort()
        parts = max(total // RUN, 1)
        chosen = [sample[len(sample) * part // parts] for part in range(1, parts)]
        limits: list[tuple[str, bool]] = []
        for at, text in enumerate(chosen):
            if at == 0 or chosen[at - 1] != text:
                limits.append((text, False))
            elif limits[-1] != (text, True):  # it is frequent: it gets a part of its own
                limits.append((text, True))
        return limits

    def _parts(self, limits: list[tuple[str, bool]]) -> Generator[None, None, list[list[_Run]]]:
        parts: list[list[_Run]] = [[] for _ in range(len(limits) + 1)]
        self._runs.reverse()
        while self._runs:
            run = self._runs.pop()
            texts = run.each()
            cuts = [
                bisect_right(texts, text) if right else bisect_left(texts, text) for text, right in limits
            ]
            for part, (first, stop) in zip(parts, pairwise([0, *cuts, len(texts)]), strict=True):
                if first < stop:
                    part.append(_Run.of(texts[first:stop], run.places[first:stop]))
            yield
        return parts


def _merged(part: list[_Run]) -> Order:
    if not part:
        return np.empty(0, np.int64)
    places = np.concatenate([run.places for run in part])
    if len(places) > 4 * RUN and _is_one_text(part):
        return places
    texts = [text for run in part for text in run.each()]
    return places[sorted(range(len(texts)), key=texts.__getitem__)]


def _is_one_text(part: list[_Run]) -> bool:
    first = part[0].each()[0]
    return all(texts[0] == first == texts[-1] for texts in (run.each() for run in part))
