"""Tasks as a trace for Chrome and Perfetto: a lane for each worker, a bar for each task.

Tasks of a script as it is have the names of their functions, and its main process has a lane.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterator

from engine.host.record import schema
from engine.results.texts import text_of
from engine.runs import RunReader
from engine.runs.blocks import Block
from engine.runs.damaged import whole

LONGEST = 200
"""Characters of an input or an error in a trace."""
_MOST_STAGES = 100_000
_ROWS = 10_000
"""Rows of run.db that are read at once."""


class Trace:
    """The format of Chrome's `about:tracing`, in JSON; times in microseconds since the run began."""

    def __init__(self, run: RunReader) -> None:
        facts = run.facts((0, 0))
        self._run, self._name = run, facts.name
        self._stages = _Stages(run, facts.name)
        self._begin = facts.started or 0.0
        self._workers: set[int] = set()

    def head(self) -> str:
        """The text before all tasks."""
        return '{"displayTimeUnit": "ms", "traceEvents": [\n'

    def tail(self) -> str:
        """The text after them: the names of lanes."""
        names = [
            _event("M", worker, name="thread_name", args={"name": f"Worker {worker}"})
            for worker in sorted(self._workers)
        ]
        names += self._main()
        names.append(_event("M", 0, name="process_name", args={"name": self._name}))
        return ",\n".join(names) + "\n]}\n"

    def _main(self) -> Iterator[str]:
        """The main process of a script, and its calls."""
        main = next(
            (each for each in self._run.workers.after(schema.MAIN - 1, 1) if each.number == schema.MAIN), None
        )
        if main is None or self._run.is_old:
            return
        yield _event("M", schema.MAIN, name="thread_name", args={"name": "main"})
        if main.ended is not None:
            yield self._bar(schema.MAIN, "main", main.started, main.ended - main.started)
        ends = dict(self._run.select("SELECT stage, max(end) FROM batch GROUP BY stage"))
        for number, name, _, started in self._stages.known:
            end = ends.get(number)
            if isinstance(started, float) and isinstance(end, float):
                yield self._bar(schema.MAIN, name, started, max(end - started, 0.0), stage=number)

    def _bar(self, lane: int, name: str, start: float, seconds: float, **told: object) -> str:
        begin, took = round((start - self._begin) * 1e6, 3), round(seconds * 1e6, 3)
        return _event("X", lane, name=name, ts=begin, dur=took, args=told)

    def lines(self, block: Block) -> list[str]:
        """A text for each task; empty if it has not run."""
        if block.starts is None:
            return [""] * len(block)
        self._workers.update(worker for worker in block.workers if worker is not None)
        statuses = block.statuses or ["ok"] * len(block)
        rows = zip(
            block.indexes,
            map(text_of, block.inputs),
            statuses,
            block.errors,
            block.starts,
            block.seconds,
            block.workers,
            strict=True,
        )
        made: list[str] = []
        for task, given, status, error, start, seconds, worker in rows:
            told = {"task": task, "input": given[:LONGEST], "status": status}
            if error:
                told["error"] = error[:LONGEST]
            name = self._stages.name_of(task)
            name = name if status == "ok" else f"{name}: {status}"
            made.append(self._bar(worker or 0, name, start, seconds or 0.0, **told) + ",\n")
        return made


class _Stages:
    """The names of the functions that tasks call."""

    def __init__(self, run: RunReader, name: str) -> None:
        self._name = name
        query = f"SELECT id, substr(name, 1, {LONGEST}), first, started FROM stage ORDER BY id LIMIT ?"
        self.known = [] if run.is_old else run.select(query, (_MOST_STAGES,))
        """Number, name, first task and time of the call."""
        self._names = {number: str(called) for number, called, *_ in self.known}
        self._first, self._stage = array("q"), array("q")
        """By row of run.db, if there are several stages."""
        before = -1
        while len(self._names) > 1:
            query = "SELECT first, stage FROM batch WHERE first > ? ORDER BY first LIMIT ?"
            rows = run.select(query, (before, _ROWS))
            if not rows:
                break
            with whole():
                self._first.extend(row[0] for row in rows)
                self._stage.extend(row[1] for row in rows)
            before = self._first[-1]

    def name_of(self, task: int) -> str:
        """The name of the function that a task calls; that of the run, if there is only one stage."""
        at = bisect_right(self._first, task) - 1
        return self._names.get(self._stage[at], self._name) if at >= 0 else self._name


def _event(phase: str, lane: int, **more: object) -> str:
    return json.dumps({"ph": phase, "pid": 1, "tid": lane, **more})
