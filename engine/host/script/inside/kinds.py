"""What kinds of values there are among inputs or results: asked for all of them at once, which is quick."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import pickle
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, cast

from ...record.display import LONGEST, MAX_TEXT
from ...record.text import plain
from ...record.values import SCALARS

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
    lengths = list(map(len, values if kinds <= TEXTS else [v for v in values if type(v) in TEXTS]))
    return -1 if max(lengths) > MAX_TEXT else sum(lengths)


def are_recorded_as_they_are(values: Sequence[Any]) -> bool:
    kinds = kinds_of(values)
    return kinds <= LEAVES and text_size(values, kinds) >= 0


def are_fixed(values: Sequence[Any]) -> bool:
    """Whether all are leaves or short tuples of them, and so immutable."""
    kinds = kinds_of(values)
    if not kinds <= FLAT:
        return False
    return kinds <= LEAVES or _are_short(tuples_among(values, kinds))


def tuples_among(values: Sequence[Any], kinds: frozenset[Any]) -> Sequence[Any]:
    return values if kinds == TUPLES else [value for value in values if type(value) is tuple]


def _are_short(tuples: Sequence[tuple[Any, ...]]) -> bool:
    return max(map(len, tuples)) <= SHORT and kinds_of(list(chain.from_iterable(tuples))) <= LEAVES


def texts_of(tuples: Sequence[tuple[Any, ...]]) -> list[str] | None:
    """The display texts of short tuples of leaves; None if there are others, or a text is long."""
    if not _are_short(tuples):
        return None
    try:
        texts = list(map(repr, tuples))
    except Exception:  # an integer is too long for Python to write it in decimal
        return None
    if max(map(len, texts)) > LONGEST:
        return None
    return texts if "".join(texts).isascii() else list(map(plain, texts))


def pickles_of(tuples: Sequence[tuple[Any, ...]]) -> list[bytes]:
    return list(map(pickle.dumps, tuples, repeat(5)))


def shown_all(items: Sequence[Any]) -> list[Any] | None:
    """Inputs as they are recorded, if they are fixed and short: tuples as their text in a tuple of one."""
    kinds = kinds_of(items)
    if kinds <= LEAVES:
        return list(items) if text_size(items, kinds) >= 0 else None
    if not kinds <= FLAT:
        return None
    texts = texts_of(tuples_among(items, kinds))
    return None if texts is None else with_texts(items, texts)


def with_texts(values: Sequence[Any], texts: list[str]) -> list[Any]:
    """Values in which each tuple is replaced by a tuple with its text."""
    shown = zip(texts)
    if len(texts) == len(values):
        return list(shown)
    return [next(shown) if type(cast("object", value)) is tuple else value for value in values]
