"""Tasks as a trace that Chrome and Perfetto show: a lane for each worker, a bar for each task."""

from __future__ import annotations

import json

from engine.results.texts import text_of
from engine.runs import RunFacts
from engine.runs.blocks import Block

LONGEST = 200
"""Characters of an input or an error in a trace."""


class Trace:
    """The format of Chrome's `about:tracing`, in JSON; times in microseconds since the run began."""

    def __init__(self, facts: RunFacts) -> None:
        self._name = facts.name
        self._begin = facts.started or 0.0
        self._workers: set[int] = set()

    def head(self) -> str:
        """What stands before all tasks."""
        return '{"displayTimeUnit": "ms", "traceEvents": [\n'

    def tail(self) -> str:
        """What is after them: the names of lanes."""
        names = [
            _event("M", worker, name="thread_name", args={"name": f"Worker {worker}"})
            for worker in sorted(self._workers)
        ]
        names.append(_event("M", 0, name="process_name", args={"name": self._name}))
        return ",\n".join(names) + "\n]}\n"

    def lines(self, block: Block) -> list[str]:
        """A text for each task; an empty one if it has not been run."""
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
            begin = round((start - self._begin) * 1e6, 3)
            took = round((seconds or 0.0) * 1e6, 3)
            name = self._name if status == "ok" else f"{self._name}: {status}"
            made.append(_event("X", worker or 0, name=name, ts=begin, dur=took, args=told) + ",\n")
        return made


def _event(phase: str, lane: int, **more: object) -> str:
    return json.dumps({"ph": phase, "pid": 1, "tid": lane, **more})
