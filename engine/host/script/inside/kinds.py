"""What kinds of values there are among inputs or results: asked for all of them at once, which is quick."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import pickle
from collections.abc import Sequence
from itertools import chain

from ...record.display import ITEMS_SHOWN, LONGEST, MAX_TEXT, SHORT_PICKLE
from ...record.text import plain
from ...record.values import SCALARS
from ...typed import Any, cast

TEXTS = frozenset([str, bytes])
LEAVES = SCALARS | TEXTS
"""Types that are recorded as they are, if they are short."""
SHORT = 8
"""A tuple of at most this many of them is shown by its own repr."""
TUPLES = frozenset[Any]([tuple])
FLAT = LEAVES | TUPLES


def kinds_of(values: Sequence[Any]) -> frozenset[Any]:
    """The types of values; `object` if they cannot be told."""
    try:
        return frozenset(map(type, values))
    except BaseException:  # a metaclass that makes classes unhashable or not comparable
        return frozenset([object])


def text_size(values: Sequence[Any], kinds: frozenset[Any]) -> int:
    """The total length of the texts among some leaves; -1 if one is too long to be recorded as it is."""
    if kinds.isdisjoint(TEXTS):
        return 0
    texts = values if kinds <= TEXTS else [value for value in values if type(value) in TEXTS]
    size = sum(map(len, texts))
    return -1 if size > MAX_TEXT and max(map(len, texts)) > MAX_TEXT else size


def are_recorded_as_they_are(values: Sequence[Any], kinds: frozenset[Any]) -> bool:
    return kinds <= LEAVES and text_size(values, kinds) >= 0


def are_fixed(values: Sequence[Any], kinds: frozenset[Any] | None = None) -> bool:
    """Whether all are leaves or short tuples of them, and so immutable."""
    kinds = kinds_of(values) if kinds is None else kinds
    if not kinds <= FLAT:
        return False
    return kinds <= LEAVES or _are_short(tuples_among(values, kinds))


def tuples_among(values: Sequence[Any], kinds: frozenset[Any]) -> Sequence[Any]:
    return values if kinds == TUPLES else [value for value in values if type(value) is tuple]


def _are_short(tuples: Sequence[tuple[Any, ...]]) -> bool:
    try:
        return max(map(len, tuples)) <= SHORT and LEAVES.issuperset(map(type, chain.from_iterable(tuples)))
    except BaseException:  # as in `kinds_of`
        return False


def _texts_of(tuples: Sequence[tuple[Any, ...]]) -> list[str] | None:
    """The display texts of short tuples of leaves; None if one is long."""
    try:
        texts = _written(tuples)
    except Exception:  # an integer is too long for Python to write it in decimal
        return None
    if sum(map(len, texts)) > LONGEST and max(map(len, texts)) > LONGEST:
        return None
    return texts if "".join(texts).isascii() else list(map(plain, texts))


def _written(tuples: Sequence[tuple[Any, ...]]) -> list[str]:
    """What `repr` writes for each, in half the time if all have the same number of leaves."""
    size = len(tuples[0])
    if not size or list(map(len, tuples)).count(size) != len(tuples):
        return list(map(repr, tuples))
    form = f"({', '.join(['%r'] * size)})" if size > 1 else "(%r,)"
    texts = "\n".join([form] * len(tuples)) % tuple(chain.from_iterable(tuples))
    return texts.split("\n")  # no leaf is written with such a character


class _Pickles(list[bytes]):
    """Pickles, in the role of a file: each is written at once."""

    write = list[bytes].append


def pickles_of(tuples: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """The pickle of each short tuple of leaves, in two thirds of the time of a pickler for each."""
    pickles = _Pickles()
    pickler = pickle.Pickler(cast("Any", pickles), 5)
    pickler.fast = True  # none refers to what an earlier one has
    for _ in map(pickler.dump, tuples):
        pass
    return pickles


def shown_fixed(items: Sequence[Any], kinds: frozenset[Any]) -> Sequence[Any] | None:
    """Fixed inputs or results as they are recorded: tuples as their text in a tuple of one.

    None if one of these is long.
    """
    if kinds <= LEAVES:
        return items
    if (texts := _texts_of(tuples_among(items, kinds))) is None:
        return None
    shown = zip(texts)
    if len(texts) == len(items):
        return list(shown)
    return [next(shown) if type(cast("object", item)) is tuple else item for item in items]


def snapshot(value: Any) -> tuple[str, bytes] | None:
    """The text and the pickle of a small list, tuple or dict of leaves, the most frequent mutable results."""
    kind = cast("object", type(value))
    if kind is dict:
        parts: Sequence[Any] = (*value, *value.values())
    elif kind is list or kind is tuple:
        parts = value
    else:
        return None
    try:
        if len(parts) > ITEMS_SHOWN or not LEAVES.issuperset(map(type, parts)):
            return None
        pickled = pickle.dumps(value, 5)
        return (repr(value), pickled) if len(pickled) <= SHORT_PICKLE else None
    except Exception:  # as above
        return None
