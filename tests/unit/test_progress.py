from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.progress import Estimator, Stopwatch, summary, words


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (0, 5, "0 of 5 tasks"),
        (1204, 5000, "1,204 of 5,000 tasks"),
        (1, 1, "1 of 1 task"),
        (0, 0, "0 of 0 tasks"),
        (10_000_000, None, "10,000,000 tasks"),
        (1, None, "1 task"),
    ],
)
def test_summary(done: int, total: int | None, text: str) -> None:
    assert summary(done, total) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a second"),
        (1.2, "about 1 second"),
        (9.4, "about 9 seconds"),
        (43, "about 45 seconds"),
        (54.9, "about 55 seconds"),
        (58, "about 1 minute"),
        (170, "about 3 minutes"),
        (3569, "about 59 minutes"),
        (3600, "about 1 hour"),
        (4800, "about 1 hour 20 minutes"),
        (7190, "about 2 hours"),
        (11 * 3600 + 1800, "about 11 hours"),
        (3 * 86400, "about 3 days"),
    ],
)
def test_words(seconds: float, text: str) -> None:
    assert words(seconds) == text


def test_nothing_is_known_before_something_is_done() -> None:
    estimator = Estimator(100)
    estimator.update(0, 50.0)
    estimator.update(0, 55.0)
    assert estimator.rate == 0
    assert estimator.time_left() is None


def test_a_steady_pace() -> None:
    estimator = Estimator(1000)
    for second in range(31):
        estimator.update(10 * second, 100.0 + second)
    assert estimator.rate == pytest.approx(10)
    assert estimator.time_left() == pytest.approx(70)


def test_the_rate_follows_a_change_of_pace() -> None:
    estimator = Estimator(None)
    for second in range(60):
        estimator.update(1000 * second, float(second))
    for second in range(60, 90):
        estimator.update(59_000 + second - 59, float(second))
    assert estimator.rate == pytest.approx(1)
    assert estimator.time_left() is None


def test_slow_tasks_have_a_rate_too_and_their_time_left_counts_down() -> None:
    estimator = Estimator(10)
    for minute in range(4):
        estimator.update(minute, 60.0 * minute)
    assert estimator.time_left() == pytest.approx(7 * 60)
    estimator.update(3, 200.0)
    assert estimator.time_left() == pytest.approx(7 * 60 - 20)


def test_a_stall_lowers_the_rate() -> None:
    estimator = Estimator(100)
    for second in range(11):
        estimator.update(second, float(second))
    estimator.update(10, 12.0)
    assert estimator.rate == pytest.approx(1)
    estimator.update(10, 100.0)
    assert estimator.rate < 0.2


def test_counting_starts_where_the_first_update_says() -> None:
    estimator = Estimator(1000)
    estimator.update(900, 0.0)
    estimator.update(910, 1.0)
    assert estimator.rate == pytest.approx(10)
    assert estimator.time_left() == pytest.approx(9)


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 100)), max_size=60))
def test_never_negative_and_the_last_task_ends_it(steps: list[tuple[int, float]]) -> None:
    total = sum(grown for grown, _ in steps)
    estimator = Estimator(total)
    done, now = 0, 0.0
    estimator.update(done, now)
    for grown, seconds in steps:
        done, now = done + grown, now + seconds
        estimator.update(done, now)
        left = estimator.time_left()
        assert estimator.rate >= 0
        assert left is None or left >= 0
    assert estimator.time_left() in (None, 0.0)


def test_a_pause_changes_neither_rate_nor_time_left() -> None:
    estimator = Estimator(100)
    for second in range(11):
        estimator.update(second, float(second))
    estimator.update(10, 10.0, running=False)
    estimator.update(10, 500.0, running=True)
    assert estimator.rate == pytest.approx(1)
    assert estimator.time_left() == pytest.approx(90)


def test_a_resized_pool_counts_at_once() -> None:
    estimator = Estimator(1000)
    for second in range(11):
        estimator.update(20 * second, float(second), workers=2)
    estimator.update(200, 10.0, workers=4)
    assert estimator.rate == pytest.approx(40)
    assert estimator.time_left() == pytest.approx(20)


def test_the_last_tasks_take_as_long_as_one_task() -> None:
    estimator = Estimator(101)
    for step in range(26):
        estimator.update(4 * step, 10.0 * step, workers=4)
    assert estimator.time_left() == pytest.approx(10)


def test_a_stopwatch_counts_only_what_ran() -> None:
    watch = Stopwatch(5.0)
    assert watch.seconds(100.0) == 5
    watch.turn(100.0, running=True)
    assert watch.seconds(103.0) == 8
    watch.turn(104.0, running=False)
    watch.turn(200.0, running=True)
    assert watch.seconds(201.0) == 10
