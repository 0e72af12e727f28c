"""The failed attempts at some tasks, without their tracebacks."""

from __future__ import annotations

from typing import NamedTuple

from engine.runs import RunReader


class Last(NamedTuple):
    """How the last failed attempt at a task ended."""

    kind: str
    message: str
    worker: int


class Attempts(NamedTuple):
    """By task."""

    counts: dict[int, int]
    last: dict[int, Last]

    @classmethod
    def between(cls, run: RunReader, first: int, stop: int) -> Attempts:
        """Those at the tasks `first .. stop - 1`."""
        text, join = "coalesce(text.text, '')", " LEFT JOIN text ON text.id = message"
        query = (
            f"SELECT task, kind, {'message' if run.is_old else text}, worker"
            f" FROM failure{'' if run.is_old else join} WHERE task >= ? AND task < ? ORDER BY failure.id"
        )
        found = cls({}, {})
        for task, kind, message, worker in run.select(query, (first, stop)):
            found.counts[task] = found.counts.get(task, 0) + 1
            found.last[task] = Last(str(kind), str(message), worker)
        return found
