"""The values of tasks as JSON texts."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from json.encoder import JSONEncoder
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, cast

from engine.host.record.display import LARGEST, MAX_INT_BITS, display
from engine.results.export.flat import flat_dicts
from engine.runs.blocks import Block
from engine.runs.plain import is_json


def texts(values: Sequence[Any]) -> list[str]:
    """Values in JSON: as they are if they are of its types, else their display text."""
    types = set(map(type, values))
    if types == {int} and min(values) > -LARGEST and max(values) < LARGEST:
        return list(map(str, values))
    if types == {float} and all(map(math.isfinite, values)):
        return list(map(repr, values))
    if types == {str}:
        return list(map(quoted, values))
    return list(map(text, values))


def value_texts(block: Block) -> list[str]:
    """The values of tasks in JSON, including those that are stored as pickles."""
    if tuple not in set(map(type, block.values)):
        return texts(block.values)
    flat = flat_dicts(block.pickles())
    flat_texts = iter(_flat_texts([pairs for pairs in flat if pairs is not None]))
    if None not in flat:
        return list(flat_texts)
    return [
        next(flat_texts) if pairs is not None else text(block.value_of(at) if type(value) is tuple else value)
        for at, (value, pairs) in enumerate(zip(block.values, flat, strict=True))
    ]


def text(value: Any) -> str:
    """A value in JSON."""
    kind = cast("type[Any]", type(value))
    if kind is str:
        return quoted(value)
    if kind is int and value.bit_length() <= MAX_INT_BITS:
        return str(value)
    return json.dumps(value) if is_json(value) else quoted(display(value))


_strict = JSONEncoder(check_circular=False, allow_nan=False)
_BETWEEN = "}, {"


def _flat_texts(dicts: list[dict[Any, Any]]) -> list[str]:
    """Dicts of scalars in JSON. They are encoded together, in half the time that it takes one by one."""
    try:
        together = _strict.encode(dicts)
    except (TypeError, ValueError):  # one contains bytes or an infinite number
        return list(map(text, dicts))
    parts = together[len("[{") : -len("}]")].split(_BETWEEN)
    if len(parts) != len(dicts):  # there are none, or a text in one contains it too
        return list(map(text, dicts))
    return [f"{{{part}}}" for part in parts]
