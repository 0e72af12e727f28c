"""The visible part of an axis, and positions on it; without widgets."""

from __future__ import annotations

import math
from typing import NamedTuple

CLOSEST = 1e-5
"""The smallest visible part of the whole."""


class Axis(NamedTuple):
    """From one number to another, linear or logarithmic."""

    begin: float
    end: float
    is_log: bool

    def share(self, number: float) -> float:
        """The position of a number: 0 at the beginning, 1 at the end."""
        begin, end = self._scaled
        return (self._up(number) - begin) / ((end - begin) or 1.0)

    def number(self, share: float) -> float:
        """The number at a position."""
        begin, end = self._scaled
        return self._down(begin + share * (end - begin))

    def part(self, begin: float, end: float) -> Axis:
        """The part between two positions."""
        return Axis(self.number(begin), self.number(end), self.is_log)

    def zoomed(self, at: float, factor: float) -> Axis:
        """Zoomed in by a factor above 1; the number at a position stays there."""
        return self.part(at - at / factor, at + (1 - at) / factor)

    def within(self, whole: Axis) -> Axis:
        """The nearest part of the same length within the whole."""
        begin, end = whole.share(self.begin), whole.share(self.end)
        length = min(max(end - begin, CLOSEST), 1.0)
        begin = min(max((begin + end - length) / 2, 0.0), 1.0 - length)
        if length == 1.0:
            return whole
        return whole.part(begin, begin + length)

    @property
    def _scaled(self) -> tuple[float, float]:
        return self._up(self.begin), self._up(self.end)

    def _up(self, number: float) -> float:
        return math.log(max(number, 5e-324)) if self.is_log else number

    def _down(self, scaled: float) -> float:
        return math.exp(scaled) if self.is_log else scaled
