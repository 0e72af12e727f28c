"""Which values can be written as JSON: exactly of its types, not too deep, and without cycles."""

from __future__ import annotations

import math
from typing import Any, cast

SCALARS = (str, bool, type(None))
MAX_INT_BITS = 1 << 18
"""Larger ints become text: writing them in decimal takes time quadratic in their length."""
DEEPEST = 200
"""Deeper values become text: readers of JSON, and Python itself, fail not far above."""
SHORT = 64
"""Shorter texts are not looked up: that would cost more than it saves."""
FREE = 1 << 24
"""This many characters may always be written for a value;"""
TIMES = 4
"""beyond that, this many times its size in memory, since one part may occur in many places."""
MOST_PARTS = 64
"""Values with at most this many parts, none of them a container,"""
LONGEST_PART = FREE // MOST_PARTS // 4
"""or a longer text,"""
MAX_SHORT = 1 << 63
"""or a larger int, need no closer look."""


class _NotJson(Exception):
    pass


def is_json(value: Any) -> bool:
    """Whether `value` is null, bool, int, finite float, str, or a list or dict with str keys of such.

    It is false for an int of 80,000 digits, and for a value that contains itself, is nested too deeply, or
    would be far longer as text than in memory.
    """
    if type(value) in SCALARS or _is_flat(value):
        return True
    walk = _Walk()
    try:
        written = walk.length(value, 0)
    except _NotJson:
        return False
    return written <= FREE or written <= TIMES * walk.held


def _is_flat(value: Any) -> bool:
    """Whether `value` is a short list or dict of short JSON scalars, as most are."""
    if type(value) is list:
        items = cast("list[Any]", value)
        return len(items) <= MOST_PARTS and all(map(_is_short, items))
    if type(value) is dict:
        pairs = cast("dict[Any, Any]", value)
        return (
            len(pairs) <= MOST_PARTS
            and all(map(_is_short_text, pairs))
            and all(map(_is_short, pairs.values()))
        )
    return False


def _is_short_text(value: Any) -> bool:
    return type(value) is str and len(value) <= LONGEST_PART


def _is_short(value: Any) -> bool:
    kind = cast("object", type(value))
    if kind is str:
        return len(value) <= LONGEST_PART
    if kind is int:
        return -MAX_SHORT < value < MAX_SHORT
    return value is None or kind is bool or (kind is float and math.isfinite(value))


class _Walk:
    """Visits each part of a value once. Lengths are approximate text lengths in characters."""

    def __init__(self) -> None:
        self.held = 0
        """Total length of all parts, each counted once."""
        self._known: dict[int, int] = {}
        """Length of containers and texts by `id`; negative while one is being visited."""

    def length(self, value: Any, depth: int) -> int:
        """The length of a value as text. Raises `_NotJson`."""
        kind = cast("type[Any]", type(value))
        if kind is float:
            if not math.isfinite(value):
                raise _NotJson
            return 8
        if kind is bool or value is None:
            return 8
        if kind is int:
            if value.bit_length() > MAX_INT_BITS:
                raise _NotJson
            return 8 + value.bit_length() // 4
        if kind is str:
            return len(value) if len(value) < SHORT else self._once(value, len(value), ())
        if depth == DEEPEST:
            raise _NotJson
        if kind is list:
            return self._once(value, 8 * len(value), value, depth + 1)
        if kind is dict:
            pairs = cast("dict[Any, Any]", value)
            if not all(type(key) is str for key in pairs):
                raise _NotJson
            return self._once(value, sum(map(len, pairs), 8 * len(pairs)), pairs.values(), depth + 1)
        raise _NotJson

    def _once(self, value: Any, own: int, parts: Any, depth: int = 0) -> int:
        known = self._known.get(id(value))
        if known is not None:
            if known < 0:  # it contains itself
                raise _NotJson
            return known
        self._known[id(value)] = -1
        self.held += own
        found = own + sum(self.length(part, depth) for part in parts)
        self._known[id(value)] = found
        return found
