"""What is kept of a result, and how values travel as JSON."""

from __future__ import annotations

import datetime
import json
import math
import pickle
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.inputs.literal import from_json, to_json
from engine.host.record.plain import plain_loads
from engine.host.record.values import MAX_DISPLAY, MAX_TEXT, Unpicklable, Values, display
from engine.host.record.wire import unpacked

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.complex_numbers(allow_nan=False)
    | st.just(...)
    | st.dates()
    | st.datetimes()
    | st.times()
)
hashable = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.tuples(st.integers())
literals = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.sets(hashable)
        | st.frozensets(hashable)
        | st.dictionaries(hashable, inner)
        | st.dictionaries(st.sampled_from(["python", "value", "a"]), inner)
    ),
    max_leaves=15,
)


@given(literals)
def test_json_there_and_back(value: Any) -> None:
    there = json.loads(json.dumps(to_json(value)))
    back = from_json(there)
    if isinstance(value, (set, frozenset)):
        assert (type(back), back) == (type(value), value)
    else:
        assert back == value
        assert type(back) is type(value)


def test_json_of_odd_numbers() -> None:
    assert math.isnan(from_json(json.loads(json.dumps(to_json(math.nan)))))
    huge = -(10**20_000)
    assert from_json(json.loads(json.dumps(to_json([huge])))) == [huge]


def test_json_of_what_is_no_literal() -> None:
    with pytest.raises(TypeError, match="object"):
        to_json([object()])


class BadRepr:
    def __repr__(self) -> str:
        raise RuntimeError("never")


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"x" * 10**6,
        list(range(10**6)),
        {i: i for i in range(10**5)},
        10**100_000,
        {"deep": ["y" * 10**6]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_display_is_bounded(value: Any) -> None:
    assert len(display(value)) < MAX_DISPLAY + 100


def test_display_says_what_cannot_be_shown() -> None:
    assert display(BadRepr()) == "<BadRepr: its repr failed with RuntimeError>"
    assert display("a\ud800\n") == repr("a\ud800\n")


def test_scalars_and_short_texts_are_kept_as_they_are() -> None:
    values = Values()
    for item in (values.encode("text"), values.encode(b"bytes"), 5, None):
        values.items.append(item)
    vals, opaque, objects = values.columns()
    assert plain_loads(cast("bytes", vals)) == ["text", b"bytes", 5, None]
    assert opaque is None
    assert objects is None


def test_anything_else_is_text_beside_its_pickle() -> None:
    values = Values()
    for item in ("a", [1, 2], "z" * (MAX_TEXT + 1), {1}):
        values.items.append(values.encode(item))
    vals, opaque, objects = values.columns()
    assert plain_loads(cast("bytes", vals))[:2] == ["a", "[1, 2]"]
    assert opaque is not None
    assert objects is not None
    assert list(unpacked("I", opaque)) == [1, 2, 3]
    assert [pickle.loads(data) for data in plain_loads(cast("bytes", objects))] == [
        [1, 2],
        "z" * (MAX_TEXT + 1),
        {1},
    ]


def test_unpicklable_results_still_show() -> None:
    with pytest.raises(Unpicklable) as caught:
        Values().encode(lambda: 0)
    assert "<lambda>" in caught.value.display


def test_dates_are_literals_of_a_job() -> None:
    day = datetime.datetime(2026, 11, 23, 14, 52, tzinfo=datetime.UTC)
    assert from_json(json.loads(json.dumps(to_json(day)))) == day
