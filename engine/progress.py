"""The progress of a run in words: tasks done, rate, time left, running time."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

WINDOW = 10.0
"""Seconds that the rate looks back, if enough happened in them."""
_FEW = 8  # samples that are kept at any age, for slow tasks
_APART = 0.1  # seconds between two samples


class _Sample(NamedTuple):
    """The state when `done` last grew."""

    time: float
    """Seconds of running time, without pauses."""
    effort: float
    """Worker-seconds since counting began."""
    done: int


class Estimator:
    """Estimates rate and time left of a run, from finished tasks over time and the number of workers.

    Times are in seconds of any one clock. It measures the effort of a task in worker-seconds, so that a
    change of the pool's size takes effect at once, and a pause changes nothing. The rate looks back some
    seconds, to follow changes of pace; for slow tasks it looks back over several of them. During a stall it
    falls gradually.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self._samples: deque[_Sample] = deque()
        self._clock: float | None = None
        self._running = True
        self._workers = 1
        self._time = self._effort = 0.0
        self._done = 0

    def update(self, done: int, now: float, workers: int = 1, *, running: bool = True) -> None:
        """`done` tasks are finished at `now`; from then on `workers` work. The first call starts counting."""
        self._advance(now)
        self._workers, self._running, self._done = max(1, workers), running, done
        samples = self._samples
        if samples and done < samples[-1].done:
            samples.clear()
        if not samples or done > samples[-1].done:
            if len(samples) > 1 and self._time - samples[-2].time < _APART:
                samples.pop()
            samples.append(_Sample(self._time, self._effort, done))
        while len(samples) > _FEW and samples[1].time < self._time - WINDOW:
            samples.popleft()

    def _advance(self, now: float) -> None:
        if self._clock is not None and self._running:
            self._time += now - self._clock
            self._effort += (now - self._clock) * self._workers
        self._clock = now

    @property
    def rate(self) -> float:
        """Tasks per second of the current workers; 0 until something is known."""
        cost = self._cost()
        return self._workers / cost if cost > 0 else 0.0

    def _cost(self) -> float:
        """Worker-seconds per task; 0 until something is known."""
        if len(self._samples) < 2:
            return 0.0
        first, last = self._samples[0], self._samples[-1]
        pace = (last.effort - first.effort) / (len(self._samples) - 1)  # from one sample to the next
        stalled = max(0.0, self._effort - last.effort - 2 * pace)
        return (last.effort - first.effort + stalled) / (last.done - first.done)

    def time_left(self) -> float | None:
        """Seconds until everything is done, None if unknown. The last tasks keep only a few workers busy."""
        cost = self._cost()
        if self.total is None or cost <= 0:
            return None
        remaining = self.total - self._done
        busy = max(1, min(self._workers, remaining))
        since = self._time - self._samples[-1].time
        expected = remaining * cost / busy
        if since > 2 * expected + 1:  # the remaining tasks take longer than earlier ones: they may hang
            return None
        return max(0.0, expected - since)


class Stopwatch:
    """Counts the seconds in which a run was active, by any one clock."""

    def __init__(self, before: float = 0.0) -> None:
        """`before` is the running time of earlier hosts."""
        self._before = before
        self._since: float | None = None

    def turn(self, now: float, *, running: bool) -> None:
        """From now on it runs, or not."""
        self._before = self.seconds(now)
        self._since = now if running else None

    def seconds(self, now: float) -> float:
        """The running time so far."""
        return self._before + (now - self._since if self._since is not None else 0.0)


def summary(done: int, total: int | None) -> str:
    """`1,204 of 5,000 tasks`; without a total `1,204 tasks`."""
    if total is None:
        return f"{done:,} {_plural('task', done)}"
    return f"{done:,} of {total:,} {_plural('task', total)}"


def words(seconds: float) -> str:
    """A duration in everyday words: `about 3 minutes`."""
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
