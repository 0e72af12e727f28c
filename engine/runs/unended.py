"""Unfinished tasks: running, waiting, or never run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from engine.host.record import schema
from engine.host.record.rows import LATEST
from engine.runs.reader import RunReader

MOST = 100_000
"""The most workers that are read; a host reports fewer."""


class AtHand(NamedTuple):
    """A task that a worker is on."""

    worker: int
    since: float
    """Seconds since the epoch."""


Doing: TypeAlias = Mapping[int, AtHand] | None
"""The tasks that workers are on, by index; None if the run is not active."""


def at_hand(run: RunReader) -> dict[int, AtHand] | None:
    """The tasks that workers are on, as last reported; None if the run is not active.

    Some of them may have an outcome by now.
    """
    if not run.is_live():
        return None
    if not run.select("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'at_hand'"):
        return {}
    found: dict[int, AtHand] = {}
    for worker, task, since in run.select("SELECT worker, task, since FROM at_hand LIMIT ?", (MOST,)):
        is_whole = type(worker) is int and type(task) is int and type(since) is float
        if is_whole and 0 <= task < schema.MOST_TASKS and abs(since) < LATEST:
            found[task] = AtHand(worker, since)
    return found


def known_total(run: RunReader, stop: int, doing: Doing) -> int:
    """The number of tasks, as far as known: those that ended are before `stop`."""
    total = run.facts((0, 0)).total or 0  # that of a script grows
    return max([total, stop, *(task + 1 for task in doing or ())])


def status_of(task: int, last: str | None, doing: Doing) -> str:
    """The status of an unfinished task: `last` is the kind of its last failed attempt."""
    if doing is None:
        return schema.CANCELLED if last == schema.CANCELLED else schema.MISSING
    return schema.RUNNING if task in doing else schema.WAITING


def counts_of(run: RunReader, ended: int, total: int | None, cancelled: int = 0) -> dict[str, int]:
    """The number of unfinished tasks by status, as far as known.

    `ended` tasks have an outcome; of the others, `cancelled` ones were cut short by the end of the run.
    """
    left = None if total is None else max(0, total - ended)
    doing = at_hand(run)
    if doing is None:
        missing = 0 if left is None else max(0, left - cancelled)
        return {schema.CANCELLED: cancelled, schema.MISSING: missing}
    running = sum(run.row_of(task) is None for task in doing)
    waiting = 0 if left is None else max(0, left - running)
    return {schema.RUNNING: running if left is None else min(running, left), schema.WAITING: waiting}
