"""The tasks of the benchmarks: some keep a core busy for a known time, others only log or die."""

from __future__ import annotations

import logging
import os
import signal
from time import perf_counter

LINES = 500
"""Log lines of one task that only logs."""
SKEWED = 3_000
"""Tasks of a skewed load: one in 50 takes 100 times as long as the others."""

LIFE = 3_000
"""Tasks of 1 ms after which a worker dies."""


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


def skewed(x: int) -> int:
    return _busy(10e-3 if x % 50 == 0 else 100e-6, x)


def slow_last(x: int) -> int:
    return _busy(10e-3 if x >= SKEWED - SKEWED // 50 else 100e-6, x)


def log_lines(x: int) -> int:
    log = logging.getLogger("bench")
    for number in range(LINES):
        log.info("task %d says line %d", x, number)
    return x


def die_now_and_then(x: int) -> int:
    if x % LIFE == LIFE - 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return _busy(1e-3, x)


def _busy(seconds: float, x: int) -> int:
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass
    return x * x
