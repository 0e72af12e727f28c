"""Reads pickled dicts of scalars, as functions often return them: many at once, in half the time."""

from __future__ import annotations

import pickle
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from engine.host.record.plain import LONG, NUMBER, is_flat_dict, of_length

MOST_KEYS = 32
LONGEST_KEY = 255
"""Bytes of a text whose length is one byte."""
LONGEST_TEXT = 128


def flat_dicts(pickles: Sequence[object]) -> Sequence[dict[Any, Any] | None]:
    """The dicts of scalars and short texts or bytes; None for any other or invalid pickle."""
    first = _flat_dict(pickles[0]) if pickles else None
    like_first = _with_keys(tuple(first)) if first is not None else None
    if like_first is None or set(map(type, pickles)) != {bytes}:
        return list(map(_flat_dict, pickles))
    known = cast("Sequence[bytes]", pickles)
    try:
        # what matches has no opcode that could find a global
        if all(map(like_first.match, known)):
            return list(map(pickle.loads, known))
    except _DAMAGED:
        pass  # one of these: they are read one by one
    return list(map(_flat_dict, pickles))


_DAMAGED = (pickle.UnpicklingError, ValueError)
"""A text that is not UTF-8, or is missing."""


def _flat_dict(data: object) -> dict[Any, Any] | None:
    if not isinstance(data, bytes) or not is_flat_dict(data):
        return None
    try:
        return pickle.loads(data)
    except _DAMAGED:
        return None


@lru_cache(maxsize=16)
def _with_keys(keys: tuple[Any, ...]) -> re.Pattern[bytes] | None:
    """Matches the pickles of dicts with exactly these keys; None if there are too many."""
    names = [key.encode("utf-8", "surrogatepass") for key in keys if type(key) is str]
    if not 1 < len(keys) <= MOST_KEYS or len(names) < len(keys) or max(map(len, names)) > LONGEST_KEY:
        return None
    texts = b"|".join(of_length(length) for length in range(LONGEST_TEXT))
    scalar = rb"(?:%b|%b|h[^\0]|\x8c(?:%b)\x94?)" % (NUMBER, LONG, texts)
    pairs = [re.escape(b"\x8c" + bytes([len(name)]) + name + b"\x94") + scalar for name in names]
    return re.compile(rb"\x80[\x04\x05]\x95.{8}\}\x94\(%bu\.\Z" % b"".join(pairs), re.DOTALL)
