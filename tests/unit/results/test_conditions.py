"""Conditions as users write them, and the errors for those that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.results.choosing import Holds
from engine.results.conditions import Condition, ConditionError, parse
from engine.results.exact import told_seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("seconds>1.5", (Condition("seconds", ">", "1.5"),)),
        ("seconds >= 1.5", (Condition("seconds", ">=", "1.5"),)),
        (
            "status=error,died input~2024",
            (Condition("status", "=", "error,died"), Condition("input", "~", "2024")),
        ),
        ("result=3", (Condition("value", "=", "3"),)),
        ("value.score<=2", (Condition("value.score", "<=", "2"),)),
        ('input."a b"!=x', (Condition("input.a b", "!=", "x"),)),
        (
            'error~"no such key" index<9',
            (Condition("error", "~", "no such key", True), Condition("index", "<", "9")),
        ),
        (r'value="a \"b\" \\"', (Condition("value", "=", 'a "b" \\', True),)),
        (r"input~/a\/b \d+/i", (Condition("input", "~", r"a/b \d+", True, True, True),)),
        ("input~/tmp/x", (Condition("input", "~", "/tmp/x"),)),
        ('value=""', (Condition("value", "=", "", True),)),
        ("worker=1,3", (Condition("worker", "=", "1,3"),)),
        (
            "error~no such key  here index<9",
            (Condition("error", "~", "no such key  here"), Condition("index", "<", "9")),
        ),
        ("status = error , died", (Condition("status", "=", "error , died"),)),
        (
            "error~Bad: 'a=1' or index >3",
            (Condition("error", "~", "Bad: 'a=1' or"), Condition("index", ">", "3")),
        ),
    ],
)
def test_what_is_read(text: str, expected: tuple[Condition, ...]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("seconds>1 sec=2", 10, "There is no column “sec”. There are: index, input, status"),
        ("index=1 seconds>fast", 16, "seconds needs a number, not “fast”"),
        ("status=ok,bad", 10, "There is no status “bad”. There are: ok, error"),
        ("status>ok", 7, "A status has no order"),
        ("input~/a(b/", 8, "The regular expression is not valid"),
        ("index=1 and", 6, "index needs a number, not “1 and”"),
        ('error~"no such" key', 16, "“key” is not a condition: write COLUMN OP VALUE"),
        ("status=ok, bad", 10, "There is no status “bad”"),
        ("started>yesterday", 8, "started needs a time, as in 2026-11-26T14:30"),
        ('input="abc', 6, "The quote is not closed"),
        ("seconds>", 8, "There is no value after seconds>"),
        ("worker.name=1", 0, "Only input and value have parts"),
    ],
)
def test_what_is_wrong(text: str, position: int, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert caught.value.position == position


class _Tasks:
    """As much of a slice as a condition on times needs."""

    def __init__(self, *times: str) -> None:
        self._times = np.array(
            [datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp() for time in times]
        )

    def __len__(self) -> int:
        return len(self._times)

    def numbers(self, column: str) -> np.ndarray:
        assert column == "started"
        return self._times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("started=2026-11-26T00Z", [True, True, False]),
        ("started>2026-11-26T00Z", [False, False, True]),
        ("started>=2026-11-26T00:30Z", [False, True, True]),
        ("started<2026-11-26T00:30:00Z", [True, False, False]),
        ("started<=2026-11-26T00:30Z", [True, True, False]),
        ("started!=2026-11-26T00:30:00+00:00", [True, False, True]),
    ],
)
def test_a_time_stands_for_all_of_its_span(text: str, expected: list[bool]) -> None:
    (condition,) = parse(text)
    tasks = _Tasks("2026-11-26T00:00:01", "2026-11-26T00:30:00.5", "2026-11-26T01:00:00")
    assert Holds(condition).mask(tasks).tolist() == expected  # type: ignore[arg-type]


OPS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


@given(st.floats(2**-30, 2**23, width=32), OPS, st.integers(-2, 2))
def test_durations_are_compared_as_they_are_told(seconds: float, op: str, ulps: int) -> None:
    limit = float(f"{seconds:.7g}") * (1 + ulps * 5e-8)
    (condition,) = parse(f"seconds{op}{limit!r}")
    told = float(f"{seconds:.7g}")
    expected = {"=": told == limit, "!=": told != limit, "<": told < limit, "<=": told <= limit}
    expected |= {">": told > limit, ">=": told >= limit}
    assert Holds(condition).mask(_Durations(seconds)).tolist() == [expected[op]]  # type: ignore[arg-type]
    assert float(told_seconds(np.array([seconds]))[0]) == float(np.float32(told))


class _Durations:
    """As much of a slice as a condition on durations needs."""

    run = SimpleNamespace(is_old=False)

    def __init__(self, seconds: float) -> None:
        self.seconds = np.array([seconds], np.float32).astype(np.float64)

    def __len__(self) -> int:
        return 1
