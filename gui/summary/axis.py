"""What part of a row of numbers is seen, and where they are in it; without widgets."""

from __future__ import annotations

import math
from typing import NamedTuple

CLOSEST = 1e-5
"""The part of the whole that is seen at least."""


class Axis(NamedTuple):
    """From one number to another, evenly or on a logarithmic scale."""

    begin: float
    end: float
    is_log: bool

    def share(self, number: float) -> float:
        """Where a number is: 0 at the beginning, 1 at the end."""
        begin, end = self._scaled
        return (self._up(number) - begin) / ((end - begin) or 1.0)

    def number(self, share: float) -> float:
        """The number at a place."""
        begin, end = self._scaled
        return self._down(begin + share * (end - begin))

    def part(self, begin: float, end: float) -> Axis:
        """What is between two places."""
        return Axis(self.number(begin), self.number(end), self.is_log)

    def zoomed(self, at: float, factor: float) -> Axis:
        """Closer by a factor above 1; the number at a place stays there."""
        return self.part(at - at / factor, at + (1 - at) / factor)

    def within(self, whole: Axis) -> Axis:
        """The nearest part of the whole that is as long, as far as there is one."""
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
