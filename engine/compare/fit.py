"""A curve through the speed-ups of a pool, by Amdahl's law or the universal scalability law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """Speed-up = workers / (1 + contention (workers - 1) + crosstalk workers (workers - 1))."""

    contention: float
    """The part of the work that cannot be parallelised."""
    crosstalk: float = 0.0
    """What each worker costs each other one; without it, this is Amdahl's law."""

    @property
    def law(self) -> str:
        return "usl" if self.crosstalk else "amdahl"

    def at(self, workers: float) -> float:
        """The speed-up of this many workers."""
        more = workers - 1
        return workers / (1 + self.contention * more + self.crosstalk * workers * more)

    @property
    def most(self) -> float | None:
        """The number of workers beyond which more are slower; None if there is none."""
        if not self.crosstalk:
            return None
        return max(1.0, math.sqrt(max(0.0, 1 - self.contention) / self.crosstalk))


def fitted(points: Sequence[tuple[int, float]]) -> Curve | None:
    """The curve nearest to pairs of workers and speed-up; None if only size 1 was measured.

    Least squares of workers / speed-up - 1, which is linear in both parameters. Neither may be negative.
    """
    rows = [(n - 1.0, n * (n - 1.0), n / speed_up - 1.0) for n, speed_up in points if n > 1 and speed_up > 0]
    if not rows:
        return None
    aa = sum(a * a for a, _, _ in rows)
    ay = sum(a * y for a, _, y in rows)
    amdahl = Curve(min(1.0, max(0.0, ay / aa)))
    if len(rows) < 3:
        return amdahl
    bb = sum(b * b for _, b, _ in rows)
    ab = sum(a * b for a, b, _ in rows)
    by = sum(b * y for _, b, y in rows)
    divisor = aa * bb - ab * ab
    if divisor <= 0:
        return amdahl
    contention, crosstalk = (ay * bb - by * ab) / divisor, (by * aa - ay * ab) / divisor
    if crosstalk <= 0:
        return amdahl
    if contention < 0:
        return Curve(0.0, max(0.0, by / bb))
    return Curve(contention, crosstalk)
