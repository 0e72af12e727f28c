"""How far a run is, in words: tasks done, rate, time left."""

from __future__ import annotations

from collections import deque

WINDOW = 10.0
"""Seconds that the rate looks back, where enough has happened in them."""
_FEW = 8  # samples that are kept however old they are, for slow tasks
_APART = 0.1  # seconds between two samples


class Estimator:
    """Rate and time left of a run, from how many tasks are done at which time.

    Times are seconds of any one clock. The rate looks back some seconds, so it follows a change
    of pace; for slow tasks it looks back over several of them. A stall lowers it bit by bit.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self._samples: deque[tuple[float, int]] = deque()  # (time, done) whenever done has grown
        self._done = 0
        self._now = 0.0

    def update(self, done: int, now: float) -> None:
        """`done` tasks are done at `now`. The first call sets where counting begins."""
        self._done, self._now = done, now
        samples = self._samples
        if samples and done < samples[-1][1]:
            samples.clear()
        if not samples or done > samples[-1][1]:
            if len(samples) > 1 and now - samples[-2][0] < _APART:
                samples.pop()
            samples.append((now, done))
        while len(samples) > _FEW and samples[1][0] < now - WINDOW:
            samples.popleft()

    @property
    def rate(self) -> float:
        """Tasks a second; 0 until something is known."""
        if len(self._samples) < 2:
            return 0.0
        (first, before), (last, after) = self._samples[0], self._samples[-1]
        pace = (last - first) / (len(self._samples) - 1)  # seconds from one sample to the next
        stalled = max(0.0, self._now - last - 2 * pace)
        seconds = last - first + stalled
        return (after - before) / seconds if seconds > 0 else 0.0

    def time_left(self) -> float | None:
        """Seconds until all is done; None while that cannot be said."""
        rate = self.rate
        if self.total is None or rate <= 0:
            return None
        since = self._now - self._samples[-1][0]
        return max(0.0, (self.total - self._done) / rate - since)


def summary(done: int, total: int | None) -> str:
    """`1,204 of 5,000 tasks`; without a total `1,204 tasks`."""
    if total is None:
        return f"{done:,} {_plural('task', done)}"
    return f"{done:,} of {total:,} {_plural('task', total)}"


def words(seconds: float) -> str:
    """A time as a person would say it: `about 3 minutes`."""
    if seconds < 0.95:
        return "less than a second"
    if seconds < 55:
        step = 1 if seconds < 9.5 else 5
        return _about(round(seconds / step) * step, "second")
    if seconds < 3570:
        return _about(max(1, round(seconds / 60)), "minute")
    if seconds < 47.5 * 3600:
        hours, minutes = divmod(round(seconds / 600) * 10, 60)
        rest = f" {minutes} minutes" if minutes and hours < 10 else ""
        return _about(hours, "hour") + rest
    return _about(round(seconds / 86400), "day")


def _about(number: int, unit: str) -> str:
    return f"about {number:,} {_plural(unit, number)}"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else word + "s"
