"""The text of a cell: a text itself, anything else as its display text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.host.record.display import display, display_all

Numbers = NDArray[np.float64]
CUT = "..."
"""Occurs in each truncated display text."""


def text_of(kept: Any) -> str:
    """The text of a value, or of what run.db stores for it: its display text in a tuple of one."""
    if type(kept) is str:
        return kept
    if type(kept) is tuple:
        items = cast("tuple[Any, ...]", kept)
        if len(items) == 1 and type(items[0]) is str:
            return items[0]
    return display(kept)


def whole_text(value: Any) -> str:
    """The text of plain data, however long it is."""
    if type(value) is str:
        return value
    try:
        return repr(value)
    except ValueError:  # an integer is too long to be written in decimal
        return display(value)


def texts_of(items: Sequence[Any]) -> list[str]:
    """`text_of` for each."""
    kinds: set[Any] = set(map(type, items))
    if kinds == {str}:
        return list(items)
    if str in kinds or tuple in kinds:
        return list(map(text_of, items))
    return display_all(items)


def numbers_of(items: Sequence[Any]) -> Numbers:
    """Values as float64, NaN for what is neither int nor float."""
    if isinstance(items, range):
        return np.arange(items.start, items.stop, items.step, dtype=np.float64)
    kinds: set[Any] = set(map(type, items))
    if kinds == {float}:
        return np.array(items, np.float64)
    if kinds.isdisjoint((int, float)):
        return np.full(len(items), np.nan)
    return np.array([_number(item) for item in items], np.float64)


def _number(value: Any) -> float:
    kind = cast("type[Any]", type(value))
    if kind is not int and kind is not float:
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
