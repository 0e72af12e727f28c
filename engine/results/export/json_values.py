"""The values of tasks as JSON texts."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, cast

from engine.host.record.display import LARGEST, MAX_INT_BITS, display
from engine.results.export.from_text import json_of
from engine.runs.blocks import Block
from engine.runs.plain import is_json
from engine.runs.shown import all_shown


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
    types = set(map(type, block.values))
    if tuple not in types:
        return texts(block.values)
    if types == {tuple}:
        return _kept_texts(block, block.values, range(len(block)))
    places = [at for at, value in enumerate(block.values) if type(value) is tuple]
    kept = iter(_kept_texts(block, [block.values[at] for at in places], places))
    return [next(kept) if type(value) is tuple else text(value) for value in block.values]


def _kept_texts(block: Block, values: list[Any], places: Sequence[int]) -> list[str]:
    def pickles() -> list[object]:
        known = block.pickles()
        return [known[at] for at in places]

    found = json_of(all_shown(values), block.raw_pickles(), pickles)
    return [
        text(block.value_of(at)) if json is None else json for at, json in zip(places, found, strict=True)
    ]


def text(value: Any) -> str:
    """A value in JSON."""
    kind = cast("type[Any]", type(value))
    if kind is str:
        return quoted(value)
    if kind is int and value.bit_length() <= MAX_INT_BITS:
        return str(value)
    return json.dumps(value) if is_json(value) else quoted(display(value))
