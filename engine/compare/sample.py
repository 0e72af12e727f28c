"""Chooses which inputs to measure: spread evenly over all inputs if those are known, else the first ones."""

from __future__ import annotations

from dataclasses import dataclass

from engine.host.inputs import STREAMED
from engine.job import Job

CHUNK_SECONDS = 0.03
"""Adjacent inputs are taken together until they take this long, like a batch of a run."""


@dataclass(frozen=True)
class Sample:
    """`count` tasks of a job: the first ones, or ordered spans (first, stop)."""

    count: int
    spans: list[tuple[int, int]] | None = None

    @property
    def is_spread(self) -> bool:
        return self.spans is not None


def sample(job: Job, total: int | None, count: int, task_seconds: float) -> Sample:
    """`count` of `total` tasks that take about `task_seconds` each."""
    if total is None or count >= total or job.inputs.kind in STREAMED:
        return Sample(count if total is None else min(count, total))
    chunk = min(count, max(1, int(CHUNK_SECONDS / max(task_seconds, 1e-9))))
    pieces = -(-count // chunk)
    spans: list[tuple[int, int]] = []
    for piece in range(pieces):
        size = count * (piece + 1) // pieces - count * piece // pieces
        room = total - count
        first = count * piece // pieces + (room * piece // (pieces - 1) if pieces > 1 else room // 2)
        spans.append((first, first + size))
    return Sample(count, spans)
