"""Values stored as pickles leave an export as the standard library writes them in JSON."""

from __future__ import annotations

import copyreg
import json
import pickle
from collections import OrderedDict
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.host.record import pieces
from engine.host.record.display import display
from engine.host.record.objects import LARGE
from engine.results.export.from_text import json_of
from engine.results.export.json_values import value_texts
from engine.runs.blocks import Block
from engine.runs.plain import is_json

TEXTS = st.text(max_size=5) | st.sampled_from(
    [
        "}, {",
        "x" * 70,
        "é" * 200,
        "\ud800",
        "it's",
        '"it\'s"',
        "\\",
        "\\'",
        "\n",
        "\x08\x7f",
        "True",
        "[None]",
        "😀",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
FLAT = st.dictionaries(TEXTS, SCALARS, max_size=4) | st.fixed_dictionaries({"id": SCALARS, "name": SCALARS})
ODD = st.binary(max_size=3) | st.tuples(SCALARS) | st.sets(st.integers(), max_size=2)
NESTED = st.recursive(
    SCALARS | ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=3)
        | st.dictionaries(st.integers(), inner, max_size=1)
    ),
)
VALUES = st.lists(
    FLAT | st.lists(NESTED, max_size=2) | st.dictionaries(TEXTS, NESTED, max_size=2), max_size=6
)


def block_of(values: list[Any], is_raw: bool) -> Block:
    """Values as rows store them; those that are not plain data are known only as text."""
    missing: list[Any] = [None] * len(values)
    shown: list[Any] = [(display(value),) for value in values]
    pickles = [pickle.dumps(value, 5) for value in values]
    return Block(
        missing,
        missing,
        None,
        shown,
        values.__getitem__,
        lambda: pickles,
        [],
        missing,
        missing,
        missing,
        None,
    )


@pytest.mark.parametrize("is_raw", [False, True])
@given(values=VALUES)
@example(values=[])
@example(values=[{"a": "}, {", "b": 1}, {}])
@example(values=[{"a": 1.0, "b": "x"}, {"a": float("inf"), "b": b"x"}])
@example(values=[{"a": "'"}, {"b": "\"'"}, ["True", True], [1e300, -0.0, [], {}]])
def test_values_are_json_as_the_library_writes_it(is_raw: bool, values: list[Any]) -> None:
    expected = [json.dumps(value if is_json(value) else display(value)) for value in values]
    assert value_texts(block_of(values, is_raw)) == expected


class Pairs(dict[Any, Any]):
    pass


class Level(IntEnum):
    LOW = 1

    def __repr__(self) -> str:
        return "1"


class Registered(list[Any]):
    pass


@pytest.fixture
def registered() -> Iterator[None]:
    copyreg.add_extension(__name__, "Registered", 240)
    yield
    copyreg.remove_extension(__name__, "Registered", 240)


@pytest.mark.usefixtures("registered")
def test_objects_that_look_like_plain_data_are_texts() -> None:
    values = [{"a": 1}, Pairs(a=1), [Level.LOW], [OrderedDict(a=1)], Registered([1]), ["ERROR"]]
    pickles = [pickle.dumps(value, 5) for value in values]
    expected = ['{"a": 1}', None, None, None, None, '["ERROR"]']
    assert json_of(list(map(repr, values)), None, lambda: pickles) == expected
    for value, data, known in zip(values, pickles, expected, strict=True):
        assert json_of([repr(value)], pieces.dumps([[data]], differ=True), lambda data=data: [data]) == [
            known
        ]


@pytest.mark.parametrize("size", [LARGE + 1, 1 << 31, 1 << 40])
@pytest.mark.parametrize("before", [0, 20, 60_000])
def test_a_pickle_that_is_elsewhere_may_be_of_anything(size: int, before: int) -> None:
    kept = [b"x" * before, ("1-2", 0, size)]
    raw = pieces.dumps([kept], differ=True)
    assert json_of(["[1]", "[2]"], raw, lambda: kept) == ["[1]", None]


@given(st.text(alphabet="{}[]:, '\"\\TrueNone1.-\n\x01é", max_size=12))
@example("['\x01']")
@example("{'a': 01}")
@example("['\\U00110000']")
def test_whatever_a_text_says_what_comes_out_is_json(text: str) -> None:
    known = json_of(["{'a': 1}", text, "['b', None]"], b"", list)
    assert (known[0], known[2]) == ('{"a": 1}', '["b", null]')
    if known[1] is not None:
        json.loads(known[1], parse_constant=pytest.fail)
