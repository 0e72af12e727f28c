"""The visible time span: zooming, moving, and the ticks of a ruler."""

from __future__ import annotations

import math
from typing import NamedTuple

SHORTEST = 1e-5
"""The least visible number of seconds: the resolution of the run's clock."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Distances between ticks in seconds; beyond these, powers of ten."""


class Span(NamedTuple):
    """From when to when, in seconds since the epoch."""

    begin: float
    end: float

    @property
    def length(self) -> float:
        """Its length in seconds."""
        return self.end - self.begin

    def zoomed(self, at: float, factor: float) -> Span:
        """Shorter by a factor above 1, longer by one below; the time `at` stays in place."""
        return Span(at - (at - self.begin) / factor, at + (self.end - at) / factor)

    def moved(self, seconds: float) -> Span:
        """Later by some seconds."""
        return Span(self.begin + seconds, self.end + seconds)

    def within(self, whole: Span) -> Span:
        """The nearest span that is long enough and within the whole."""
        length = min(max(self.length, SHORTEST), whole.length)
        middle = (self.begin + self.end) / 2
        begin = min(max(middle - length / 2, whole.begin), whole.end - length)
        return Span(begin, begin + length)


def ticks(span: Span, first: float, width: float, room: float) -> list[tuple[float, str]]:
    """Times with their labels, relative to `first`; each has at least `room` pixels of `width`."""
    if width <= 0:
        return []
    step = _step(span.length * room / width)
    number = math.ceil((span.begin - first) / step - 1e-9)
    has_minutes = span.end - first >= 60
    found: list[tuple[float, str]] = []
    while (time := first + number * step) <= span.end:
        found.append((time, _text(number * step, step, has_minutes)))
        number += 1
    return found


def _step(least: float) -> float:
    """The least round number of seconds that is at least this."""
    if 1 <= least <= _STEPS[-1]:
        return next(step for step in _STEPS if step >= least)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * (1 - 1e-9))


def _text(seconds: float, step: float, has_minutes: bool) -> str:
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if not has_minutes:
        return f"{max(seconds, 0.0):.{decimals}f} s"
    whole = max(round(seconds, decimals), 0.0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:0{3 + decimals if decimals else 2}.{decimals}f}"
    return f"{hours}:{minutes:02}:{text}" if hours else f"{minutes}:{text}"
