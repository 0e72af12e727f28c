"""Each task is handed out once, whatever comes back, and batches settle at the wanted length."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.incoming.queue import InputQueue, gaps
from engine.host.loop.sizer import GROWTH, SHORTEST_SECONDS, TARGET_BYTES, TARGET_SECONDS, Sizer
from engine.host.work.batch import Batch

spans = st.lists(st.integers(0, 60), max_size=12).map(
    lambda ends: [(a, b) for a, b in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False) if a < b]
)


@given(spans, st.integers(0, 9))
def test_gaps_are_what_is_not_done(done: list[tuple[int, int]], more: int) -> None:
    total = max((stop for _, stop in done), default=0) + more
    left = [i for first, stop in gaps(done, total) for i in range(first, stop)]
    covered = {i for first, stop in done for i in range(first, stop)}
    assert left == [i for i in range(total) if i not in covered]


@given(st.data(), st.integers(0, 50))
def test_every_task_ends_once_whatever_comes_back(data: st.DataObject, total: int) -> None:
    feed = InputQueue([f"item {i}" for i in range(total)], gaps([], total))
    ended: list[int] = []
    while batch := feed.take(data.draw(st.integers(1, 8))):
        assert list(batch.items) == [f"item {i}" for i in range(batch.first, batch.stop)]
        done = data.draw(st.integers(1, len(batch.items)))
        ended += range(batch.first, batch.first + done)
        if rest := batch.rest(batch.first + done):
            feed.give_back(rest)
        assert feed.left + len(ended) == total
    assert sorted(ended) == list(range(total))
    assert feed.left == 0


def test_what_comes_back_goes_out_first() -> None:
    feed = InputQueue(range(10), [(0, 10)])
    first = feed.take(3)
    assert first == Batch(0, range(3))
    assert first is not None
    feed.give_back(first)
    assert feed.take(2) == Batch(0, range(2))
    assert feed.take(5) == Batch(2, range(2, 3))
    assert feed.take(5) == Batch(3, range(3, 8))


def settled(seconds_each: float, bytes_each: float = 1.0, left: int = 10**9) -> int:
    sizer = Sizer(0, 2)
    for _ in range(40):
        size = sizer.next(left)
        sizer.learn(size, size * seconds_each, int(size * bytes_each))
    return sizer.next(left)


def test_batches_take_about_the_wanted_time() -> None:
    for seconds in (1e-7, 1e-6, 1e-4, 1e-2):
        assert settled(seconds) * seconds > 0.5 * TARGET_SECONDS
        assert settled(seconds) * seconds <= TARGET_SECONDS * 1.01
    assert settled(1.0) == 1


def test_batches_of_large_values_stay_small() -> None:
    assert settled(1e-7, bytes_each=1 << 20) <= TARGET_BYTES >> 20


def test_the_first_batch_is_one_task_and_growth_is_bounded() -> None:
    sizer = Sizer(0, 2)
    sizes: list[int] = []
    for _ in range(5):
        sizes.append(sizer.next(10**9))
        sizer.learn(sizes[-1], sizes[-1] * 1e-7, 0)
    assert sizes[0] == 1
    assert all(b <= GROWTH * a for a, b in pairwise(sizes))


def test_towards_the_end_all_workers_have_their_share() -> None:
    assert settled(1e-3, left=80) == 10
    assert settled(1e-3, left=3) == 1


def test_towards_the_end_batches_of_quick_tasks_stay_worth_a_message() -> None:
    assert settled(1e-7, left=80) * 1e-7 == pytest.approx(SHORTEST_SECONDS)


def test_a_fixed_size_is_kept() -> None:
    sizer = Sizer(7, 2)
    sizer.learn(7, 10.0, 10**9)
    assert sizer.next(3) == 7


def test_a_second_batch_only_where_tasks_are_short() -> None:
    for seconds, ahead in ((1e-6, True), (1.0, False)):
        sizer = Sizer(0, 2)
        assert not sizer.ahead
        sizer.learn(1, seconds, 0)
        assert sizer.ahead is ahead
