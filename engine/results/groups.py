"""Failed tasks in groups of those that failed alike."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.host.record.texts import key_of
from engine.results.answers import Group
from engine.results.failed import failed_tasks
from engine.results.shapes import Shape, shape
from engine.runs import RunReader
from engine.runs.damaged import whole

PAGE = 5_000
"""Failures that are read at once."""
TEXTS = 500


class FailureGroups:
    """The failed tasks of a run by group, at the time of `build`."""

    def __init__(self, run: RunReader) -> None:
        self._run = run
        self._tasks: NDArray[np.int64] = np.empty(0, np.int64)
        self._numbers: NDArray[np.int64] = np.empty(0, np.int64)
        self._shapes: list[Shape] = []
        self._messages: list[str] = []
        self._old_texts: dict[int, str] = {}
        """Texts of versions that store them with each failure."""

    def tasks_of(self, key: str) -> NDArray[np.int64]:
        """The tasks of a group, in order."""
        numbers = [at for at, found in enumerate(self._shapes) if _key(found) == key]
        return self._tasks[np.isin(self._numbers, numbers)]

    def groups(self) -> list[Group]:
        """The groups, in descending order of size."""
        found: list[Group] = []
        order = np.argsort(self._numbers, kind="stable")
        tasks = self._tasks[order]
        counts = np.bincount(self._numbers, minlength=len(self._shapes))
        stops = np.cumsum(counts)
        for number, what in enumerate(self._shapes):
            own = tasks[stops[number] - counts[number] : stops[number]]
            found.append(
                Group(
                    key=_key(what),
                    kind=what.kind,
                    shape=what.message,
                    file=what.file,
                    line=what.line,
                    function=what.function,
                    message=self._messages[number],
                    count=len(own),
                    first=int(own[0]),
                    last=int(own[-1]),
                    share=len(own) / len(tasks),
                )
            )
        return sorted(found, key=lambda group: (-group.count, group.first))

    def build(self) -> Generator[None]:
        """Read all failures."""
        failed = yield from failed_tasks(self._run)
        tasks, kinds, messages, traces = yield from self._failures()
        # of several attempts, the last one counts
        last, places = np.unique(tasks[::-1], return_index=True)
        places = len(tasks) - 1 - places[np.isin(last, failed)]
        yield
        tasks, kinds, messages, traces = (column[places] for column in (tasks, kinds, messages, traces))
        order = np.lexsort((tasks, kinds, traces, messages))
        tasks, kinds, messages, traces = (column[order] for column in (tasks, kinds, messages, traces))
        is_other = np.ones(len(tasks), np.bool_)
        is_other[1:] = np.any([np.diff(column) != 0 for column in (kinds, messages, traces)], axis=0)
        yield
        starts = np.flatnonzero(is_other)
        numbers = np.empty(len(starts), np.int64)
        known: dict[Shape, int] = {}
        firsts: list[int] = []
        columns = (kinds[starts], messages[starts], traces[starts], tasks[starts])
        rows: list[tuple[int, int, int, int]] = list(
            zip(*(column.tolist() for column in columns), strict=True)
        )
        for first in range(0, len(rows), TEXTS):
            part = rows[first : first + TEXTS]
            texts = self._texts({key for _, *keys, _ in part for key in keys})
            for at, (kind, message, trace, task) in enumerate(part, first):
                status: str = schema.STATUSES[kind]
                said = texts.get(message, "")
                found = shape(status, said, texts.get(trace, ""))
                number = known.setdefault(found, len(known))
                numbers[at] = number
                if number == len(firsts):
                    firsts.append(int(task))
                    self._messages.append(said)
                elif task < firsts[number]:
                    firsts[number], self._messages[number] = int(task), said
            yield
        self._shapes = list(known)
        by_task = np.argsort(tasks)
        self._tasks = tasks[by_task]
        self._numbers = numbers[np.cumsum(is_other) - 1][by_task] if len(tasks) else tasks

    def _failures(self) -> Generator[None, None, list[NDArray[np.int64]]]:
        """Task, kind, message and traceback of all failures, in the order in which they occurred."""
        pages: list[NDArray[np.int64]] = [np.empty((0, 4), np.int64)]
        kinds = {name: at for at, name in enumerate((*schema.STATUSES, schema.CANCELLED))}
        after = 0
        query = (
            "SELECT id, task, kind, message, coalesce(traceback, 0) FROM failure"
            " WHERE id > ? ORDER BY id LIMIT ?"
        )
        while rows := self._run.select(query, (after, PAGE)):
            after = rows[-1][0]
            known = [(task, kinds[kind], *keys) for _, task, kind, *keys in rows if kind in kinds]
            if self._run.is_old:
                known = [(task, kind, *map(self._kept, texts)) for task, kind, *texts in known]
            if known:
                with whole():
                    pages.append(np.array(known, np.int64))
            yield
        together = np.concatenate(pages)
        together = together[together[:, 1] < len(schema.STATUSES)]
        return [together[:, column] for column in range(4)]

    def _kept(self, text: Any) -> int:
        key = key_of(str(text))
        self._old_texts[key] = str(text)
        return key

    def _texts(self, keys: set[int]) -> dict[int, str]:
        if self._run.is_old:
            return self._old_texts
        found: dict[int, str] = {}
        for part in _parts([int(key) for key in keys]):
            marks = ",".join("?" * len(part))
            for key, text in self._run.select(f"SELECT id, text FROM text WHERE id IN ({marks})", part):
                found[key] = str(text)
        return found


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(keys), TEXTS):
        yield keys[first : first + TEXTS]


def _key(found: Shape) -> str:
    return hashlib.blake2b(repr(tuple(found)).encode(), digest_size=8).hexdigest()
