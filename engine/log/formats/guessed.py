"""Fields of an object by names that are nearly the known ones, or inside the object that wraps them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_NO_WRAPPERS = frozenset(("error", "err", "exception", "exc_info", "request", "response", "http", "user"))
"""Objects that tell of something else, though they may have a message or a name."""


def guessed(record: Mapping[str, Any], names: Sequence[str], telling: Sequence[str]) -> Any:
    """What a record has under one of the names, however they are spelled; else in an object that has one of
    the `telling` names, too."""
    key = _key_of(tuple(names), tuple(record))
    if key is not None and record[key] is not None:
        return record[key]
    for outer, inner in record.items():
        if isinstance(inner, Mapping) and outer not in _NO_WRAPPERS and _key_of(tuple(telling), tuple(inner)):  # pyright: ignore[reportUnknownArgumentType]
            key = _key_of(tuple(names), tuple(inner))  # pyright: ignore[reportUnknownArgumentType]
            if key is not None and inner[key] is not None:
                return inner[key]  # pyright: ignore[reportUnknownVariableType]
    return None


@lru_cache(maxsize=4096)
def _key_of(names: tuple[str, ...], keys: tuple[str, ...]) -> str | None:
    """The key that is one of the names, those in front first."""
    spelled = {_squeezed(key): key for key in reversed(keys)}
    return next((spelled[name] for name in map(_squeezed, names) if name in spelled), None)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_.@-]", "", text).lower()
