"""What happened to workers and tasks besides outcomes: deaths, new workers, discarded attempts."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from engine.host.record import schema
from engine.results.timeline.answers import Mark
from engine.results.timeline.lanes import Lanes
from engine.runs import RunReader

MOST = 300
"""The most marks in a view: more cannot be told apart."""
MOST_ATTEMPTS = 20_000
"""Failed attempts that are read, from the last."""
_PART = 500


def marks(
    run: RunReader, lanes: Lanes, begin: float, end: float, has_retries: bool
) -> Generator[None, None, list[Mark]]:
    """The marks in a time span, up to `MOST`."""
    found = _deaths(run, lanes, lanes.died(begin, end)[:MOST])
    yield
    if has_retries:
        found += yield from _retries(run, lanes, begin, end)
    found += [
        Mark("started", time, lane, number, None, "") for number, lane, time in lanes.replaced(begin, end)
    ]
    return found[:MOST]


def _deaths(run: RunReader, lanes: Lanes, numbers: list[int]) -> list[Mark]:
    marked = ",".join("?" * len(numbers))
    query = f"SELECT id, ended, exit_code, signal, last_task FROM worker WHERE id IN ({marked}) ORDER BY id"
    rows = run.select(query, numbers)
    places = lanes.of(np.array([row[0] for row in rows], np.int64)).tolist()
    return [
        Mark("died", time, lane, worker, task, how_ended(code, signal))
        for (worker, time, code, signal, task), lane in zip(rows, places, strict=True)
    ]


def how_ended(code: int | None, signal: str | None) -> str:
    """How a process ended; empty for a normal end, or if unknown."""
    return f"killed by {signal}" if signal else f"exit status {code}" if code else ""


def _retries(run: RunReader, lanes: Lanes, begin: float, end: float) -> Generator[None, None, list[Mark]]:
    """Failed attempts after which the task ran again."""
    query = "SELECT id, task, kind, time, worker FROM failure WHERE id < ? ORDER BY id DESC LIMIT ?"
    before, seen, found = 1 << 62, 0, list[Mark]()
    later: set[int] = set()
    while seen < MOST_ATTEMPTS and (rows := run.select(query, (before, _PART))):
        before, seen = rows[-1][0], seen + len(rows)
        for _, task, kind, time, worker in rows:
            was_again = task in later or _is_ok(run, task)
            later.add(task)
            if was_again and begin <= time <= end and kind != schema.CANCELLED:
                (lane,) = lanes.of(np.array([worker], np.int64)).tolist()
                found.append(Mark("retried", time, lane, worker, task, kind))
        yield
    return found


def _is_ok(run: RunReader, task: int) -> bool:
    """Whether a task has a result, whatever its earlier attempts were."""
    known = "statuses" if run.is_old else "coalesce(statuses, zeroblob(count))"
    query = (
        f"SELECT hex(substr({known}, ? - first + 1, 1)) FROM batch"
        " WHERE first <= ? AND first + count > ? ORDER BY first DESC LIMIT 1"
    )
    return run.select(query, (task, task, task)) == [("00",)]
