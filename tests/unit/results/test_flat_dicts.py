"""Dicts of scalars are read and written together, and come out as one by one."""

from __future__ import annotations

import json
import pickle
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from engine.host.record.display import display
from engine.host.record.plain import plain_loads
from engine.results.export.flat import flat_dicts
from engine.results.export.json_values import value_texts
from engine.runs.blocks import Block
from engine.runs.plain import is_json

TEXTS = st.text(max_size=5) | st.sampled_from(["}, {", "x" * 70, "é" * 200, "\ud800"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=3)
FLAT = st.dictionaries(TEXTS, SCALARS, max_size=4) | st.fixed_dictionaries({"id": SCALARS, "name": SCALARS})
VALUES = st.lists(FLAT | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, FLAT, max_size=1), max_size=6)


@given(VALUES)
@example([])
@example([{"a": "}, {", "b": 1}, {}])
@example([{"a": 1.0, "b": "x"}, {"a": float("inf"), "b": b"x"}])
def test_values_are_json_as_the_library_writes_it(values: list[Any]) -> None:
    pickles = [pickle.dumps(value, 5) for value in values]
    missing: list[Any] = [None] * len(values)
    shown: list[Any] = [(display(value),) for value in values]
    value_of = values.__getitem__
    block = Block(
        missing, missing, None, shown, value_of, lambda: pickles, [], missing, missing, missing, None
    )
    expected = [json.dumps(value if is_json(value) else display(value)) for value in values]
    assert value_texts(block) == expected


@given(st.dictionaries(TEXTS, SCALARS, min_size=2, max_size=3), st.data())
@example({"a": "xyz", "b": "abc"}, None)
def test_a_damaged_pickle_is_no_dict(pairs: dict[Any, Any], data: Any) -> None:
    whole = pickle.dumps(pairs, 5)
    place, byte = (
        data.draw(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255))) if data else (22, 255)
    )
    damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
    first, second = flat_dicts([whole, damaged])
    assert first is None or repr(first) == repr(pairs)
    try:
        expected = plain_loads(damaged)
    except pickle.UnpicklingError:
        assert second is None
    else:
        assert second is None or repr(second) == repr(expected)
