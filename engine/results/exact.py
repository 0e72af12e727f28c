"""Exact values of numbers that are rounded when shown, and of those that float64 cannot distinguish."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.results.texts import Numbers

INEXACT = 2.0**53
"""From here on, float64 cannot distinguish all integers."""
_SCALES = 10.0 ** np.arange(23)
"""Powers of ten that are exact in float64."""
_DIGITS = 7
"""Decimals of a duration as shown; run.db has it as float32."""


def told_seconds(seconds: Numbers) -> NDArray[np.float32]:
    """Durations of run.db as they are shown, so that those with the same text are equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = _DIGITS - 1 - np.floor(np.log10(seconds))
        is_usual = (power >= 0) & (power < len(_SCALES))
        scale = _SCALES[np.where(is_usual, power, 0).astype(np.intp)]
        told = np.rint(seconds * scale) / scale
    for at in np.flatnonzero(~is_usual):
        told[at] = float(f"{seconds[at]:.{_DIGITS}g}")
    return told.astype(np.float32)


def seconds_span(limit: float) -> tuple[float, float]:
    """The durations of run.db that are shown like this one: from the first number to below the second."""
    return _first_told(limit, above=False), _first_told(limit, above=True)


def _first_told(limit: float, above: bool) -> float:
    """The least float32 that is shown as `limit` or more, or with `above` as more."""

    def is_there(number: np.float32) -> bool:
        told = float(f"{number:.{_DIGITS}g}")
        return told > limit if above else told >= limit

    if not abs(limit) < float(np.finfo(np.float32).max) / 2:
        return limit
    number = np.float32(limit)
    while is_there(number):
        number = np.nextafter(number, np.float32(-math.inf))
    while not is_there(number):
        number = np.nextafter(number, np.float32(math.inf))
    return float(number)


def told_times(times: Numbers) -> Numbers:
    """Times since the epoch, rounded to the microsecond as they are shown."""
    seconds = np.floor(times)
    return (seconds * 1e6 + np.rint((times - seconds) * 1e6)) / 1e6


def exact_number(text: str) -> float | int:
    """A number exactly as it is written."""
    try:
        return int(text)
    except ValueError:
        return float(text)
