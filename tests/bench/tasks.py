"""What the benchmarks run: tasks that keep a core busy for a known time."""

from __future__ import annotations

from time import perf_counter


def no_op(x: int) -> int:
    return x * x


def us_10(x: int) -> int:
    return _busy(10e-6, x)


def us_100(x: int) -> int:
    return _busy(100e-6, x)


def ms_1(x: int) -> int:
    return _busy(1e-3, x)


def ms_10(x: int) -> int:
    return _busy(10e-3, x)


def _busy(seconds: float, x: int) -> int:
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass
    return x * x
