"""Texts as bytes equal those that Python reads: in content, in order and in what they contain."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.record.pieces import Pieces, cut, dumps
from engine.host.record.plain import plain_loads
from engine.query.request import finish
from engine.results import texts_order
from engine.results.texts_order import TextOrder
from engine.results.unread import texts_in
from engine.results.utf8 import Utf8

ODD = [
    "",
    "a",
    "a\0",
    "a\0\0\0\0\0\0\0z",
    "ab",
    "abcdefg",
    "abcdefgh",
    "abcdefg\0",
    "唌",
    "唌唌",
    "AA",
    "A" * 65,
    "AAB",
]
TEXTS = st.lists(
    st.sampled_from(
        [*ODD, "\ud800", "\U00010000", "\uffff", "x" * 255, "x" * 254 + "é", "common/beginning/1"]
    )
    | st.text(max_size=20)
    | st.text("ab\0", max_size=30),
    max_size=60,
)


def fresh(texts: list[str]) -> list[str]:
    """Separate objects, as a function would return them."""
    return [text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") for text in texts]


def pickles(items: list[Any]) -> list[bytes]:
    return Pieces(dumps(cut(items)), "").pickles()


@pytest.mark.parametrize("count", [2, 1000, 1001, 1002, 1024, 1025, 2000, 3500])
def test_a_column_of_texts_is_taken_from_its_pickles(count: int) -> None:
    texts = [f"{number} é"[: number % 9] + "." * (number % 130) + str(number) for number in range(count)]
    found = texts_in([(pickles(texts), count), (pickles(texts[:300]), min(count, 300))])
    is_told_apart = count % 1024 != 1 and count % 1000 != 1
    if is_told_apart or found is not None:
        assert found is not None
        assert found.texts() == texts + texts[:300]


@given(st.lists(st.none() | st.integers() | st.tuples(st.text()) | st.sampled_from(ODD), max_size=5), TEXTS)
def test_other_columns_are_left_to_others(items: list[Any], texts: list[str]) -> None:
    items += fresh(texts)
    found = texts_in([(pickles(items), len(items))])
    assert found is None or found.texts() == items


@given(TEXTS.filter(bool), st.data())
def test_damaged_columns_are_never_read_otherwise(texts: list[str], data: st.DataObject) -> None:
    (column,) = pickles(fresh(texts))
    place = data.draw(st.integers(0, len(column) - 1))
    damaged = column[:place] + bytes([data.draw(st.integers(0, 255))]) + column[place + 1 :]
    found = texts_in([([damaged], len(texts))])
    if found is not None:
        read: Any = None
        with suppress(pickle.UnpicklingError):
            read = plain_loads(damaged)
        assert found.texts() == read


@pytest.mark.parametrize("parts", [None, 3])
@given(st.lists(TEXTS, max_size=4), st.booleans(), st.booleans())
def test_order(parts: int | None, lists: list[list[str]], descending: bool, as_bytes: bool) -> None:
    with (
        patch.object(texts_order, "MOST_NUMBERED", 2),
        patch.object(texts_order, "RUN", parts or texts_order.RUN),
        patch.object(texts_order, "SAMPLE", 2),
        patch.object(texts_order, "HEAD", 3),
    ):
        order = TextOrder(descending)
        texts: list[str] = []
        for more in lists:
            places = np.arange(len(texts), len(texts) + len(more))
            order.add(Utf8.of(more) if as_bytes else more, places)
            texts += more
        expected = sorted(range(len(texts)), key=texts.__getitem__, reverse=descending)
        head = order.head
        assert head == expected[: len(head)]
        assert finish(order.sorted()).tolist() == expected


@given(TEXTS, st.sampled_from(ODD) | st.text(max_size=3), st.data())
def test_what_contains_a_text(texts: list[str], wanted: str, data: st.DataObject) -> None:
    mask = np.array([data.draw(st.booleans()) for _ in texts], np.bool_)
    chosen = [text for text, is_chosen in zip(texts, mask, strict=True) if is_chosen]
    found = Utf8.of(texts).chosen(mask)
    assert found.texts() == chosen
    assert found.containing(wanted).tolist() == [wanted in text for text in chosen]
