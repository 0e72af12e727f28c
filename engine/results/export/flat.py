"""Reads pickled dicts of scalars, as functions often return them: many at once, which takes half the time."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from engine.host.record.plain import is_flat_dict

MOST_KEYS = 32
LONGEST_KEY = 255
"""Bytes of a text whose length is one byte."""
LONGEST_TEXT = 64


def flat_dicts(pickles: Iterable[object]) -> list[dict[Any, Any] | None]:
    """The dicts of scalars and short texts or bytes; None for a pickle of anything else, or what is none.

    What is read has no opcode that could find a global. Most have the keys of the first.
    """
    is_like_first: re.Pattern[bytes] | None = None
    found: list[dict[Any, Any] | None] = []
    for data in pickles:
        pairs: Any = None
        if isinstance(data, bytes):
            try:
                if is_like_first is not None and is_like_first.match(data):
                    pairs = pickle.loads(data)
                elif is_flat_dict(data):
                    pairs = pickle.loads(data)
                    is_like_first = is_like_first or _with_keys(tuple(pairs))
            except (pickle.UnpicklingError, ValueError):  # a text is no UTF-8, or one that is not there
                pairs = None
        found.append(pairs)
    return found


@lru_cache(maxsize=16)
def _with_keys(keys: tuple[Any, ...]) -> re.Pattern[bytes] | None:
    """Matches the pickles of dicts with just these keys; None if there are too many for that."""
    names = [key.encode("utf-8", "surrogatepass") for key in keys if type(key) is str]
    if not 1 < len(keys) <= MOST_KEYS or len(names) < len(keys) or max(map(len, names)) > LONGEST_KEY:
        return None
    texts = b"|".join(re.escape(bytes([length])) + b".{%d}" % length for length in range(LONGEST_TEXT))
    number = rb"K.|G.{8}|[N\x88\x89]|M..|J.{4}|\x8a(?:\x05.{5}|\x06.{6}|\x07.{7}|\x08.{8})"
    scalar = rb"(?:%b|h[^\0]|\x8c(?:%b)\x94?)" % (number, texts)
    pairs = [re.escape(b"\x8c" + bytes([len(name)]) + name + b"\x94") + scalar for name in names]
    return re.compile(rb"\x80[\x04\x05]\x95.{8}\}\x94\(%bu\.\Z" % b"".join(pairs), re.DOTALL)
