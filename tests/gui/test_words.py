"""How long a task ran, in words."""

from __future__ import annotations

import pytest

from gui.kit import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.5, "< 1 µs"),
        (0.0, "< 1 µs"),
        (0.000014, "14 µs"),
        (0.0009996, "1.00 ms"),
        (0.0032, "3.20 ms"),
        (0.00999, "9.99 ms"),
        (0.009996, "10.0 ms"),
        (0.1234, "123 ms"),
        (0.9996, "1.00 s"),
        (1.25, "1.25 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (3599.9, "1 h 0 min"),
        (7325.0, "2 h 2 min"),
    ],
)
def test_a_time_reads_in_the_unit_that_fits_it(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_a_task_that_did_not_run_took_no_time() -> None:
    assert words.took(0.0, 0.0) == words.seconds(0.0, 0.0) == ""


def test_copies_hold_plain_seconds() -> None:
    assert words.seconds(1e9, 1e9 + 0.25) == "0.250000"
