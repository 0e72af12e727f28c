"""What is stored of a result, and how values are sent as JSON."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import pickle
from array import array
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.inputs.literal import from_json, to_json
from engine.host.record.display import LONGEST, MAX_TEXT, display, display_pickled
from engine.host.record.flat import is_flat
from engine.host.record.pieces import PIECE, Pieces, cut, dumps_numbers, dumps_piece, joined, own_items
from engine.host.record.text import plain
from engine.host.record.values import Unpicklable, Values, least_and_greatest
from engine.host.record.wire import NotPlain, are_short_ints, flat, packed, unpacked

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
    assert len(display(value)) < LONGEST + 100


@dataclasses.dataclass
class Held:
    """Has something to show."""

    name: str
    parts: list[Any]


class Pair(NamedTuple):
    one: Any
    two: Any


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5)
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner),
        st.tuples(inner, inner),
        st.dictionaries(PLAIN, inner, max_size=3),
        st.frozensets(PLAIN, max_size=2),
        st.builds(Held, st.text(max_size=3), st.lists(inner, max_size=2)),
        st.builds(Pair, inner, inner),
    ),
    max_leaves=12,
)


@given(NESTED)
def test_display_is_repr_of_what_is_short(value: Any) -> None:
    assert display(value) == plain(repr(value))


def test_what_is_long_is_not_gone_through() -> None:
    class Parts(list[Any]):
        asked = 0

        def __repr__(self) -> str:
            Parts.asked += 1
            return "x" * 100

    for value in ([Parts()] * 1_000, [[Parts()] * 900] * 900, Held("many", [Parts()] * 100_000)):
        Parts.asked = 0
        assert len(display(value)) <= LONGEST + 100
        assert Parts.asked <= LONGEST / 100 + 1


def test_a_repr_that_takes_long_is_not_called_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def __repr__(self) -> str:
            now[0] += 0.4
            return "slow"

    now = [0.0]
    monkeypatch.setattr("engine.host.record.display.time.perf_counter", lambda: now[0])
    assert [display(Slow()) for _ in range(5)] == ["slow"] * 3 + ["<Slow: its repr takes too long>"] * 2


def test_what_holds_itself_is_shown() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    assert display(endless) == "[1, [...]]" == repr(endless)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "..." in display(deep)


def test_a_part_that_cannot_be_shown_costs_no_more_than_itself() -> None:
    assert display([1, BadRepr()]) == "[1, <BadRepr: its repr failed with RuntimeError>]"


def test_display_says_what_cannot_be_shown() -> None:
    assert display(BadRepr()) == "<BadRepr: its repr failed with RuntimeError>"
    assert display("a\ud800\n") == repr("a\ud800\n")


def test_scalars_and_short_texts_are_kept_as_they_are() -> None:
    values = Values()
    for item in (values.encode("text"), values.encode(b"bytes"), 5, None):
        values.items.append(item)
    columns = values.columns()
    assert Pieces(cast("bytes", columns.vals), "").all() == ["text", b"bytes", 5, None]
    assert columns.form is None
    assert columns.objects is None
    assert (columns.least, columns.greatest) == (5.0, 5.0)
    numbers = unpacked("d", cast("bytes", columns.numbers))
    assert [math.isnan(number) for number in numbers] == [True, True, False, True]
    assert numbers[2] == 5.0


@pytest.mark.parametrize(
    ("items", "form", "least", "greatest"),
    [
        ([3, -1, 2], "int64", -1.0, 3.0),
        ([0.5, math.nan, -2.0], "float64", -2.0, 0.5),
        ([math.nan], "float64", None, None),
        ([math.inf, -math.inf], "float64", -math.inf, math.inf),
        ([None, None], "none", None, None),
        ([1, 2.5], None, 1.0, 2.5),
        ([2**63], None, float(2**63), float(2**63)),
        ([10**400, True], None, math.inf, math.inf),
        ([True, False], None, None, None),
        (["a"], None, None, None),
    ],
    ids=str,
)
def test_values_of_one_kind_are_columns_of_numbers(
    items: list[Any], form: str | None, least: float | None, greatest: float | None
) -> None:
    columns = Values().columns_of(items)
    assert (columns.form, columns.least, columns.greatest) == (form, least, greatest)


class Count(int):
    """An int that is also something else."""


def test_a_column_of_numbers_has_no_other_things() -> None:
    values = Values()
    values.items += [1, Count(2)]
    with pytest.raises(NotPlain):
        values.columns()
    assert values.mend() == {}
    columns = values.columns()
    assert Pieces(cast("bytes", columns.vals), "").all() == [1, ("2",)]
    assert pickle.loads(Pieces(cast("bytes", columns.objects), "").all()[0]) == Count(2)


def test_anything_else_is_text_beside_its_pickle() -> None:
    values = Values()
    for item in ("a", [1, 2], "z" * (MAX_TEXT + 1), {1}):
        values.items.append(values.encode(item))
    columns = values.columns()
    kept = Pieces(cast("bytes", columns.vals), "").all()
    assert kept[:2] == ["a", ("[1, 2]",)]
    assert [type(item) for item in kept] == [str, tuple, tuple, tuple]
    assert [pickle.loads(data) for data in Pieces(cast("bytes", columns.objects), "").all()] == [
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


OF_DATES = (
    st.dates()
    | st.timedeltas()
    | st.decimals()
    | st.datetimes(timezones=st.just(datetime.UTC))
    | st.integers()
)


@given(st.dictionaries(st.text(), OF_DATES | st.lists(OF_DATES, max_size=3), max_size=5))
def test_dates_and_decimals_are_shown_by_the_quick_way_as_by_the_other(value: dict[str, Any]) -> None:
    assert display_pickled(value) == display(value)


class _Int(int):
    pass


ITEMS = st.one_of(
    st.integers(-(2**31) - 2, 2**31 + 2),
    st.booleans(),
    st.floats(),
    st.none(),
    st.just(2**63),
    st.just("i" * 4),
    st.lists(st.integers(), max_size=2),
    st.builds(_Int),
    st.just(object()),
)


@given(st.lists(ITEMS, max_size=8) | st.lists(st.integers(-(2**31), 2**31 - 1), max_size=8))
def test_short_ints_are_told_from_all_else(items: list[Any]) -> None:
    known = all(type(item) is int and -(2**31) <= item < 2**31 for item in items)
    assert are_short_ints(items) == known
    assert are_short_ints(tuple(items)) == known


@given(st.lists(ITEMS, max_size=8) | st.lists(st.integers(-(2**31), 2**31 - 1)) | st.lists(st.floats()))
def test_numbers_of_one_type_are_packed_as_an_array_packs_them(items: list[Any]) -> None:
    kinds = {*map(type, items)}
    found = flat(items)
    if kinds == {int} and all(-(2**31) <= item < 2**31 for item in items):
        assert found == ("i", packed(array("i", items)))
    elif kinds == {float}:
        assert found == ("g", packed(array("d", items)))
    else:
        assert found == (("N", b"") if kinds == {type(None)} else None)


NUMBERS = (
    st.integers(0, 255)
    | st.integers(256, 2**16 - 1)
    | st.integers(-(2**31), -1)
    | st.integers(2**16, 2**31 - 1)
    | st.floats()
)

PLAIN = ITEMS.filter(lambda item: type(item) not in (_Int, object))


@given(NUMBERS, NUMBERS, st.sampled_from([4, 1000, 1001, PIECE, PIECE + 2, 2 * PIECE]))
def test_a_column_of_numbers_of_one_type_is_made_at_once(one: float, other: float, count: int) -> None:
    items = (one, other) * (count // 2)
    for either in (items, [*items]):
        pickles = [dumps_numbers(piece) or dumps_piece(piece) for piece in cut([*either])]
        assert repr(Pieces(joined(pickles), "").all()) == repr([*items]) == repr(own_items(joined(pickles)))
        made = dumps_numbers(either)
        assert bool(made) == (type(one) is type(other))
        assert not made or is_flat(made)


@given(PLAIN | NUMBERS, NUMBERS, st.sampled_from([4, 1000, 1001, PIECE]), st.data())
def test_an_item_of_another_kind_is_seen_anywhere_in_a_column(
    item: Any, number: float, count: int, data: st.DataObject
) -> None:
    items = [number] * count
    items[data.draw(st.integers(0, count - 1))] = item
    if made := dumps_numbers(tuple(items)):
        assert {*map(type, items)} in ({int}, {float})
        assert repr(pickle.loads(made)) == repr(items)


@given(st.lists(st.integers(), min_size=1))
def test_the_least_and_the_greatest_are_found_in_any_order(items: list[int]) -> None:
    for order in (items, sorted(items), sorted(items)[::-1]):
        assert least_and_greatest(order) == (min(items), max(items))
