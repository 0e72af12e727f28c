"""Rows of batches that come in any order, compared with a list that is sorted again each time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from engine.results import ranges
from engine.results.ranges import Ranges
from engine.runs import BatchRef


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[BatchRef]]:
    """Batches with gaps between them, shuffled, and cut into pieces."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=40))
    refs: list[BatchRef] = []
    first = draw(st.integers(0, 3))
    for count, gap in sizes:
        refs.append(BatchRef(0, first, count))
        first += count + gap
    shuffled = draw(st.permutations(refs))
    named = [BatchRef(i + 1, ref.first, ref.count) for i, ref in enumerate(shuffled)]
    pieces: list[list[BatchRef]] = []
    while named:
        size = draw(st.integers(1, len(named)))
        pieces.append(named[:size])
        named = named[size:]
    return pieces


def check(found: Ranges, refs: list[BatchRef]) -> None:
    expected = [(ref.id, offset, ref.first + offset) for ref in refs for offset in range(ref.count)]
    expected.sort(key=lambda place: place[2])
    assert found.rows == len(expected)
    places = [found.locate(row) for row in range(found.rows)]
    assert [(p.batch.id, p.offset, p.batch.first + p.offset) for p in places] == expected
    for row, (_, _, index) in enumerate(expected):
        assert found.row_of(index) == row


@given(arrivals(), st.sampled_from([1, 2, 5, 1024]))
def test_rows_are_those_of_a_sorted_list(pieces: list[list[BatchRef]], block: int) -> None:
    usual, ranges.BLOCK = ranges.BLOCK, block
    try:
        found = Ranges()
        known: list[BatchRef] = []
        for piece in pieces:
            for group in found.groups(piece):
                row = found.row_of(group[0].first)
                between = [r for r in known if group[0].first < r.first < group[-1].first]
                assert not between, "a group goes in at one place"
                assert row == sum(r.count for r in known if r.first < group[0].first)
                found.insert(group)
                known += group
            check(found, known)
    finally:
        ranges.BLOCK = usual


def test_an_unknown_task_has_the_row_where_it_would_stand() -> None:
    found = Ranges()
    assert found.row_of(7) == 0
    found.insert([BatchRef(1, 10, 5), BatchRef(2, 20, 5)])
    assert [found.row_of(task) for task in (0, 10, 12, 15, 19, 20, 25, 99)] == [0, 0, 2, 5, 5, 5, 10, 10]


def test_very_many_batches_of_one_in_any_order() -> None:
    order = list(range(200_000))
    random.Random(1).shuffle(order)
    found = Ranges()
    for start in range(0, len(order), 50_000):
        refs = [BatchRef(task + 1, task, 1) for task in order[start : start + 50_000]]
        for group in found.groups(refs):
            found.insert(group)
    assert found.rows == len(order)
    assert all(found.locate(row).batch.first == row for row in range(0, len(order), 997))
