"""The state of a saved run, and how long it ran."""

from __future__ import annotations

import time
from dataclasses import dataclass

from engine.host.record.rows import LATEST
from engine.runs.facts import RunFacts
from engine.runs.reader import RunReader

_AGAIN = 2.0
"""A launch at least this many seconds after the start is a resumption."""


@dataclass(frozen=True)
class Stand:
    """The facts of a run, and what can be derived from them."""

    facts: RunFacts
    seconds: float | None
    """Seconds that it ran: the time between its stop and its resumption does not count."""


def stand(run: RunReader, facts: RunFacts) -> Stand:
    """The state of a run from its facts and, if they lack its running time, from its workers."""
    return Stand(facts, _seconds_of_old(run, facts) if facts.ran is None else _seconds(run, facts))


def _seconds(run: RunReader, facts: RunFacts) -> float | None:
    """What its host recorded, plus what has passed since then."""
    if facts.ran is None or facts.ran_at is None or facts.paused:
        return facts.ran
    if facts.state == "running":
        until = time.time()
    elif facts.state == "interrupted":
        until = _last_end(run)
    else:
        return facts.ran
    return facts.ran + max(0.0, until - facts.ran_at)


def _last_end(run: RunReader) -> float:
    """When the tasks of the last row ended."""
    found = run.select("SELECT end FROM batch ORDER BY id DESC LIMIT 1")
    end = found[0][0] if found else 0.0
    return end if isinstance(end, float) and end < LATEST else 0.0


def _seconds_of_old(run: RunReader, facts: RunFacts) -> float | None:
    """The running time of a run whose version did not record it."""
    end = time.time() if facts.state == "running" else facts.ended
    if facts.started is None:
        return None
    if facts.launched is None or facts.launched < facts.started + _AGAIN:
        return max(0.0, end - facts.started) if end is not None else None
    return _in_hand(run, end)


def _in_hand(run: RunReader, end: float | None) -> float:
    """The time during which there was a worker."""
    seconds, until = 0.0, 0.0
    for worker in run.workers.after():
        ended = worker.ended or end or worker.started
        seconds += max(0.0, ended - max(worker.started, until))
        until = max(until, ended)
    return seconds
